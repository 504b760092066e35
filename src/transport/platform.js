// What only the platform can do: wait with a limit, and let a body's bytes pass by without entering WebAssembly.
// What to do about it is decided in Rust.

/**
 * Settles as `promise` does, but rejects with the signal's own reason if that aborts first, and resolves to `undefined`
 * once `timeoutMs` have passed. Leaves neither a timer nor a listener behind.
 */
export function race(promise, signal, timeoutMs) {
  return new Promise((resolve, reject) => {
    const settle = (how) => (value) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      how(value);
    };
    const abort = () => settle(reject)(signal.reason);
    const timer = setTimeout(settle(resolve), timeoutMs);
    promise.then(settle(resolve), settle(reject));
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort);
  });
}

const never = new Promise(() => {});

export const sleep = (ms, signal) => race(never, signal, ms);

/** A body went silent for too long (`stalled`), or broke. */
class BodyFailure {
  constructor(stalled, cause) {
    this.stalled = stalled;
    this.cause = cause;
  }
}

/** Reads the next chunk; `null` at the end. Rejects with the signal's reason or a `BodyFailure`. */
async function nextChunk(reader, signal, timeoutMs) {
  let result;
  try {
    result = await race(reader.read(), signal, timeoutMs);
  } catch (error) {
    throw signal?.aborted ? signal.reason : new BodyFailure(false, error);
  }
  if (result === undefined) throw new BodyFailure(true);
  return result.done ? null : result.value;
}

/** The whole body in one array. Rejects as `nextChunk` does, and aborts the exchange when it does. */
export async function readAll(response, exchange, signal, timeoutMs) {
  if (response.body === null) return new Uint8Array();
  const reader = response.body.getReader();
  const chunks = [];
  let length = 0;
  try {
    for (let chunk; (chunk = await nextChunk(reader, signal, timeoutMs)) !== null;) {
      chunks.push(chunk);
      length += chunk.length;
    }
  } catch (error) {
    exchange.abort();
    throw error;
  }
  if (chunks.length === 1) return chunks[0];
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Lets a body that nobody wants pass by, so that its connection can serve again; cuts it if it is long or slow. */
export async function drain(response, exchange) {
  if (response.body === null) return;
  let left = 65_536;
  try {
    const reader = response.body.getReader();
    for (let chunk; left > 0 && (chunk = await nextChunk(reader, undefined, 1_000)) !== null;) left -= chunk.length;
    if (left <= 0) exchange.abort();
  } catch {
    exchange.abort();
  }
}

/**
 * The same response with a body that reports its progress, obeys the signal, and ends in the error `stalled` or
 * `truncated` rather than silently. `length` is what the headers promise; it is held against the body only if
 * `exact`, that is, if no hidden compression can make it differ.
 */
export function watched(response, { exchange, signal, timeoutMs, length, exact, onProgress, stalled, truncated }) {
  if (response.body === null) return response;
  const reader = response.body.getReader();
  let receivedBytes = 0;
  let failure;

  const report = (state) => {
    const totalBytes = length === undefined || receivedBytes > length ? null : length;
    onProgress?.({ state, receivedBytes, totalBytes });
  };
  const pull = async (controller) => {
    const chunk = await nextChunk(reader, signal, timeoutMs);
    if (chunk === null) {
      if (exact && receivedBytes < length) throw new BodyFailure(false);
      report("done");
      signal?.removeEventListener("abort", aborted);
      controller.close();
    } else {
      receivedBytes += chunk.length;
      report("downloading");
      controller.enqueue(chunk);
    }
  };
  const ended = (error, controller) => {
    failure ??= error instanceof BodyFailure ? withCause(error.stalled ? stalled : truncated, error.cause) : error;
    signal?.removeEventListener("abort", aborted);
    exchange.abort(failure);
    controller?.error(failure);
  };
  let aborted;
  const body = new ReadableStream(
    {
      start(controller) {
        // Also while nobody reads: the connection is not to stay open until somebody does.
        aborted = () => ended(signal.reason, controller);
        signal?.addEventListener("abort", aborted);
        try {
          report("downloading");
        } catch (error) {
          ended(error, controller);
        }
      },
      pull: (controller) => pull(controller).catch((error) => ended(error, controller)),
      cancel: (reason) => ended(reason),
    },
    { highWaterMark: 0 },
  );

  const { status, statusText, headers } = response;
  const result = new Response(body, { status, statusText, headers });
  Object.defineProperty(result, "url", { value: response.url });
  // Chromium's own readers replace the error of a stream by one of theirs.
  for (const name of ["arrayBuffer", "blob", "bytes", "formData", "json", "text"]) {
    const read = result[name];
    if (read === undefined) continue;
    const value = () =>
      read.call(result).catch((error) => {
        throw failure ?? error;
      });
    Object.defineProperty(result, name, { value });
  }
  return result;
}

function withCause(error, cause) {
  if (cause !== undefined) Object.defineProperty(error, "cause", { value: cause });
  return error;
}

/** Walks the rows of pages, one at a time; the next page is on its way meanwhile. */
export async function* rows(pages) {
  for (let page = pages.next(); page !== undefined;) {
    const arrived = await page;
    page = pages.next();
    page?.catch(() => {}); // it is awaited later, or never if the walk is left
    yield* arrived;
  }
}

export const replaced = (text, value) => text.split(value).join("…");

/** `error`, unless one of its texts holds the query of `url` (some platforms quote it), which may name a patient. */
export function withoutQuery(error, url) {
  const [, query] = url.split("?", 2);
  for (let at = error; query && at instanceof Error; at = at.cause) {
    const texts = Object.getOwnPropertyNames(at).map((name) => at[name]);
    if (texts.some((text) => typeof text === "string" && text.includes(query))) return undefined;
  }
  return error;
}

/** The platform's short name for a network failure, such as `ECONNREFUSED`, where it has one. */
export function errorCode(error) {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (typeof at.code === "string") return at.code;
  }
}
