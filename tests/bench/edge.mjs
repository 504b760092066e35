// How many callbacks per second the edge function acknowledges under workerd, and how soon the first one after a start, compared
// with a plain Worker and Durable Object that store the same row. They take turns, each in its own process with its storage on disk.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import workerd from "workerd";

import { isMain, print, ratio } from "./table.mjs";
import { CONFIG, PACKAGED, notify, start } from "./workerd.mjs";

const ROUNDS = 41;
const STARTS = 11;
const NOTIFICATIONS = 200;
const AT_ONCE = 32;
const PRACTICES = 50;

/** A hand-written baseline: the same checks, the same row and the same durability, but no merging, no bound and no log. */
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

/** @returns {Promise<import("./table.mjs").Row[]>} */
export async function run() {
  const folder = mkdtempSync(join(tmpdir(), "itero-dpms-bench-"));
  const children = [];
  try {
    writeFileSync(join(folder, "plain.js"), PLAIN);
    writeFileSync(join(folder, "plain.capnp"), CONFIG);
    const what = `callbacks acknowledged under workerd ${workerd.version}, of ${PRACTICES} practices`;
    const contender = async (who, config) => {
      const { child, port } = await start(config, mkdtempSync(join(folder, "storage-")));
      children.push(child);
      return { config, port, row: { what, who, unit: "/s", samples: [] } };
    };
    const plain = await contender("a plain Durable Object", join(folder, "plain.capnp"));
    const ours = await contender("itero-dpms/webhook", PACKAGED);
    for (const { port } of [plain, ours]) await round(port);
    for (let n = 0; n < ROUNDS; n++) {
      // In turns, and each first equally often, so that other load on the machine affects both alike.
      for (const { port, row } of n % 2 ? [plain, ours] : [ours, plain]) row.samples.push(await round(port));
    }
    const acknowledged = [plain.row, ours.row, ratio(what, ours.row, plain.row, { atLeast: 0.85 })];
    return [...acknowledged, ...(await coldStarts(folder, [plain, ours]))];
  } finally {
    for (const child of children) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How long the first callback takes in a process that has just started: the module is instantiated, the table made. */
async function coldStarts(folder, contenders) {
  const what = `the first callback after a start, under workerd ${workerd.version}`;
  const rows = contenders.map(({ row }) => ({ what, who: row.who, unit: "ms", samples: [] }));
  for (let n = 0; n < STARTS; n++) {
    for (const [at, { config }] of contenders.entries()) {
      const { child, port } = await start(config, mkdtempSync(join(folder, "storage-")));
      const agent = new Agent();
      const started = performance.now();
      await notify(port, agent, sent++, 1000);
      rows[at].samples.push(performance.now() - started);
      agent.destroy();
      child.kill("SIGKILL");
    }
  }
  return rows;
}

let sent = 0;

/** Sends notifications of new RXs and returns how many were acknowledged per second. */
async function round(port) {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const end = sent + NOTIFICATIONS;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (sent < end) {
        const n = sent++;
        await notify(port, agent, n, 1000 + (n % PRACTICES));
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  return NOTIFICATIONS / seconds;
}

if (isMain(import.meta)) print(await run());
