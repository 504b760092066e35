// How many callbacks a second the edge function acknowledges under workerd, beside a plain Worker and Durable Object that store
// the same row. Both in turn, in processes of their own, with their storage on disk.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import workerd from "workerd";

const ROUNDS = 41;
const NOTIFICATIONS = 200;
const AT_ONCE = 32;
const PRACTICES = 50;
const BUDGET = 0.8;

/** What one would write by hand: the same checks, the same row, the same durability; no merging, no bound, no log. */
const PLAIN = `
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const [, area, secret] = pathname.split("/");
    if (area !== "callback" || secret !== env.CALLBACK_SECRETS) return new Response(null, { status: 404 });
    const { Id, CompanyId } = await request.json();
    if (!GUID.test(Id) || !/^[0-9]+$/.test(CompanyId)) return new Response(null, { status: 400 });
    const inbox = env.PRACTICES.get(env.PRACTICES.idFromName(CompanyId));
    return inbox.fetch("https://inbox.invalid/", { method: "POST", body: JSON.stringify({ rxId: Id.toLowerCase() }) });
  },
};
export class PracticeInbox {
  constructor(state) {
    this.storage = state.storage;
    this.storage.sql.exec("CREATE TABLE IF NOT EXISTS rows (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID");
  }
  async fetch(request) {
    const { rxId } = await request.json();
    const now = Date.now();
    const work = { notified_at: now, since: now, notifications: 1, tries: 0, due: now };
    this.storage.sql.exec("INSERT INTO rows VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", "fetch/" + rxId, JSON.stringify(work));
    await this.storage.sync();
    return Response.json({ accepted: true }, { status: 202 });
  }
}
`;

const CONFIG = `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "webhook", worker = .webhook), (name = "storage", disk = (path = "storage", writable = true))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "webhook")],
);
const webhook :Workerd.Worker = (
  modules = [(name = "plain.js", esModule = embed "plain.js")],
  compatibilityDate = "2026-04-01",
  bindings = [
    (name = "PRACTICES", durableObjectNamespace = "PracticeInbox"),
    (name = "CALLBACK_SECRETS", fromEnvironment = "CALLBACK_SECRETS"),
  ],
  durableObjectNamespaces = [(className = "PracticeInbox", uniqueKey = "plain", enableSql = true)],
  durableObjectStorage = (localDisk = "storage"),
);
`;

const folder = mkdtempSync(join(tmpdir(), "itero-dpms-bench-"));
const children = [];
process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});
writeFileSync(join(folder, "plain.js"), PLAIN);
writeFileSync(join(folder, "plain.capnp"), CONFIG);

const contenders = [
  { name: "a plain Durable Object", port: await start(join(folder, "plain.capnp")), rates: [] },
  { name: "itero-dpms/webhook", port: await start(packaged("workerd.capnp")), rates: [] },
];

let sent = 0;
for (const { port } of contenders) await round(port);
for (let n = 0; n < ROUNDS; n++) {
  // In turn, and each first as often as the other: what else the machine does falls on both.
  for (const { port, rates } of n % 2 ? contenders : contenders.toReversed()) rates.push(await round(port));
}
console.log(`callbacks acknowledged per second under workerd, medians of ${ROUNDS} rounds of ${NOTIFICATIONS}:`);
const median = (values) => values.toSorted((a, b) => a - b)[(values.length - 1) / 2];
for (const { name, rates } of contenders) {
  const range = `${Math.min(...rates).toFixed(0)} to ${Math.max(...rates).toFixed(0)}`;
  console.log(`  ${name.padEnd(24)} ${median(rates).toFixed(0).padStart(6)}   (${range})`);
}
// Of each round, which both ran under the same conditions.
const ratios = contenders[1].rates.map((rate, at) => rate / contenders[0].rates[at]);
console.log(`  ratio ${median(ratios).toFixed(2)}, budget ${BUDGET} or more`);
process.exit();

function packaged(name) {
  return fileURLToPath(new URL(`../../pkg/${name}`, import.meta.url));
}

/** Sends notifications of new RXs; how many a second were acknowledged. */
async function round(port) {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const end = sent + NOTIFICATIONS;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (sent < end) await notify(port, agent, sent++);
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  return NOTIFICATIONS / seconds;
}

/** Over node:http, whose own cost is a fraction of fetch's: the server is what is measured. */
async function notify(port, agent, n) {
  const rxId = `5d0f2c4e-9a1b-4c3d-8e7f-${n.toString(16).padStart(12, "0")}`;
  const body = JSON.stringify({ Id: rxId, CompanyId: String(1000 + (n % PRACTICES)) });
  const headers = { "Content-Type": "application/json", "Content-Length": body.length };
  const call = request({ port, host: "127.0.0.1", path: "/callback/secret", method: "POST", agent, headers });
  call.end(body);
  const [response] = await once(call, "response");
  response.resume();
  await once(response, "end");
  if (response.statusCode !== 202) throw new Error(`answered ${response.statusCode}`);
}

async function start(config) {
  const storage = mkdtempSync(join(folder, "storage-"));
  const args = [
    "serve",
    config,
    "--control-fd=3",
    "--socket-addr=http=127.0.0.1:0",
    `--directory-path=storage=${storage}`,
  ];
  const child = spawn(workerd.default, args, {
    stdio: ["ignore", "ignore", "inherit", "pipe"],
    env: { CALLBACK_SECRETS: "secret", ADMIN_KEY: "key" },
  });
  children.push(child);
  const [line] = await once(createInterface({ input: child.stdio[3] }), "line");
  return JSON.parse(line).port;
}
