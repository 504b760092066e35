// The benchmark's server on 127.0.0.1, in its own process: an API with latency, and the bundles.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";

import { createSandbox } from "itero-dpms/sandbox";

import { DOWNLOAD_BYTES, LATENCY_MS, PAGE_ROWS, ROWS } from "./figures.mjs";

const BUNDLES = fileURLToPath(new URL("../../target/bench/", import.meta.url));
const TYPES = {
  ".js": "text/javascript",
  ".wasm": "application/wasm",
  ".html": "text/html",
  ".json": "application/json",
};
// In an isolated page, Chromium's clock has a resolution of 5 µs instead of 100.
const ISOLATED = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

const orders = await sandboxOrders();
const single = JSON.stringify({ Data: order(0), Status: 1 });
const files = {
  "/page.html": "<!doctype html><title>benchmark</title>",
  "/orders.json": list(0, 1024),
  "/order.json": single,
  [`/api/third-party/v2/orders/${order(0).RxId}`]: single,
};

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://127.0.0.1");
  if (pathname.endsWith("/orders/practice")) {
    const page = list(Number(searchParams.get("Offset")), Number(searchParams.get("pageSize") ?? PAGE_ROWS));
    await sleep(LATENCY_MS);
    send(response, "application/json", page);
  } else if (pathname.includes("/download/")) {
    response.writeHead(200, { "Content-Type": "application/zip", "Content-Length": DOWNLOAD_BYTES });
    const order = Number(/\/order\/(\d+)\//.exec(pathname)?.[1] ?? Infinity);
    stream(response, DOWNLOAD_BYTES, order < 1_000 ? order * 1e6 : Infinity);
  } else {
    const body = files[pathname] ?? (await readFile(join(BUNDLES, pathname)).catch(() => null));
    if (body === null) response.writeHead(404).end();
    else send(response, TYPES[extname(pathname)] ?? "application/json", body);
  }
});
process.on("disconnect", () => process.exit()); // the benchmark was stopped
server.listen(0, "127.0.0.1", () => process.send(`http://127.0.0.1:${server.address().port}`));

function send(response, type, body) {
  const length = Buffer.byteLength(body);
  response.writeHead(200, { ...ISOLATED, "Content-Type": type, "Content-Length": length, "Cache-Control": "no-store" });
  response.end(body);
}

/** Writes a body, at most so many bytes in a second. */
function stream(response, length, pace) {
  const piece = Buffer.alloc(1 << 18, 7);
  const started = performance.now();
  let sent = 0;
  const write = () => {
    while (sent < length) {
      const early = (sent / pace) * 1000 - (performance.now() - started);
      if (early > 1) return void setTimeout(write, early);
      const next = piece.subarray(0, length - sent);
      sent += next.length;
      if (!response.write(next)) return void response.once("drain", write);
    }
    response.end();
  };
  write();
}

async function sandboxOrders() {
  const { fetch, endpoints, accessToken } = await createSandbox();
  const response = await fetch(`${endpoints.baseUrl}/api/third-party/v2/orders/practice?Offset=0&pageSize=1024`, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  return (await response.json()).Data;
}

/** The sandbox's orders, repeated with other ids. */
function order(at) {
  const { Results } = orders;
  const tail = at.toString(16).padStart(12, "0");
  return { ...Results[at % Results.length], RxId: `a09292aa-8b06-45f9-a73c-${tail}`, OrderId: 700_000 + at };
}

function list(offset, pageSize) {
  const end = Math.min(offset + pageSize, ROWS);
  const Results = Array.from({ length: Math.max(0, end - offset) }, (_, at) => order(offset + at));
  return JSON.stringify({ Data: { ...orders, Results, HasMore: end < ROWS }, Status: 1 });
}
