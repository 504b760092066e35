// Serves a folder on 127.0.0.1 as a strict web host would.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/** Only the page's own files may run, without `eval`, and workers that they make; beyond that WebAssembly may be compiled. */
const policy = (connectTo) =>
  `default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'nonce-test'; worker-src 'self' blob:; connect-src 'self' ${connectTo}`;

/**
 * @param {string} folder
 * @param {string} connectTo the other origins that the page may call
 * @param {number} [port]
 */
export async function servePage(folder, connectTo, port = 0) {
  /** @type {string[]} */
  const requested = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://page.invalid");
    requested.push(pathname);
    const file = join(folder, normalize(pathname === "/" ? "/index.html" : pathname));
    const body = await readFile(file).catch(() => null);
    response.writeHead(body === null ? 404 : 200, {
      "Content-Type": TYPES[extname(file)] ?? "text/plain",
      "Content-Security-Policy": policy(connectTo),
    });
    response.end(body ?? "");
  });
  await new Promise((ready) => server.listen(port, "127.0.0.1", ready));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    requested,
    async close() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}
