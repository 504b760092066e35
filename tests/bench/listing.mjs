// Walking 100 pages of an API with a latency of 50 ms: by a consumer that takes just as long for each page, and by one that takes no time,
// for whom pages are fetched ahead.
import { setTimeout as sleep } from "node:timers/promises";

import { LATENCY_MS, PAGE_ROWS, ROWS } from "./figures.mjs";
import { nodeLane, withServer } from "./lanes.mjs";
import { wasmBytes, watchedClient } from "./memory.mjs";
import { isMain, print, ratio } from "./table.mjs";

const ROUNDS = 3;
const SERIAL = "serial loop of fetch + JSON.parse";
const OURS = "itero-dpms orders()";
const AHEAD = `${OURS}, pagesAhead: 4`;

/** @type {Record<string, import("./lanes.mjs").Contender>} */
export const contenders = {
  [SERIAL]: (origin) => () => walk(serial(origin), LATENCY_MS),
  [OURS]: ours(LATENCY_MS),
  [`${SERIAL}, no work per row`]: (origin) => () => walk(serial(origin), 0),
  [`${OURS}, no work per row`]: ours(0),
  [`${AHEAD}, no work per row`]: ours(0, { pagesAhead: 4 }),
};

function ours(workMs, options) {
  return async (origin) => {
    const client = await watchedClient({ endpoints: { baseUrl: origin }, accessToken: "token" });
    return () => walk(client.orders(null, options), workMs);
  };
}

async function* serial(origin) {
  for (let offset = 0, more = true; more; offset += PAGE_ROWS) {
    const url = `${origin}/api/third-party/v2/orders/practice?Offset=${offset}&pageSize=${PAGE_ROWS}`;
    const { Data } = JSON.parse(await (await fetch(url)).text());
    more = Data.HasMore;
    yield* Data.Results;
  }
}

/** Walks the rows like a consumer that stores one page at a time. */
async function walk(rows, workMs) {
  const started = performance.now();
  const marks = [];
  let count = 0;
  for await (const _ of rows) {
    if (++count % PAGE_ROWS === 0 && workMs > 0) await sleep(workMs);
    if (count === 0.1 * ROWS || count === 0.9 * ROWS) marks.push(memory());
  }
  if (count !== ROWS) throw new Error(`${count} rows instead of ${ROWS}`);
  const ms = performance.now() - started;
  const [before, after] = marks;
  return { ms, heap: after.heap - before.heap, wasm: after.wasm - before.wasm };
}

function memory() {
  globalThis.gc();
  return { heap: process.memoryUsage().heapUsed / 1e6, wasm: wasmBytes() / 1e6 };
}

/** Runs all at the same time, since each does almost nothing but wait. @returns {Promise<import("./table.mjs").Row[]>} */
export const run = () =>
  withServer(async (origin) => {
    const names = Object.keys(contenders);
    const lanes = await Promise.all(names.map((name) => nodeLane(import.meta.url, name, origin)));
    const rounds = [];
    while (rounds.length < ROUNDS) rounds.push(await Promise.all(lanes.map((lane) => lane.round())));
    await Promise.all(lanes.map((lane) => lane.close()));

    const what = `100 pages of ${PAGE_ROWS} orders, ${LATENCY_MS} ms latency`;
    const times = names.map((who, lane) => ({ what, who, unit: "ms", samples: rounds.map((round) => round[lane].ms) }));
    const [serial, ours, idle, , ahead] = times;
    const growth = (kind, atMost) => ({
      what: "memory grown from page 10 to page 90",
      who: `${OURS}, ${kind === "wasm" ? "WebAssembly" : "JavaScript"}`,
      unit: "MB",
      samples: rounds.map((round) => round[1][kind]),
      budget: { atMost },
    });
    return [
      ...times,
      { ...ratio(what, serial, ours, { atLeast: 1.8 }), who: "how much faster orders() is" },
      { ...ratio(what, idle, ahead, { atLeast: 2 }), who: "how much faster pagesAhead: 4 is, no work per row" },
      growth("heap", 1),
      growth("wasm", 1),
    ];
  });

if (isMain(import.meta)) print(await run());
