// Lets the example portals run without credentials: starts the sandbox as the API, and the edge function with the sandbox's
// practice. `npm start` puts both commands on the PATH. In production, the edge function is deployed elsewhere: see
// docs/edge.md.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/**
 * @param {typeof import("itero-dpms").createClient} createClient
 * @param {string} page the origin of the portal's pages
 */
export async function startPractice(createClient, page) {
  const [callbackSecret, adminKey, sessionSecret] = Array.from({ length: 3 }, () => randomBytes(32).toString("hex"));
  const storage = mkdtempSync(join(tmpdir(), "itero-dpms-example-"));
  process.once("exit", () => rmSync(storage, { recursive: true, force: true }));

  const edge = run(
    "workerd",
    [
      ...["serve", "node_modules/itero-dpms/workerd.capnp", `--directory-path=storage=${storage}`],
      ...["--socket-addr=http=127.0.0.1:0", "--control-fd=3"],
    ],
    { CALLBACK_SECRETS: callbackSecret, ADMIN_KEY: adminKey, SESSION_SECRETS: sessionSecret, ALLOWED_ORIGINS: page },
  );
  edge.stdout.resume(); // its log
  const edgeUrl = `http://127.0.0.1:${JSON.parse(await firstLine(edge.stdio[3])).port}`;

  const sandbox = run("itero-dpms-sandbox", ["--port", "0", "--callback-url", `${edgeUrl}/callback/${callbackSecret}`]);
  const [, baseUrl, accessToken] = /(http:\S+).*access token: ([^)\s]+)/.exec(await firstLine(sandbox.stdout));
  const client = await createClient({ endpoints: { baseUrl }, accessToken });
  const { companyId, doctors } = await client.practiceConfiguration();
  await send("PUT", `${edgeUrl}/practices/${companyId}`, adminKey, { endpoints: { baseUrl }, accessToken });

  return {
    baseUrl,
    accessToken,
    edgeUrl,
    companyId,
    sessionSecret,
    /** Completes an RX on the scanner; the edge function then has an event for it. */
    async scan() {
      const patient = { patientFirstName: "Ada", patientLastName: "Example", patientChartNumber: "A-1001" };
      const rxId = await client.createScanRequest({ companyId, doctorId: doctors[0].id, ...patient });
      await send("POST", `${baseUrl}/sandbox/complete-scan`, accessToken, { rxId });
    },
  };
}

/** Calls `action` each time Enter is pressed. */
export function onEnter(action) {
  createInterface({ input: process.stdin }).on("line", action);
}

/** Starts a program that ends together with this one. If it fails, this program ends as well. */
export function run(command, args, env = {}) {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit", "pipe"],
  });
  process.once("exit", () => child.kill());
  child.once("error", (error) => exit(error.message));
  child.once("exit", (code) => exit(`${command} ended with ${code}.`));
  return child;
}

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit());

function exit(message) {
  console.error(message);
  process.exit(1);
}

async function firstLine(stream) {
  const [line] = await once(createInterface({ input: stream }), "line");
  return line;
}

async function send(method, url, token, body) {
  const headers = { Authorization: `Bearer ${token}` };
  const response = await fetch(url, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${new URL(url).pathname} responded with ${response.status}`);
}
