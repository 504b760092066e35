// examples/portal-server: what a portal has to write by itself.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { createClient } from "itero-dpms";
import { json } from "../support/faulty-server.mjs";
import { SESSION_SECRET, startRelay } from "../support/relay.mjs";
import { ROOT, rejection, test, within } from "../support/test.mjs";
import { envelope, wirePractice } from "../support/wire.mjs";

const SERVER = join(ROOT, "examples/portal-server/server.mjs");

async function startPortal(t) {
  const child = spawn(process.execPath, [SERVER], {
    env: { ...process.env, PORT: "0", COMPANY_ID: "77", SESSION_SECRETS: SESSION_SECRET },
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill());
  const [url] = await within(once(createInterface({ input: child.stdout }), "line"), 10_000, "the portal to listen");
  return url;
}

test("a user who is signed in gets a session with which the page's client works", async (t) => {
  const portal = await startPortal(t);
  const { edge, api } = await startRelay(t);
  api.answer = () => json(200, envelope(wirePractice()));
  const post = (path, cookie = "") => fetch(portal + path, { method: "POST", headers: { Cookie: cookie } });
  assert.equal((await post("/session")).status, 401, "nobody is signed in");
  assert.equal((await post("/session", "portal=guessed")).status, 401);
  const [cookie] = (await post("/sign-in")).headers.get("set-cookie").split(";");
  const session = async () => (await post("/session", cookie)).text();
  const client = await createClient({
    endpoints: { edgeUrl: edge.url, companyId: 77 },
    accessToken: await session(),
    refresh: session,
  });
  assert.equal(typeof (await client.practiceConfiguration()).companyId, "number");
  const error = await rejection(client.updatePatientByChartNumber({ chartNumber: "C-17", lastName: "Changed" }));
  assert.match(error.message, /patients:write/);
  assert.equal((await fetch(`${portal}/session`)).status, 404);
});

test("npm start shows a page's calls with a session, and ends", async () => {
  const start = join(ROOT, "examples/portal-server/start.mjs");
  const PATH = [join(ROOT, "node_modules/.bin"), process.env.PATH].join(delimiter);
  const { stdout } = await promisify(execFile)(process.execPath, [start], { cwd: ROOT, env: { ...process.env, PATH } });
  assert.match(stdout, /without the practice's token: Sandbox Dental Practice\n( \w+ {2}.+\n){5}$/);
  assert.doesNotMatch(stdout, /eyJ|sandbox-access-token/);
});

test("it is about thirty lines", () => {
  const lines = readFileSync(SERVER, "utf8")
    .split("\n")
    .filter((line) => !/^\s*(\/\/|$)/.test(line));
  assert.ok(lines.length <= 32, `${lines.length}`);
});
