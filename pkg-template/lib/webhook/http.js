// HTTP in both directions: incoming requests, in the form that the core reads, and the calls that it makes.

import { log } from "./log.js";

/** @typedef {import("./core.js").Call} Call */
/** @typedef {import("./core.js").Core} Core */

/**
 * Returns a request without its body.
 * @param {Request} request
 * @param {(path: string) => string} [route] returns the path for the core, if it differs from the URL's
 * @returns {import("./core.js").Head}
 */
export function headOf({ method, url, headers }, route = (path) => path) {
  const { pathname, search } = new URL(url);
  return {
    method,
    path: route(pathname),
    query: search,
    authorization: headers.get("authorization"),
    contentLength: headers.get("content-length"),
  };
}

/**
 * Returns what the core decides about a request. The body is read if the core needs it.
 * @param {Core} core
 * @param {Request} request
 * @param {import("./core.js").Keys} keys
 * @param {{ route?: (path: string) => string, isFramed?: boolean }} [how] as for `headOf` and `readBody`
 * @returns {Promise<import("./core.js").Received & { body?: Uint8Array }>}
 */
export async function receive(core, request, keys, { route, isFramed } = {}) {
  const head = JSON.stringify(headOf(request, route));
  const received = core.receive(head, keys);
  if (received.read === undefined) return received;
  const body = await readBody(request, received.read, isFramed);
  if (body === undefined) return { reply: core.incomplete() }; // it has to come again
  return { ...core.receive(head, keys, body), body };
}

/**
 * Returns the core's reply as a Response.
 * @param {import("./core.js").Reply} reply
 */
export const respond = ({ status, headers, body }) => new Response(body, { status, headers });

/**
 * @typedef {{ failure: { call: string, reason: "too-large" | "timeout" | "network" | "crashed" } }
 *   | { response: { call: string, status: number, headers: { "retry-after": string | null }, body: string } }} Outcome
 */

/**
 * Returns a signal that aborts after some milliseconds unless `end` is called before. `AbortSignal.timeout` keeps its timer
 * until it fires, and a Worker may have 10,000 timers at most.
 * @param {number} ms
 */
function deadline(ms) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ms);
  return { signal: controller.signal, end: () => clearTimeout(timer) };
}

/**
 * Makes a call and returns its outcome as the core's next input. It never rejects: a call that fails has an outcome too.
 * @param {Call} call
 * @returns {Promise<Outcome>}
 */
export async function makeCall({ id, method, url, headers, body, timeoutMs, maxBytes }) {
  const { signal, end } = deadline(timeoutMs);
  /** @param {"too-large" | "timeout" | "network"} reason */
  const failure = (reason) => ({ failure: { call: id, reason } });
  try {
    const response = await fetch(url, { method, headers, body, redirect: "manual", signal });
    const bytes = await readAtMost(response.body, maxBytes + 1, signal);
    if (bytes.length > maxBytes) return failure("too-large");
    const retryAfter = { "retry-after": response.headers.get("retry-after") };
    const text = new TextDecoder().decode(bytes);
    return { response: { call: id, status: response.status, headers: retryAfter, body: text } };
  } catch {
    return failure(signal.aborted ? "timeout" : "network");
  } finally {
    end();
  }
}

/**
 * Returns the first bytes of a request's body; undefined if the sender disconnects or takes too long.
 * @param {Request} request
 * @param {{ maxBytes: number, timeoutMs: number }} reading
 * @param {boolean} [isFramed] whether the platform holds the sender to its `Content-Length`. Then the last byte ends the body, and
 *   reading on until the stream ends would only take time.
 */
export async function readBody({ body, headers }, { maxBytes, timeoutMs }, isFramed = true) {
  const length = headers.get("content-length");
  const most = isFramed && length !== null ? Math.min(Number(length), maxBytes) : maxBytes;
  const { signal, end } = deadline(timeoutMs);
  try {
    return await readAtMost(body, most, signal);
  } catch {
    log({ event: "request.incomplete" });
    return undefined;
  } finally {
    end();
  }
}

/**
 * Returns the first bytes of a stream, at most `limit`, without waiting for the rest. Rejects if `signal` aborts before that.
 * @param {ReadableStream<Uint8Array<ArrayBuffer>> | null} stream
 * @param {number} limit
 * @param {AbortSignal} signal
 */
async function readAtMost(stream, limit, signal) {
  const chunks = [];
  let size = 0;
  const reader = stream?.getReader();
  const cancel = () => void reader?.cancel().catch(() => {});
  signal.addEventListener("abort", cancel);
  try {
    while (reader && size < limit) {
      const { value } = await reader.read();
      signal.throwIfAborted();
      if (value === undefined) break;
      const part = value.subarray(0, limit - size);
      chunks.push(part);
      size += part.length;
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    cancel();
  }
  const [only] = chunks;
  return only && chunks.length === 1 ? only : new Uint8Array(await new Blob(chunks).arrayBuffer());
}
