// Lets the page read from the edge function, reach the portal's server that makes sessions, and play the scanner of a sandbox. The admin
// key and the practice's token are added here, since a page must never have them. With the key only reads are passed on, and with the
// token only what a scanner, a lab or the network does.
import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import type { Plugin, PreviewServer, ViteDevServer } from "vite";

interface Edge {
  url: string;
  adminKey: string;
  /** The sandbox on this machine that it watches, if any, and the token of its practice. */
  sandboxUrl: string | null;
  sandboxToken?: string;
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

/** The controls of a sandbox that a page may use. They return no token. */
const CONTROLS = ["complete-scan", "order-status", "screen-capture", "fault", "clear-faults"];

const LONGEST_BODY = 16 * 1024;

/**
 * Serves `/edge/`: the running edge function, or 204 if there is none, and below it the edge function's own paths; `/portal/`: where
 * the portal's users find it, or 204, and below it the portal's server; and `/scanner/`: 200 if the edge function watches a sandbox, or
 * 204, and below it the sandbox's controls.
 */
export function edgeProxy(): Plugin {
  const serve = ({ middlewares }: ViteDevServer | PreviewServer): void => {
    for (const [area, respond] of [
      ["/edge", respondForEdge],
      ["/portal", respondForPortal],
      ["/scanner", respondForScanner],
    ] as const) {
      middlewares.use(area, (request, response) => {
        void respond(request).then(({ status, body, headers: more }) => {
          response
            .writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store", ...more })
            .end(body);
        });
      });
    }
  };
  return { name: "edge-proxy", configureServer: serve, configurePreviewServer: serve };
}

async function respondForEdge({ method, url: path = "/" }: IncomingMessage): Promise<Reply> {
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

async function respondForPortal({ method = "", url: path = "/", headers }: IncomingMessage): Promise<Reply> {
  const { cookie = "" } = headers;
  const { url, companyId, portalUrl = null } = (await findEdge()) ?? {};
  if (portalUrl === null) return { status: 204 };
  if (path === "/") return { status: 200, body: JSON.stringify({ edgeUrl: url, companyId: Number(companyId) }) };
  if (method !== "POST" || !POSTS.includes(path)) return { status: 404 };
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(portalUrl + path, { method, headers: { cookie }, redirect: "error", signal });
    const signedIn = response.headers.get("Set-Cookie");
    const passed = { "Content-Type": "text/plain", ...(signedIn !== null && { "Set-Cookie": signedIn }) };
    return { status: response.status, body: await response.text(), headers: passed };
  } catch {
    return { status: 502 };
  }
}

async function respondForScanner(request: IncomingMessage): Promise<Reply> {
  const { method, url: path = "/", headers } = request;
  const { sandboxUrl = null, sandboxToken = "" } = (await findEdge()) ?? {};
  if (sandboxUrl === null) return { status: 204 };
  if (path === "/") return { status: 200, body: "{}" };
  const [, operation = ""] = /^\/sandbox\/([a-z-]+)$/.exec(path) ?? [];
  if (method !== "POST" || !CONTROLS.includes(operation)) return { status: 404 };
  // A page of another site cannot send this without a preflight, which is not answered.
  if (headers["content-type"] !== "application/json") return { status: 415 };
  try {
    const body = await bodyOf(request);
    if (body === null) return { status: 413 };
    const response = await fetch(sandboxUrl.replace(/\/+$/, "") + path, {
      method,
      headers: { Authorization: `Bearer ${sandboxToken}` },
      body,
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, body: await response.text() };
  } catch {
    return { status: 502 };
  }
}

/** Returns the body; null if it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LONGEST_BODY) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Returns the edge function that the environment names (an empty URL means none), or else the one that `make edge` runs. */
async function findEdge(): Promise<Edge | null> {
  const { ITERO_EDGE_URL: url, ADMIN_KEY: adminKey = "", PORTAL_URL: portalUrl = null, COMPANY_ID = "" } = process.env;
  const { SANDBOX_URL: sandboxUrl = null, SANDBOX_TOKEN: sandboxToken = "" } = process.env;
  if (url === "") return null;
  if (url !== undefined || adminKey !== "") {
    return { url: url ?? DEFAULT_URL, adminKey, sandboxUrl, sandboxToken, portalUrl, companyId: COMPANY_ID };
  }
  try {
    return JSON.parse(await readFile(RUNNING, "utf8")) as Edge;
  } catch {
    return null;
  }
}
