// What the edge function's relay adds to a call of a page to the API, and a download of 200 MB through it, beside the API itself and a
// plain Worker that adds the token and passes everything on.
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSessionToken } from "itero-dpms/webhook";
import workerd from "workerd";

import { DOWNLOAD_BYTES } from "./figures.mjs";
import { takeTurns, withServer } from "./lanes.mjs";
import { isMain, print, ratio } from "./table.mjs";
import { CONFIG, PACKAGED, register, residentKilobytes, start } from "./workerd.mjs";

const PRACTICE = 77;
const SESSION_SECRET = "session-secret-of-thirty-two-byte";

/** Rounds, and the calls of each, one after the other. */
const [ROUNDS, CALLS] = [21, 100];
const DOWNLOADS = 9;

/** How many MB an API sends in a second whose line has 1 Gbit/s. */
const LINE = 125;
const LINE_DOWNLOADS = 5;

const CALL = "orders/a09292aa-8b06-45f9-a73c-000000000000";
const DOWNLOAD = "order/700000/download/IDE";
/** The benchmark's server takes the number of the order for its pace. */
const LINE_DOWNLOAD = `order/${LINE}/download/IDE`;

/** Checks nothing, limits nothing and never renews the token. */
const PLAIN = `
export default {
  fetch(request, env) {
    const { pathname, search } = new URL(request.url);
    return fetch(env.API + pathname + search, { headers: { authorization: "Bearer token" } });
  },
};
export class PracticeInbox {}
`;

/** @returns {Promise<import("./table.mjs").Row[]>} */
export const run = () =>
  withServer(async (api) => {
    const folder = mkdtempSync(join(tmpdir(), "itero-dpms-bench-"));
    const children = [];
    try {
      writeFileSync(join(folder, "plain.js"), PLAIN);
      writeFileSync(join(folder, "plain.capnp"), CONFIG);
      const serve = async (config, env) => {
        const { child, port } = await start(config, mkdtempSync(join(folder, "storage-")), env);
        children.push(child);
        return { port, pid: child.pid };
      };
      const direct = contender("the API itself", { port: Number(new URL(api).port) }, "/api/third-party/v2");
      const plain = contender(
        "a plain Worker that passes it on",
        await serve(join(folder, "plain.capnp"), { API: api }),
        "/api/third-party/v2",
      );
      const edge = await serve(PACKAGED, { SESSION_SECRETS: SESSION_SECRET });
      await register(edge.port, PRACTICE, { endpoints: { baseUrl: api }, accessToken: "token" });
      const session = { companyId: PRACTICE, subject: "user", scopes: ["orders:read", "files:read"] };
      const token = await createSessionToken(session, SESSION_SECRET);
      const ours = contender("itero-dpms/webhook", edge, `/practices/${PRACTICE}/api/v2`, token);
      return [
        ...(await calls(direct, plain, ours)),
        ...(await downloads(direct, plain, ours)),
        ...(await lineDownloads(direct, ours)),
      ];
    } finally {
      for (const child of children) child.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    }
  });

/** Someone who is asked, each time over one connection. */
function contender(who, { port, pid }, prefix, token) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const get = async (path) => {
    const call = request({ port, host: "127.0.0.1", path: `${prefix}/${path}`, agent, headers });
    call.end();
    const [response] = await once(call, "response");
    if (response.statusCode !== 200) throw new Error(`${who}: status ${response.statusCode} for ${path}`);
    let bytes = 0;
    for await (const chunk of response) bytes += chunk.length;
    return bytes;
  };
  return { who, pid, get };
}

async function calls(direct, plain, ours) {
  const contenders = { direct, plain, ours };
  const round = async (name) => {
    const { get } = contenders[name];
    const started = performance.now();
    for (let n = 0; n < CALLS; n++) await get(CALL);
    return (performance.now() - started) / CALLS;
  };
  await takeTurns(Object.keys(contenders), 3, round);
  const figures = await takeTurns(Object.keys(contenders), ROUNDS, round);
  const what = `a call for an order, under workerd ${workerd.version}`;
  const rows = rowsOf(what, "ms", contenders, figures);
  const adds = figures.ours.map((ms, n) => ms - figures.direct[n]);
  return [...rows, { what, who: "what the relay adds", unit: "ms", samples: adds, budget: { atMost: 3 } }];
}

async function downloads(direct, plain, ours) {
  const contenders = { direct, plain, ours };
  const grown = { plain: [], ours: [] };
  const round = async (name) => {
    const { get, pid } = contenders[name];
    const before = pid && residentKilobytes(pid);
    let peak = 0;
    const sampling = setInterval(() => (peak = Math.max(peak, pid ? residentKilobytes(pid) : 0)), 10);
    const speed = await download(get, DOWNLOAD);
    clearInterval(sampling);
    grown[name]?.push(Math.max(0, peak - before) / 1000);
    return speed;
  };
  await takeTurns(Object.keys(contenders), 2, round);
  for (const samples of Object.values(grown)) samples.length = 0;
  const figures = await takeTurns(Object.keys(contenders), DOWNLOADS, round);
  const what = `a download of ${DOWNLOAD_BYTES / 1e6} MB, under workerd ${workerd.version}`;
  const [bare, passed, relayed] = rowsOf(what, "MB/s", contenders, figures);
  const memory = (name) => ({ what, who: `${contenders[name].who}: memory grown`, unit: "MB", samples: grown[name] });
  return [
    bare,
    passed,
    relayed,
    ratio(what, relayed, bare, { atLeast: 0.8 }),
    ratio(what, relayed, passed, { atLeast: 0.8 }),
    memory("plain"),
    { ...memory("ours"), budget: { atMost: 16 } },
  ];
}

/** From an API whose line, and not this machine, sets the pace. */
async function lineDownloads(direct, ours) {
  const contenders = { direct, ours };
  const round = (name) => download(contenders[name].get, LINE_DOWNLOAD);
  const figures = await takeTurns(Object.keys(contenders), LINE_DOWNLOADS, round);
  const what = `a download of ${DOWNLOAD_BYTES / 1e6} MB from an API that sends ${LINE} MB/s`;
  const [bare, relayed] = rowsOf(what, "MB/s", contenders, figures);
  return [bare, relayed, ratio(what, relayed, bare)];
}

const rowsOf = (what, unit, contenders, figures) =>
  Object.entries(contenders).map(([name, { who }]) => ({ what, who, unit, samples: figures[name] }));

/** Downloads 200 MB, and returns how many MB arrived in a second. */
async function download(get, path) {
  const started = performance.now();
  const bytes = await get(path);
  const seconds = (performance.now() - started) / 1000;
  if (bytes !== DOWNLOAD_BYTES) throw new Error(`${bytes} bytes instead of ${DOWNLOAD_BYTES}`);
  return bytes / 1e6 / seconds;
}

if (isMain(import.meta)) print(await run());
