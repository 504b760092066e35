// How soon an event is at each of 1,000 sockets of one practice under workerd, from the callback on, and the memory that they take,
// beside a plain Durable Object whose sockets hibernate too, which sends what it is posted to all of them.
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createSessionToken } from "itero-dpms/webhook";
import workerd from "workerd";

import { WebSocket } from "../js/support/web-socket.mjs";
import { envelope, wireOrder, wirePage } from "../js/support/wire.mjs";
import { isMain, print } from "./table.mjs";
import { CONFIG, PACKAGED, register, residentKilobytes, rxIdOf, start } from "./workerd.mjs";

const SOCKETS = 1_000;
const USERS = 8;
const ROUNDS = 15;
const PRACTICE = 77;
const SESSION_SECRET = "session-secret-of-thirty-two-byte";

/** What is posted is stored and sent to every socket. Nobody resumes, is slow, or has to be admitted. */
const PLAIN = `
export default {
  fetch: (request, env) => env.PRACTICES.get(env.PRACTICES.idFromName("chat")).fetch(request),
};
export class PracticeInbox {
  constructor(state) {
    this.state = state;
    state.storage.sql.exec("CREATE TABLE IF NOT EXISTS rows (seq INTEGER PRIMARY KEY, value TEXT NOT NULL)");
    state.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }
  async fetch(request) {
    if (request.headers.get("upgrade") === "websocket") {
      const [client, server] = Object.values(new WebSocketPair());
      this.state.acceptWebSocket(server);
      server.send("hello");
      return new Response(null, { status: 101, webSocket: client });
    }
    const text = await request.text();
    this.state.storage.sql.exec("INSERT INTO rows (value) VALUES (?)", text);
    await this.state.storage.sync();
    for (const socket of this.state.getWebSockets()) socket.send(text);
    return new Response(null, { status: 202 });
  }
  webSocketMessage() {}
  webSocketClose(socket) { socket.close(); }
}
`;

/** @returns {Promise<import("./table.mjs").Row[]>} */
export async function run() {
  const folder = mkdtempSync(join(tmpdir(), "itero-dpms-bench-"));
  const api = await startApi();
  const children = [];
  try {
    writeFileSync(join(folder, "plain.js"), PLAIN);
    writeFileSync(join(folder, "plain.capnp"), CONFIG);
    const measure = async (config, connect) => {
      const env = { SESSION_SECRETS: SESSION_SECRET };
      const { child, port } = await start(config, mkdtempSync(join(folder, "storage-")), env);
      children.push(child);
      return measured(child.pid, await connect(port, api));
    };
    const plain = await measure(join(folder, "plain.capnp"), connectPlain);
    const ours = await measure(PACKAGED, connectOurs);
    const who = { plain: "a plain Durable Object", ours: "itero-dpms/webhook" };
    const soon = `an event at all of ${SOCKETS} sockets of a practice, under workerd ${workerd.version}`;
    const memory = "memory that each of them takes";
    const more = ours.kilobytes - plain.kilobytes;
    return [
      { what: soon, who: who.plain, unit: "ms", samples: plain.times },
      {
        what: soon,
        who: `${who.ours}, from the callback on`,
        unit: "ms",
        samples: ours.times,
        budget: { atMost: 250 },
      },
      { what: memory, who: who.plain, unit: "KB", samples: [plain.kilobytes] },
      { what: memory, who: who.ours, unit: "KB", samples: [ours.kilobytes] },
      // Of the platform's own share nothing can be saved here.
      { what: memory, who: `${who.ours}, more than that`, unit: "KB", samples: [more], budget: { atMost: 20 } },
    ];
  } finally {
    for (const child of children) child.kill("SIGKILL");
    api.server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Opens the sockets, has events sent to them, and sees what they take. */
async function measured(pid, { url, protocols, happen }) {
  await happen(0); // whatever is only made for the first
  const before = residentKilobytes(pid);
  const sockets = await Promise.all(Array.from({ length: SOCKETS }, (_, n) => opened(url, protocols(n))));
  await sleep(500);
  const kilobytes = (residentKilobytes(pid) - before) / SOCKETS;
  const times = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const everywhere = Promise.all(sockets.map((socket) => once(socket, "event")));
    const started = performance.now();
    await happen(round);
    await everywhere;
    times.push(performance.now() - started);
    await sleep(50); // the acknowledgements
  }
  for (const socket of sockets) socket.destroy();
  return { times, kilobytes };
}

/** A socket that has had its first message. It acknowledges each event. */
async function opened(url, protocols) {
  const socket = new WebSocket(url, protocols);
  let isFirst = true;
  const first = new Promise((resolve, reject) => {
    socket.addEventListener("close", ({ code }) => reject(new Error(`closed with ${code}`)));
    socket.addEventListener("message", ({ data }) => {
      if (isFirst) resolve(undefined);
      else socket.dispatchEvent(new Event("event"));
      isFirst = false;
      const [, seq] = /"seq":(\d+)/.exec(data) ?? [];
      if (seq !== undefined) socket.send(`{"type":"ack","seq":${seq}}`);
    });
  });
  first.catch(() => {});
  await first;
  return socket;
}

function connectPlain(port) {
  const url = `http://127.0.0.1:${port}/`;
  const event = JSON.stringify({ type: "events", events: [{ seq: 1, text: "x".repeat(350) }] });
  return {
    url: `ws://127.0.0.1:${port}/`,
    protocols: () => [],
    happen: async () => void (await (await fetch(url, { method: "POST", body: event })).text()),
  };
}

async function connectOurs(port, { baseUrl }) {
  const url = `http://127.0.0.1:${port}`;
  await register(port, PRACTICE, { endpoints: { baseUrl }, accessToken: "token" });
  const sessionOf = (user) =>
    createSessionToken({ companyId: PRACTICE, subject: `user-${user}`, scopes: ["events:read"] }, SESSION_SECRET);
  const tokens = await Promise.all(Array.from({ length: USERS }, (_, user) => sessionOf(user)));
  await sleep(500); // the first comparison with the list of orders
  return {
    // Their first message is the only one until something happens.
    url: `ws://127.0.0.1:${port}/practices/${PRACTICE}/events/live?after=1`,
    protocols: (n) => ["itero-dpms.v1", `bearer.${tokens[n % USERS]}`],
    happen: async (n) => {
      const body = JSON.stringify({ Id: rxIdOf(n), CompanyId: String(PRACTICE) });
      const response = await fetch(`${url}/callback/secret`, { method: "POST", body });
      if (response.status !== 202) throw new Error(`status ${response.status}`);
      if (n === 0) await sleep(500); // so that it is recorded before sockets are opened
    },
  };
}

/** An API that has every order, and lists none. */
async function startApi() {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
    const rxId = pathname.split("/").at(-1) ?? "";
    const order = wireOrder({ RxId: rxId, CompanyId: PRACTICE, OrderId: Number.parseInt(rxId.slice(-6), 16) + 1 });
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(rxId === "practice" ? wirePage([]) : envelope(order)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { server, baseUrl: `http://127.0.0.1:${port}` };
}

if (isMain(import.meta)) print(await run());
