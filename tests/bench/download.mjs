// A download of 200 MB from 127.0.0.1, read as a stream, compared with plain fetch.
import { DOWNLOAD_BYTES } from "./figures.mjs";
import { interleave, nodeLane, withServer } from "./lanes.mjs";
import { jsBytes, wasmBytes, watchedClient } from "./memory.mjs";
import { isMain, print, ratio } from "./table.mjs";

const FETCH = "fetch";
const OURS = "itero-dpms downloadScan";

/** @type {Record<string, import("./lanes.mjs").Contender>} */
export const contenders = {
  [FETCH]: (origin) => () => measured(() => fetch(`${origin}/api/third-party/v2/order/700000/download/IDE`)),
  [OURS]: async (origin) => {
    const client = await watchedClient({ endpoints: { baseUrl: origin }, accessToken: "token" });
    return () => measured(() => client.downloadScan(700000, "IDE"));
  },
};

async function measured(download) {
  globalThis.gc();
  const before = { js: jsBytes(), wasm: wasmBytes() };
  let peak = 0;
  let bytes = 0;
  let chunks = 0;
  const started = performance.now();
  const response = await download();
  for await (const chunk of response.body) {
    bytes += chunk.length;
    if (++chunks % 200 === 0) peak = Math.max(peak, jsBytes());
  }
  const seconds = (performance.now() - started) / 1000;
  if (bytes !== DOWNLOAD_BYTES) throw new Error(`${bytes} bytes instead of ${DOWNLOAD_BYTES}`);
  return { rate: bytes / 1e6 / seconds, js: (peak - before.js) / 1e6, wasm: (wasmBytes() - before.wasm) / 1e6 };
}

/** @returns {Promise<import("./table.mjs").Row[]>} */
export const run = () =>
  withServer(async (origin) => {
    const open = (name) => nodeLane(import.meta.url, name, origin);
    const figures = await interleave([FETCH, OURS], open, { starts: 3, warmUp: 6, rounds: 10 });
    const what = `download of ${DOWNLOAD_BYTES / 1e6} MB, Node ${process.versions.node}`;
    const row = (who, unit, figure) => ({ what, who, unit, samples: figures[who].map((each) => each[figure]) });
    const [bare, ours] = [FETCH, OURS].map((who) => row(who, "MB/s", "rate"));
    const peak = (who) => ({ ...row(who, "MB", "js"), who: `${who}: JavaScript memory at its peak` });
    const wasm = { ...row(OURS, "MB", "wasm"), who: `${OURS}: WebAssembly memory grown`, budget: { atMost: 0 } };
    return [bare, ours, ratio(what, ours, bare, { atLeast: 0.95 }), peak(FETCH), peak(OURS), wasm];
  });

if (isMain(import.meta)) print(await run());
