// What WebAssembly leaves to JavaScript: waiting with a limit, and bodies, whose bytes pass by without entering WebAssembly
// unless they are JSON. What to do when is decided in Rust.

import { withCause } from "./error.js";
import { beginWalk, lost, waits } from "./tasks.js";

/** What a wait rejects with when its time is over. */
const TIMED_OUT = Symbol("timed out");

/** @param {unknown} error */
export const isTimeout = (error) => error === TIMED_OUT;

/**
 * Settles as `promise` does, but rejects with the signal's own reason if that aborts first, and with `TIMED_OUT` once `timeoutMs`
 * have passed. Leaves neither a timer nor a listener behind.
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal | undefined} signal
 * @param {number} timeoutMs
 * @returns {Promise<T>}
 */
export function race(promise, signal, timeoutMs) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      waits.delete(stop);
      try {
        signal?.removeEventListener("abort", abort);
      } catch {
        // The caller's own signal: whatever it throws keeps nobody waiting.
      }
    };
    /** @param {(value: any) => void} how */
    const settle = (how) => (/** @type {unknown} */ value) => {
      if (!waits.has(stop)) return;
      stop();
      how(value);
    };
    const abort = () => settle(reject)(signal?.reason);
    const timer = setTimeout(settle(reject), timeoutMs, TIMED_OUT);
    waits.add(stop);
    promise.then(settle(resolve), settle(reject));
    try {
      if (signal?.aborted) abort();
      else signal?.addEventListener("abort", abort);
    } catch (error) {
      settle(reject)(error);
    }
  });
}

/** Waits. @param {number} delayMs @param {AbortSignal | undefined} signal */
export const pause = (delayMs, signal) =>
  race(new Promise(() => {}), signal, delayMs).catch((error) => {
    if (!isTimeout(error)) throw error;
  });

/** Calls a listener. What it throws, now or later, is dropped. @param {(value: object) => unknown} listener @param {object} value */
export async function notify(listener, value) {
  try {
    await listener(value);
  } catch {
    // Telemetry never breaks a call.
  }
}

/**
 * The whole body in one array; null if it is longer than `maxBytes`. Rejects as `race` does. Aborts the exchange unless the body is
 * read to its end.
 * @param {Response} response
 * @param {AbortController} exchange
 * @param {AbortSignal | undefined} signal
 * @param {number} timeoutMs the longest silence
 * @param {number} leftMs how long all of it may take
 * @param {number} maxBytes
 */
export async function readBody(response, exchange, signal, timeoutMs, leftMs, maxBytes) {
  if (response.body === null) return new Uint8Array();
  let bytes = new Uint8Array();
  let length = 0;
  const endsAt = Date.now() + leftMs;
  try {
    const reader = response.body.getReader();
    for (;;) {
      const left = endsAt - Date.now();
      // No timer fires between chunks that are all there already.
      if (left <= 0) throw TIMED_OUT;
      const { done, value } = await race(reader.read(), signal, Math.min(timeoutMs, left));
      if (done) return bytes.subarray(0, length);
      const end = length + value.length;
      if (end > maxBytes) break;
      // As good as every body is one chunk. A list of chunks would take far more memory than many small ones hold.
      if (length === 0) bytes = value;
      else {
        if (end > bytes.length) bytes = extended(bytes, Math.min(Math.max(end, 2 * length), maxBytes));
        bytes.set(value, length);
      }
      length = end;
    }
  } catch (error) {
    exchange.abort();
    throw error;
  }
  exchange.abort();
  return null;
}

/** A longer array that begins with these bytes. @param {Uint8Array} bytes @param {number} length */
function extended(bytes, length) {
  const longer = new Uint8Array(length);
  longer.set(bytes);
  return longer;
}

/**
 * Lets a body that nobody wants pass by, so that its connection can serve again; cuts it if it is long or slow.
 * @param {Response} response
 * @param {AbortController} exchange
 */
export async function drain(response, exchange) {
  try {
    if (response.body === null) return;
    let left = 65_536;
    const reader = response.body.getReader();
    const endsAt = Date.now() + 1_000;
    while (left > 0 && Date.now() < endsAt) {
      const { done, value } = await race(reader.read(), undefined, endsAt - Date.now());
      if (done) return;
      left -= value.length;
    }
    exchange.abort();
  } catch {
    exchange.abort();
  }
}

/**
 * The same response with a body that reports its progress, obeys the signal, and ends in the error `stalled`, `late` or `truncated`
 * rather than silently.
 * @param {Response} response
 * @param {AbortController} exchange
 * @param {AbortSignal | undefined} signal
 * @param {number} timeoutMs the longest silence
 * @param {number} leftMs how long all of it may take
 * @param {number | undefined} length what the headers promise
 * @param {boolean} exact whether a shorter body is certainly cut: no hidden compression can make it differ
 * @param {((progress: object) => void) | undefined} onProgress
 * @param {import("./error.js").DpmsError} stalled
 * @param {import("./error.js").DpmsError} late
 * @param {import("./error.js").DpmsError} truncated
 * @param {((event: object) => unknown) | undefined} onEvent
 * @param {object} failed the event of a failure
 */
export function watched(
  response,
  exchange,
  signal,
  timeoutMs,
  leftMs,
  length,
  exact,
  onProgress,
  stalled,
  late,
  truncated,
  onEvent,
  failed,
) {
  if (response.body === null) return response;
  const reader = response.body.getReader();
  let receivedBytes = 0;
  /** @type {ReadableStreamDefaultController<Uint8Array>} */
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
    onProgress?.({ state, receivedBytes, totalBytes });
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
    failure ??= error;
    release();
    exchange.abort(failure);
    body.error(failure);
    if (isOpen && onEvent) notify(onEvent, outcome(error));
    isOpen = false;
  };
  const aborted = () => ended(signal?.reason);
  /** @param {ReadableStreamReadResult<Uint8Array>} result */
  const arrived = ({ done, value }) => {
    since = undefined;
    try {
      if (!done) {
        receivedBytes += value.length;
        report("downloading");
        return body.enqueue(value);
      }
      if (exact && receivedBytes < Number(length)) return ended(truncated);
      report("done");
      release();
      body.close();
    } catch (error) {
      ended(error);
    }
  };
  /** @param {unknown} error */
  const broken = (error) => ended(withCause(truncated, error));
  // One timer checks now and then whether a chunk is late: a timer for each chunk would slow a fast download down.
  const check = () => {
    const left = Number(since) + timeoutMs - Date.now();
    if (left <= 0) ended(stalled);
    else timer = since === undefined ? undefined : setTimeout(check, left);
  };
  const deadline = leftMs === Infinity ? undefined : setTimeout(() => ended(late), leftMs);
  const stream = new ReadableStream(
    {
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
      pull() {
        since = Date.now();
        timer ??= setTimeout(check, timeoutMs);
        return reader.read().then(arrived, broken);
      },
      cancel: ended,
    },
    { highWaterMark: 0 },
  );

  const { status, statusText, headers } = response;
  const result = new Response(stream, { status, statusText, headers });
  Object.defineProperty(result, "url", { value: response.url });
  // Chromium's own readers replace the error of a stream by one of theirs.
  for (const name of /** @type {const} */ (["arrayBuffer", "blob", "bytes", "formData", "json", "text"])) {
    const read = result[name];
    if (read === undefined) continue;
    const value = () =>
      read.call(result).catch((/** @type {unknown} */ error) => {
        throw failure ?? error;
      });
    Object.defineProperty(result, name, { value });
  }
  return result;
}

/** @typedef {{ next(): Promise<[unknown[], boolean]> }} Pages */

/** The caller's signal, if there is one, which also aborts when a walk is left. */
class WalkSignal {
  #signal;
  /** @type {Set<() => void>} */
  #listeners = new Set();
  left = false;
  /** Says that the walk is over. */
  over = () => {};

  /** @param {AbortSignal | undefined} signal */
  constructor(signal) {
    this.#signal = signal;
  }

  get aborted() {
    return this.left || this.#signal?.aborted;
  }

  get reason() {
    return this.left ? undefined : this.#signal?.reason;
  }

  /** @param {"abort"} type @param {() => void} listener */
  addEventListener(type, listener) {
    this.#listeners.add(listener);
    this.#signal?.addEventListener(type, listener);
  }

  /** @param {"abort"} type @param {() => void} listener */
  removeEventListener(type, listener) {
    this.#listeners.delete(listener);
    this.#signal?.removeEventListener(type, listener);
  }

  leave() {
    this.left = true;
    for (const listener of this.#listeners) listener();
    this.over();
  }
}

/** @param {AbortSignal | undefined} signal */
export const walkSignal = (signal) => new WalkSignal(signal);

/**
 * Walks the rows of pages, one at a time; the next page is on its way meanwhile, unless the walk is left.
 * @param {Pages} pages
 * @param {WalkSignal} signal
 */
export function rows(pages, signal) {
  const walk = eachRow(pages, signal);
  signal.over = beginWalk(walk);
  const { return: end } = walk;
  // A generator's own `return` waits for the page that it waits for.
  walk.return = (value) => {
    signal.leave();
    return end.call(walk, value);
  };
  return walk;
}

/** @param {Pages} pages @param {WalkSignal} signal */
async function* eachRow(pages, signal) {
  try {
    for (let page = nextPage(pages); ;) {
      const [rows, hasMore] = await page;
      if (hasMore) {
        page = nextPage(pages);
        page.catch(() => {}); // it is awaited later, or never if the walk is left
      }
      yield* rows;
      if (!hasMore) return;
    }
  } catch (error) {
    if (!signal.left) throw error;
  } finally {
    signal.leave();
  }
}

/** @param {Pages} pages */
function nextPage(pages) {
  try {
    return pages.next();
  } catch {
    return Promise.reject(lost()); // they were of an instance that is gone
  }
}

/**
 * `error`, unless one of its strings holds the query of `url` (some platforms quote it), which may name a patient.
 * @param {unknown} error
 * @param {string} url
 */
export function withoutQuery(error, url) {
  const [, query] = url.split("?", 2);
  try {
    for (let at = error; query && at instanceof Error; at = at.cause) {
      const texts = Object.getOwnPropertyNames(at).map((name) => /** @type {any} */ (at)[name]);
      if (texts.some((text) => typeof text === "string" && text.includes(query))) return undefined;
    }
    return error;
  } catch {
    return undefined; // its own properties throw
  }
}

/**
 * Calls a function of the caller's: what it returns or throws, now or later, is the promise's.
 * @param {(...args: unknown[]) => unknown} called
 * @param {unknown[]} args
 */
export const invoke = async (called, args) => called(...args);

/** The platform's short name for a network failure, such as `ECONNREFUSED`, where it has one. @param {any} error */
export function errorCode(error) {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = /** @type {any} */ (at);
    if (typeof code === "string") return code;
  }
}
