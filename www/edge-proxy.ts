// Lets the page read from the edge function, and reach the portal's server that makes sessions. The admin key is added here, since a
// page must never have it, and only read requests are passed on with it.
import { readFile } from "node:fs/promises";
import type { Plugin, PreviewServer, ViteDevServer } from "vite";

interface Edge {
  url: string;
  adminKey: string;
  /** The sandbox on this machine that it watches, if any. */
  sandboxUrl: string | null;
  /** The server that makes sessions for the practice's users, if any. */
  portalUrl?: string | null;
  companyId?: string;
}

interface Reply {
  status: number;
  body?: string;
  headers?: Record<string, string>;
}

const DEFAULT_URL = "http://127.0.0.1:8787";

/** Written by `make edge` and removed when it exits. */
const RUNNING = new URL("../target/edge/edge.json", import.meta.url);

/** A practice's state and its events. */
const READABLE = /^\/practices\/[\w-]+(\/events)?(\?|$)/;

const TIMEOUT_MS = 10_000;

/** What a page may post to the portal's server. */
const POSTS = ["/sign-in", "/session"];

/**
 * Serves `/edge/`: the running edge function, or 204 if there is none, and below it the edge function's own paths; and `/portal/`: where
 * the portal's users find it, or 204, and below it the portal's server.
 */
export function edgeProxy(): Plugin {
  const serve = ({ middlewares }: ViteDevServer | PreviewServer): void => {
    for (const [area, respond] of [
      ["/edge", respondForEdge],
      ["/portal", respondForPortal],
    ] as const) {
      middlewares.use(area, (request, response) => {
        const { method = "", url = "/", headers } = request;
        void respond(method, url, headers.cookie ?? "").then(({ status, body, headers: more }) => {
          response
            .writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store", ...more })
            .end(body);
        });
      });
    }
  };
  return { name: "edge-proxy", configureServer: serve, configurePreviewServer: serve };
}

async function respondForEdge(method: string, path: string): Promise<Reply> {
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

async function respondForPortal(method: string, path: string, cookie: string): Promise<Reply> {
  const { url, companyId, portalUrl = null } = (await findEdge()) ?? {};
  if (portalUrl === null) return { status: 204 };
  if (path === "/") return { status: 200, body: JSON.stringify({ edgeUrl: url, companyId: Number(companyId) }) };
  if (method !== "POST" || !POSTS.includes(path)) return { status: 404 };
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(portalUrl + path, { method, headers: { cookie }, redirect: "error", signal });
    const signedIn = response.headers.get("Set-Cookie");
    const headers = { "Content-Type": "text/plain", ...(signedIn !== null && { "Set-Cookie": signedIn }) };
    return { status: response.status, body: await response.text(), headers };
  } catch {
    return { status: 502 };
  }
}

/** Returns the edge function that the environment names (an empty URL means none), or else the one that `make edge` runs. */
async function findEdge(): Promise<Edge | null> {
  const { ITERO_EDGE_URL: url, ADMIN_KEY: adminKey = "", PORTAL_URL: portalUrl = null, COMPANY_ID = "" } = process.env;
  if (url === "") return null;
  if (url !== undefined || adminKey !== "") {
    return { url: url ?? DEFAULT_URL, adminKey, sandboxUrl: null, portalUrl, companyId: COMPANY_ID };
  }
  try {
    return JSON.parse(await readFile(RUNNING, "utf8")) as Edge;
  } catch {
    return null;
  }
}
