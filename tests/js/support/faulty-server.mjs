// An HTTP server on 127.0.0.1 that responds as scripted and records its requests.
import { createServer } from "node:http";
import { within } from "./test.mjs";

const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": "Content-Length, Content-Encoding, Retry-After",
};
const PREFLIGHT = {
  ...CORS,
  "Access-Control-Allow-Headers": "authorization, content-type",
  "Access-Control-Allow-Methods": "GET, POST, PATCH, DELETE, OPTIONS",
};

/**
 * @typedef {{ method: string, path: string, query: URLSearchParams, url: string, body: string, at: number,
 *   headers: import("node:http").IncomingHttpHeaders, closed: Promise<void> }} SeenRequest
 * @typedef {(response: import("node:http").ServerResponse, request: SeenRequest) => unknown} Step
 * @typedef {Step[] | ((request: SeenRequest, index: number) => Step | Promise<Step>)} Script
 */

/**
 * Starts the server. A list has one step per request, a function chooses the step. A request beyond the list gets a 599,
 * which no client retries and no test expects. CORS preflights are handled separately and not counted.
 * @param {Script} script
 */
export async function startFaultyServer(script) {
  /** @type {SeenRequest[]} */
  const requests = [];
  /** @type {{ count: number, resolve: () => void }[]} */
  let waiters = [];
  const server = createServer(async (incoming, response) => {
    response.on("error", () => {});
    incoming.on("error", () => {});
    if (incoming.method === "OPTIONS") {
      response.writeHead(204, PREFLIGHT).end();
      return;
    }
    let body = "";
    incoming.setEncoding("utf8");
    try {
      for await (const chunk of incoming) body += chunk;
    } catch {
      return;
    }
    const url = new URL(incoming.url ?? "/", "http://faulty.invalid");
    const request = {
      method: incoming.method ?? "",
      path: url.pathname,
      query: url.searchParams,
      url: incoming.url ?? "",
      body,
      at: performance.now(),
      headers: incoming.headers,
      closed: new Promise((resolve) => response.on("close", () => resolve())),
    };
    const index = requests.push(request) - 1;
    for (const waiter of waiters) if (requests.length >= waiter.count) waiter.resolve();
    waiters = waiters.filter((waiter) => requests.length < waiter.count);
    const step = typeof script === "function" ? await script(request, index) : script[index];
    await (step ?? text(599, "beyond the script"))(response, request);
  });
  server.on("clientError", (_, socket) => socket.destroy());
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address();
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    requests,
    /** Resolves when `count` requests have arrived. */
    seen(count, ms = 10_000) {
      if (requests.length >= count) return Promise.resolve();
      const arrived = new Promise((resolve) => waiters.push({ count, resolve }));
      return within(arrived, ms, `request ${count} (${requests.length} so far)`);
    },
    async close() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}

// ---- steps -------------------------------------------------------------------------------------------------------

/** @returns {Step} */
export function raw(status, body, headers = {}) {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  return (response) => {
    response.writeHead(status, { ...CORS, "Content-Length": bytes.length, ...headers });
    response.end(bytes);
  };
}

/** @returns {Step} */
export const json = (status, value, headers = {}) =>
  raw(status, typeof value === "string" ? value : JSON.stringify(value), {
    "Content-Type": "application/json",
    ...headers,
  });

/** @returns {Step} */
export const text = (status, value, headers = {}) => raw(status, value, { "Content-Type": "text/plain", ...headers });

/** @returns {Step} */
export const html = (status = 200) =>
  raw(status, "<!doctype html><title>Sign in</title><p>Please sign in to the hotel Wi-Fi.</p>", {
    "Content-Type": "text/html; charset=utf-8",
  });

/** 204. @returns {Step} */
export const noContent = () => (response) => response.writeHead(204, CORS).end();

/** Declares the whole body's Content-Length, sends part of it and, as soon as `when` resolves, destroys the socket. @returns {Step} */
export function cutShort(
  body,
  { status = 200, sent, contentType = "application/json", when = Promise.resolve() } = {},
) {
  const bytes = Buffer.from(body);
  return (response) => {
    response.writeHead(status, { ...CORS, "Content-Type": contentType, "Content-Length": bytes.length });
    const part = bytes.subarray(0, sent ?? Math.floor(bytes.length / 2));
    response.write(part, () => void when.then(() => response.socket?.destroySoon()));
  };
}

/** A chunked body whose connection breaks before the last chunk. @returns {Step} */
export function cutChunked(body, { contentType = "application/zip" } = {}) {
  return (response) => {
    response.writeHead(200, { ...CORS, "Content-Type": contentType, "Transfer-Encoding": "chunked" });
    response.write(body, () => response.socket?.destroySoon());
  };
}

/** Resets the connection before any header. @returns {Step} */
export const reset = () => (response) => response.socket?.resetAndDestroy();

/** No response until the server closes. @returns {Step} */
export const hang = () => () => {};

/** Headers and part of the body, then silence. @returns {Step} */
export function stall(body, { status = 200, length, contentType = "application/json" } = {}) {
  const bytes = Buffer.from(body);
  return (response) => {
    const total = length ?? bytes.length + 1000;
    response.writeHead(status, { ...CORS, "Content-Type": contentType, "Content-Length": total });
    response.write(bytes);
  };
}

/** The whole body, in pieces with pauses between them. @returns {Step} */
export function trickle(body, { pieces = 10, everyMs = 50, contentType = "application/json" } = {}) {
  const bytes = Buffer.from(body);
  return async (response) => {
    response.writeHead(200, { ...CORS, "Content-Type": contentType, "Content-Length": bytes.length });
    const size = Math.ceil(bytes.length / pieces);
    for (let start = 0; start < bytes.length && !response.destroyed; start += size) {
      response.write(bytes.subarray(start, start + size));
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
    response.end();
  };
}

/** @param {number} ms @param {Step} step @returns {Step} */
export const delayed = (ms, step) => (response, request) => {
  const timer = setTimeout(() => step(response, request), ms);
  response.on("close", () => clearTimeout(timer));
};

/** @returns {Step} */
export const redirect =
  (location, status = 302) =>
  (response) =>
    response.writeHead(status, { ...CORS, Location: location, "Content-Length": 0 }).end();
