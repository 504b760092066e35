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
  const received = core.receive(headOf(request, route), keys);
  if (received.read === undefined) return received;
  const { reading, content } = received.read;
  const body = await readBody(request, reading, isFramed);
  if (body === undefined) return { reply: core.incomplete() }; // it has to come again
  return { ...core.take(content, body), body };
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
 * Makes a call and returns its outcome as the core's next input. It never rejects: a call that fails has an outcome too.
 * @param {Call} call
 * @returns {Promise<Outcome>}
 */
export async function makeCall({ id, method, url, headers, body, timeoutMs, maxBytes }) {
  // `AbortSignal.timeout` would keep its timer until it fires, and a Worker may have 10,000 timers at most.
  const controller = new AbortController();
  const { signal } = controller;
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  /** @param {"too-large" | "timeout" | "network"} reason */
  const failure = (reason) => ({ failure: { call: id, reason } });
  try {
    const response = await fetch(url, { method, headers, body, redirect: "manual", signal });
    const bytes = await readAtMost(response.body?.getReader(), maxBytes + 1);
    if (bytes.length > maxBytes) return failure("too-large");
    const retryAfter = { "retry-after": response.headers.get("retry-after") };
    const text = new TextDecoder().decode(bytes);
    return { response: { call: id, status: response.status, headers: retryAfter, body: text } };
  } catch {
    return failure(signal.aborted ? "timeout" : "network");
  } finally {
    clearTimeout(timer);
    controller.abort(); // what is left of the response is not read
  }
}

/**
 * Returns the first bytes of a request's body; undefined if the sender disconnects or takes too long.
 * @param {Request} request
 * @param {import("./core.js").Reading} reading
 * @param {boolean} [isFramed] whether the platform holds the sender to its `Content-Length`. Then the last byte ends the body, and
 *   reading on until the stream ends would only take time.
 */
export async function readBody({ body, headers }, { maxBytes, timeoutMs }, isFramed = true) {
  const length = headers.get("content-length");
  const most = isFramed && length !== null ? Math.min(Number(length), maxBytes) : maxBytes;
  const reader = body?.getReader();
  const cancel = () => void reader?.cancel().catch(() => {});
  let isLate = false;
  // An `AbortController` for each body takes 3 % of the time of an acknowledgement.
  const timer = setTimeout(() => {
    isLate = true;
    cancel();
  }, timeoutMs);
  const bytes = await readAtMost(reader, most).catch(() => undefined);
  clearTimeout(timer);
  if (bytes && !isLate) {
    if (bytes.length >= maxBytes) cancel(); // it is too long: the rest is not waited for
    return bytes;
  }
  log({ event: "request.incomplete" });
  return undefined;
}

/**
 * Reads the first bytes of a stream, at most `limit`.
 * @param {ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined} reader
 * @param {number} limit
 */
async function readAtMost(reader, limit) {
  const chunks = [];
  let size = 0;
  while (reader && size < limit) {
    const { value } = await reader.read();
    if (value === undefined) break;
    const part = value.subarray(0, limit - size);
    chunks.push(part);
    size += part.length;
  }
  const [only] = chunks;
  return only && chunks.length === 1 ? only : new Uint8Array(await new Blob(chunks).arrayBuffer());
}
