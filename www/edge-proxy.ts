// Lets the page read from the edge function. The admin key is added here, since a page must never have it, and only read
// requests are passed on.
import { readFile } from "node:fs/promises";
import type { Plugin, PreviewServer, ViteDevServer } from "vite";

interface Edge {
  url: string;
  adminKey: string;
  /** The sandbox on this machine that it watches, if any. */
  sandboxUrl: string | null;
}

const DEFAULT_URL = "http://127.0.0.1:8787";

/** Written by `make edge` and removed when it exits. */
const RUNNING = new URL("../target/edge/edge.json", import.meta.url);

/** A practice's state and its events. */
const READABLE = /^\/practices\/[\w-]+(\/events)?(\?|$)/;

const TIMEOUT_MS = 10_000;

/** Serves `/edge/`: the running edge function, or 204 if there is none, and below it the edge function's own paths. */
export function edgeProxy(): Plugin {
  const serve = ({ middlewares }: ViteDevServer | PreviewServer): void => {
    middlewares.use("/edge", (request, response) => {
      void respond(request.method ?? "", request.url ?? "/").then(({ status, body }) => {
        response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" }).end(body);
      });
    });
  };
  return { name: "edge-proxy", configureServer: serve, configurePreviewServer: serve };
}

async function respond(method: string, path: string): Promise<{ status: number; body?: string }> {
  if (method !== "GET") return { status: 405 };
  const edge = await findEdge();
  if (edge === null) return { status: 204 };
  if (path === "/") return { status: 200, body: JSON.stringify({ sandboxUrl: edge.sandboxUrl }) };
  if (!READABLE.test(path)) return { status: 404 };
  try {
    const response = await fetch(edge.url.replace(/\/+$/, "") + path, {
      headers: { Authorization: `Bearer ${edge.adminKey}` },
      redirect: "error", // the key is for no other server
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, body: await response.text() };
  } catch (error) {
    const late = error instanceof DOMException && error.name === "TimeoutError";
    return { status: late ? 504 : 204 };
  }
}

/** Returns the edge function that the environment names (an empty URL means none), or else the one that `make edge` runs. */
async function findEdge(): Promise<Edge | null> {
  const { ITERO_EDGE_URL: url, ADMIN_KEY: adminKey = "" } = process.env;
  if (url === "") return null;
  if (url !== undefined || adminKey !== "") return { url: url ?? DEFAULT_URL, adminKey, sandboxUrl: null };
  try {
    return JSON.parse(await readFile(RUNNING, "utf8")) as Edge;
  } catch {
    return null;
  }
}
