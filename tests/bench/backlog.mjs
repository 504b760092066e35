// What it costs to fetch the orders and to deliver the events that wait for one practice, per event: the same however many wait. The
// API answers nothing until all callbacks are acknowledged, and then everything at once.
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import workerd from "workerd";

import { within } from "../js/support/test.mjs";
import { envelope, wireOrder, wirePage } from "../js/support/wire.mjs";
import { isMain, print, ratio } from "./table.mjs";
import { PACKAGED, notify, register, start } from "./workerd.mjs";

const PRACTICE = 77;
const ROUNDS = 2;
const AT_ONCE = 8;

/** How many wait: few, and the most that may. */
const [FEW, MANY] = [200, 10_000];

/** So long they may take. */
const LONGEST_MS = 180_000;

/** Of the kernel's clock. */
const TICK_MS = 10;

/** @returns {Promise<import("./table.mjs").Row[]>} */
export async function run() {
  const what = `CPU time from a callback on to its delivered event, under workerd ${workerd.version}`;
  const row = (count) => ({ what, who: `${count.toLocaleString("en")} wait`, unit: "ms", samples: [] });
  const [few, many] = [row(FEW), row(MANY)];
  for (let round = 0; round < ROUNDS; round++) {
    few.samples.push(await drained(FEW));
    many.samples.push(await drained(MANY));
  }
  return [few, many, ratio(what, many, few, { atMost: 1.2 })];
}

/** The milliseconds of CPU time that each of so many events takes. */
async function drained(count) {
  const storage = mkdtempSync(join(tmpdir(), "itero-dpms-bench-"));
  const practice = await startPractice(count);
  const { child, port } = await start(PACKAGED, storage);
  try {
    const { origin } = practice;
    const deliverTo = { url: `${origin}/consumer`, secret: "whsec_c2VjcmV0LW9mLXRoZS1jb25zdW1lci1zZWM=" };
    await register(port, PRACTICE, { endpoints: { baseUrl: origin }, accessToken: "token", deliverTo });
    await notifyAll(port, count);
    const before = cpuMs(child.pid);
    practice.open();
    await within(practice.delivered, LONGEST_MS, "the events to be delivered");
    return (cpuMs(child.pid) - before) / count;
  } finally {
    child.kill("SIGKILL");
    practice.server.closeAllConnections();
    practice.server.close();
    rmSync(storage, { recursive: true, force: true });
  }
}

/** An API that has every order, lists none and answers once it is open, and a consumer that waits for so many events. */
async function startPractice(count) {
  let open = () => {};
  const opened = new Promise((resolve) => (open = () => resolve(undefined)));
  let done = () => {};
  const delivered = new Promise((resolve) => (done = () => resolve(undefined)));
  let left = count;
  const server = createServer(async (incoming, response) => {
    incoming.resume();
    const { pathname } = new URL(incoming.url ?? "/", "http://127.0.0.1");
    if (pathname === "/consumer") {
      response.writeHead(204).end();
      if (--left === 0) done();
      return;
    }
    const rxId = pathname.split("/").at(-1) ?? "";
    if (rxId !== "practice") await opened;
    const order = () =>
      wireOrder({ RxId: rxId, CompanyId: PRACTICE, OrderId: Number.parseInt(rxId.slice(-6), 16) + 1 });
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(rxId === "practice" ? wirePage([]) : envelope(order())));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { server, origin: `http://127.0.0.1:${port}`, open, delivered };
}

async function notifyAll(port, count) {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  let sent = 0;
  const sender = async () => {
    while (sent < count) await notify(port, agent, sent++, PRACTICE);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
  agent.destroy();
}

/** The CPU time of a process so far. */
function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

if (isMain(import.meta)) print(await run());
