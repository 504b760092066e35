// What WebAssembly leaves to JavaScript: waiting with a limit, and reading bodies. What to do when is decided in Rust.

import { NO_BYTES } from "./error.js";
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

/**
 * Waits. Rejects if what a listener returned meanwhile does.
 * @param {number} delayMs
 * @param {AbortSignal | undefined} signal
 * @param {unknown} heard
 */
export const pause = (delayMs, signal, heard) => {
  const failure = new Promise((_, reject) => Promise.resolve(heard).catch(reject));
  return race(failure, signal, delayMs).catch((error) => {
    if (!isTimeout(error)) throw error;
  });
};

/** Calls a listener. What it throws, now or later, is dropped. @param {(value: object) => unknown} listener @param {object} value */
export async function notify(listener, value) {
  try {
    await listener(value);
  } catch {
    // Telemetry never breaks a call.
  }
}

/**
 * Whether a value is bytes, of whichever realm.
 * @param {any} value
 * @returns {value is Uint8Array}
 */
export const isBytes = (value) =>
  ArrayBuffer.isView(value) && /** @type {Uint8Array} */ (value).BYTES_PER_ELEMENT === 1;

/** @param {ReadableStreamDefaultReader | undefined} reader @param {unknown} [reason] */
export async function cancel(reader, reason) {
  try {
    await reader?.cancel(reason);
  } catch {
    // It has ended already, or it is the caller's own.
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
  let reader;
  const endsAt = Date.now() + leftMs;
  try {
    reader = response.body.getReader();
    for (;;) {
      const left = endsAt - Date.now();
      // No timer fires between chunks that are all there already.
      if (left <= 0) throw TIMED_OUT;
      const { done, value } = await race(reader.read(), signal, Math.min(timeoutMs, left));
      if (done) return bytes.subarray(0, length);
      if (!isBytes(value)) throw NO_BYTES;
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
    void cancel(reader); // where the request could not be given the signal
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
  const cut = () => exchange.abort();
  const timer = setTimeout(cut, 1_000); // not a wait of `race`, which ends without a word when the instance is given back
  const endsAt = Date.now() + 1_000;
  try {
    if (response.body === null) return;
    let left = 65_536;
    const reader = response.body.getReader();
    while (left > 0 && Date.now() < endsAt) {
      const { done, value } = await reader.read();
      if (done) return;
      left -= value.length;
    }
    cut();
  } catch {
    cut();
  } finally {
    clearTimeout(timer);
  }
}

/** @typedef {{ next(): Promise<[unknown[], boolean]> }} WalkedPages */

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
 * Walks the rows of pages, one at a time; the pages after it are on their way meanwhile, unless the walk is left.
 * @param {WalkedPages} pages
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

/** @param {WalkedPages} pages @param {WalkSignal} signal */
async function* eachRow(pages, signal) {
  try {
    for (let page = nextPage(pages); ;) {
      const [rows, hasMore] = await page;
      if (hasMore) {
        page = nextPage(pages);
        page.catch(() => {}); // it is awaited later, or never if the walk is left
      } else {
        signal.leave(); // pages beyond the end may still be on their way
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

/** @param {WalkedPages} pages */
function nextPage(pages) {
  try {
    return pages.next();
  } catch {
    return Promise.reject(lost()); // they were of an instance that is gone
  }
}

/**
 * Calls a function of the caller's: what it returns or throws, now or later, is the promise's.
 * @param {(...args: unknown[]) => unknown} called
 * @param {unknown[]} args
 */
export const invoke = async (called, args) => called(...args);
