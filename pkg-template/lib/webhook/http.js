// HTTP in both directions: the requests that come in, as the core reads them, and the calls that it makes.

/** @typedef {import("./core.js").Call} Call */
/** @typedef {import("./core.js").Core} Core */

/** A body that is announced as no longer is read before the core asks for it, which saves asking it twice. */
const SHORT = 1024;

/**
 * What the core says about a request, whose body is read if that matters.
 * @param {Core} core
 * @param {Request} request
 * @param {import("./core.js").Keys} keys
 * @param {(path: string) => string} [route] the path that the core reads, if it is another than the URL's
 */
export async function receive(core, request, keys, route = (path) => path) {
  const { method, headers } = request;
  const { pathname, search } = new URL(request.url);
  const length = headers.get("content-length");
  const head = {
    method,
    path: route(pathname),
    query: search,
    authorization: headers.get("authorization"),
    contentLength: length === null ? null : Number(length),
  };
  let body = length !== null && Number(length) <= SHORT ? await readAll(request) : undefined;
  let received = core.receive(head, keys, body);
  if (received.read !== undefined) {
    // What is announced is not more than allowed, or it would be refused by now. Else one byte more shows that it is too long.
    body = length === null ? await readAtMost(request.body, received.read + 1) : await readAll(request);
    received = core.receive(head, keys, body);
  }
  return { ...received, body };
}

/**
 * The Response to a reply of the core.
 * @param {import("./core.js").Reply} reply
 */
export const respond = ({ status, headers, body }) => new Response(body, { status, headers });

/**
 * Makes a call and returns its outcome as the core's next input. It never rejects: a call that fails has an outcome too.
 * @param {Call} call
 */
export async function makeCall({ id, method, url, headers, body, timeoutMs, maxBytes }) {
  const signal = AbortSignal.timeout(timeoutMs);
  /** @param {"too-large" | "timeout" | "network"} reason */
  const failure = (reason) => ({ failure: { call: id, reason } });
  try {
    const response = await fetch(url, { method, headers, body, redirect: "manual", signal });
    const bytes = await readAtMost(response.body, maxBytes + 1);
    if (bytes.length > maxBytes) return failure("too-large");
    const retryAfter = { "retry-after": response.headers.get("retry-after") };
    const text = new TextDecoder().decode(bytes);
    return { response: { call: id, status: response.status, headers: retryAfter, body: text } };
  } catch {
    return failure(signal.aborted ? "timeout" : "network");
  }
}

/** @param {Request} request */
const readAll = async (request) => new Uint8Array(await request.arrayBuffer());

/**
 * The first bytes of a stream, not more than `limit`; the rest is not waited for.
 * @param {ReadableStream<Uint8Array<ArrayBuffer>> | null} stream
 * @param {number} limit
 */
async function readAtMost(stream, limit) {
  const chunks = [];
  let size = 0;
  for await (const chunk of stream ?? []) {
    const part = chunk.subarray(0, limit - size);
    chunks.push(part);
    size += part.length;
    if (size === limit) break;
  }
  const [only] = chunks;
  return only && chunks.length === 1 ? only : new Uint8Array(await new Blob(chunks).arrayBuffer());
}
