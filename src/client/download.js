// Downloads, whose bytes pass by without entering WebAssembly.

import { NO_BYTES, causeOf, withCause } from "./error.js";
import { cancel, isBytes, notify, race } from "./platform.js";

/** How much is read of what is no file. */
const PAGE_BYTES = 65_536;

/** Whether bytes begin as a web page or JSON does, and as no file of the API. @param {Uint8Array} bytes */
const isText = (bytes) => /^(?:\xef\xbb\xbf)?\s*[<{]/.test(String.fromCharCode(...bytes.subarray(0, 64)));

/**
 * The beginning of a body that is no file.
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader
 * @param {Uint8Array} first
 * @param {AbortSignal | undefined} signal
 * @param {number} timeoutMs
 */
async function readPage(reader, first, signal, timeoutMs) {
  const chunks = [first];
  for (let left = PAGE_BYTES - first.length; left > 0;) {
    const { done, value } = await race(reader.read(), signal, timeoutMs);
    if (done) break;
    chunks.push(value);
    left -= Math.max(value.length, 1);
  }
  return new Uint8Array(await new Blob(/** @type {BlobPart[]} */ (chunks)).arrayBuffer());
}

/**
 * On Workers, a stream that knows its length, which R2 asks for.
 * @param {ReadableStream<Uint8Array>} stream
 * @param {number} length
 */
function ofLength(stream, length) {
  const { FixedLengthStream } = /** @type {any} */ (globalThis);
  return FixedLengthStream === undefined ? stream : stream.pipeThrough(new FixedLengthStream(length));
}

/**
 * How a body is watched: the longest silence, how long all of it may take, how many bytes the headers promise and whether a shorter
 * body is certainly cut, since no hidden compression can make it differ; who gets its progress, what it fails with, and the
 * event of that.
 * @typedef {{ timeoutMs: number, leftMs: number, length: number | undefined, isExact: boolean,
 *   onProgress: ((progress: object) => unknown) | undefined, onEvent: ((event: object) => unknown) | undefined,
 *   errors: Record<"stalled" | "late" | "truncated", import("./error.js").DpmsError>, failed: object }} Watch
 */

/**
 * The same response with a body that reports its progress, obeys the signal, and ends in the error `stalled`, `late` or `truncated`
 * rather than silently; or, if it begins as a web page or JSON does, its first bytes. Rejects as `race` does while nothing has come.
 * @param {Response} response
 * @param {AbortController} exchange
 * @param {AbortSignal | undefined} signal
 * @param {Watch} watch
 */
export async function watched(response, exchange, signal, watch) {
  const { timeoutMs, length, isExact, onProgress, onEvent, failed } = watch;
  const { stalled, late, truncated } = watch.errors;
  let { leftMs } = watch;
  if (response.body === null) return response;
  const reader = response.body.getReader();
  /** @type {ReadableStreamReadResult<Uint8Array> | undefined} */
  let first;
  try {
    const endsAt = Date.now() + leftMs;
    do {
      first = await race(reader.read(), signal, Math.min(timeoutMs, endsAt - Date.now()));
      if (!first.done && !isBytes(first.value)) throw NO_BYTES;
    } while (first.value?.length === 0);
    if (!first.done && isText(first.value)) {
      const page = await readPage(reader, first.value, signal, timeoutMs);
      exchange.abort();
      return page;
    }
    leftMs = endsAt - Date.now();
  } catch (error) {
    exchange.abort();
    void cancel(reader);
    throw error;
  }
  let receivedBytes = 0;
  /** @type {ReadableByteStreamController | ReadableStreamDefaultController<Uint8Array>} */
  let body;
  /** @type {unknown} */
  let failure;
  let isOpen = true;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {number | undefined} */
  let since;

  /** @param {"downloading" | "done"} state */
  const report = (state) => {
    const totalBytes = length === undefined || receivedBytes > length ? null : length;
    const heard = onProgress?.({ state, receivedBytes, totalBytes });
    if (heard !== undefined) Promise.resolve(heard).catch(ended);
  };
  const release = () => {
    clearTimeout(timer);
    clearTimeout(deadline);
    signal?.removeEventListener("abort", aborted);
  };
  /** The event of a body that did not end well: what is not a failure is the caller's doing. @param {unknown} error */
  const outcome = (error) => {
    const known = [stalled, late, truncated].find((each) => each === error);
    if (known === undefined) return { ...failed, type: "cancelled" };
    const { kind, status } = /** @type {{ kind?: string, status?: number }} */ (known);
    return { ...failed, kind, status };
  };
  /** @param {unknown} error */
  const ended = (error) => {
    if (!isOpen) return;
    isOpen = false;
    failure = error;
    release();
    exchange.abort(failure);
    void cancel(reader, failure); // where the request could not be given the signal
    body.error(failure);
    if (onEvent) notify(onEvent, outcome(error));
  };
  const aborted = () => ended(signal?.reason);
  /** @param {ReadableStreamReadResult<Uint8Array>} result */
  const arrived = ({ done, value }) => {
    since = undefined;
    try {
      if (!done) {
        if (!isBytes(value)) throw withCause(truncated, causeOf(NO_BYTES));
        if (value.length === 0) return pull();
        receivedBytes += value.length;
        report("downloading");
        // A copy, since a stream of bytes takes the memory away from whoever made the chunk, and that may be the caller.
        return body.enqueue(new Uint8Array(value));
      }
      if (isExact && receivedBytes < Number(length)) return ended(truncated);
      report("done");
      isOpen = false;
      release();
      body.close();
      if ("byobRequest" in body) body.byobRequest?.respond(0);
    } catch (error) {
      ended(error);
    }
  };
  /** @param {unknown} error */
  const broken = (error) => ended(withCause(truncated, causeOf(error)));
  // One timer checks now and then whether a chunk is late: a timer for each chunk would slow a fast download down.
  const check = () => {
    const left = Number(since) + timeoutMs - Date.now();
    if (left <= 0) ended(stalled);
    else timer = since === undefined ? undefined : setTimeout(check, left);
  };
  const deadline = leftMs === Infinity ? undefined : setTimeout(() => ended(late), leftMs);
  /** @type {any} */ (deadline)?.unref?.(); // a body that nobody reads keeps no process alive
  /** @returns {Promise<void>} */
  const pull = () => {
    since = Date.now();
    timer ??= setTimeout(check, timeoutMs);
    const next = first === undefined ? reader.read() : Promise.resolve(first);
    first = undefined;
    return next.then(arrived, broken);
  };
  const stream = new ReadableStream(
    /** @type {UnderlyingByteSource} */ ({
      // Readers may bring their own memory, where the platform has such streams.
      type: typeof ReadableByteStreamController === "function" ? "bytes" : undefined,
      start(controller) {
        body = controller;
        // Also while nobody reads: the connection is not to stay open until somebody does.
        signal?.addEventListener("abort", aborted);
        try {
          report("downloading");
        } catch (error) {
          ended(error);
        }
      },
      pull,
      cancel: ended,
    }),
    { highWaterMark: 0 },
  );

  const { status, statusText, headers } = response;
  const content = isExact && length !== undefined ? ofLength(stream, length) : stream;
  const result = new Response(content, { status, statusText, headers });
  Object.defineProperty(result, "url", { value: response.url });
  // Chromium's own readers replace the error of a stream by one of theirs, and so do workerd's streams of a fixed length.
  /** @param {any} object @param {string} name */
  const failAsBody = (object, name) => {
    const read = object[name];
    if (read === undefined) return;
    /** @param {unknown[]} args */
    const value = (...args) =>
      read.apply(object, args).catch((/** @type {unknown} */ error) => {
        throw failure ?? error;
      });
    Object.defineProperty(object, name, { value });
  };
  for (const name of ["arrayBuffer", "blob", "bytes", "formData", "json", "text"]) failAsBody(result, name);
  if (content !== stream) {
    const getReader = content.getReader.bind(content);
    /** @param {any} options */
    const value = (options) => {
      const reader = getReader(options);
      failAsBody(reader, "read");
      return reader;
    };
    Object.defineProperty(content, "getReader", { value });
  }
  return result;
}
