// What only the platform can do: send, wait with a limit, and let a body's bytes pass by without entering WebAssembly.
// What to do when is decided in Rust, step by step.

import { DpmsError, withCause } from "./error.js";

/** A step as Rust writes it, with the value that goes along. */
export function step(json, value) {
  const step = JSON.parse(json);
  if (value !== undefined) step.value = value;
  return step;
}

/**
 * Carries out the steps of a call until it ends: resolves to its last step, which holds its `value`, or rejects with its
 * error, or with the signal's own reason. `options` are the client's; the signal and the listener are the call's own.
 */
export async function run(call, core, options, { signal, onProgress }) {
  const { accessToken, refresh, onEvent } = options;
  let step = call.next();
  let sent, exchange, response, cause;

  const emit = (type, more) => {
    const { method, endpoint, attempt } = sent;
    try {
      onEvent?.({ type, method, endpoint, attempt, ...more });
    } catch {
      // telemetry never breaks a call
    }
  };
  /** The step after a promise has settled; `arrived` tells of what it gave. */
  const settled = async (promise, arrived) => {
    try {
      const value = await race(promise, signal, step.timeoutMs);
      return value === undefined ? call.silent() : arrived(value);
    } catch (error) {
      cause = error;
      return call.broken(errorCode(error));
    }
  };
  const given = (answer) => call.given(typeof answer === "string" ? answer : undefined);

  const perform = {
    ask: () => settled(invoke(accessToken), given),
    refresh() {
      if (step.begin) {
        emit("refresh");
        options.refreshing = refreshed(core, refresh, step);
      }
      return settled(options.refreshing, given);
    },
    async send() {
      sent = step;
      response = undefined;
      exchange = new AbortController();
      const sentAt = Date.now();
      const fetched = async () => {
        const request = requestOf(step, exchange.signal);
        emit("request");
        try {
          return await (options.fetch ?? fetch)(request);
        } catch (error) {
          throw withoutQuery(error, request.url);
        }
      };
      const next = await settled(fetched(), (answer) => {
        if (!(answer instanceof Response)) throw new TypeError("fetch did not give a Response.");
        response = answer;
        emit("response", { status: response.status, durationMs: Date.now() - sentAt });
        return call.answered(response.status, headersOf(response));
      });
      if (response === undefined) exchange.abort();
      else if (next.do !== "read" && next.do !== "stream") drain(response, exchange);
      return next;
    },
    async read() {
      let bytes;
      try {
        bytes = await readAll(response, exchange, signal, sent.timeoutMs);
      } catch (failure) {
        if (signal?.aborted) throw signal.reason;
        cause = failure.cause;
        return failure.stalled ? call.silent() : call.broken();
      }
      return call.received(bytes);
    },
    stream() {
      try {
        const value = watched(response, { ...step, exchange, signal, timeoutMs: sent.timeoutMs, onProgress });
        return { do: "done", value };
      } catch (error) {
        cause = error;
        return call.broken(errorCode(error));
      }
    },
    async wait() {
      const { event, delayMs } = step;
      emit(event, { delayMs });
      if (event === "wait") onProgress?.({ state: "waiting", receivedBytes: 0, totalBytes: null });
      await race(new Promise(() => {}), signal, delayMs);
      return call.next();
    },
    fail() {
      throw withCause(new DpmsError(step.error, step.value), cause);
    },
  };

  try {
    for (;;) {
      if (signal?.aborted) throw signal.reason;
      if (step.do === "done") return step;
      const next = perform[step.do];
      if (step.do !== "fail") cause = undefined;
      step = await next();
    }
  } finally {
    if (!step.more) call.free();
  }
}

/** What a caller's function gives, now or later; what it throws is a rejection. */
const invoke = async (callee, argument) => callee(argument);

/** A refresh and its bookkeeping belong to no one call: the call that began it may be aborted. */
async function refreshed(core, refresh, { token, insteadOf, timeoutMs }) {
  let answer;
  try {
    return (answer = await race(invoke(refresh, token), undefined, timeoutMs));
  } finally {
    core.refreshed(insteadOf, typeof answer === "string" ? answer : undefined);
  }
}

function requestOf({ method, url, query, body, token }, signal) {
  const headers = { authorization: `Bearer ${token}` };
  const init = { method, headers, signal };
  if (body !== null) {
    headers["content-type"] = "application/json";
    init.body = body;
    init.redirect = "manual"; // where a redirect takes a body elsewhere, it takes a patient's data there
  }
  return new Request(query.length > 0 ? `${url}?${new URLSearchParams(query)}` : url, init);
}

/** The headers that matter, a line each, as Rust takes them apart. */
function headersOf({ headers, type }) {
  const names = ["content-type", "content-length", "content-encoding", "retry-after"];
  return [...names.map((name) => headers.get(name)), type].join("\n");
}

/** How the platform reads a URL, relative to `base` unless that is empty, or to the page for "."; nothing if it is none. */
export function urlParts(text, base) {
  try {
    const url = new URL(text, base === "." ? globalThis.location?.href : base || undefined);
    const more = url.username + url.password + url.search + url.hash;
    return [url.href, url.origin, url.pathname, url.protocol, more].join("\n");
  } catch {
    return undefined;
  }
}

/**
 * Settles as `promise` does, but rejects with the signal's own reason if that aborts first, and resolves to `undefined`
 * once `timeoutMs` have passed. Leaves neither a timer nor a listener behind.
 */
function race(promise, signal, timeoutMs) {
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
async function readAll(response, exchange, signal, timeoutMs) {
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
async function drain(response, exchange) {
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
function watched(response, { exchange, signal, timeoutMs, length, exact, onProgress, stalled, truncated }) {
  if (response.body === null) return response;
  const reader = response.body.getReader();
  let receivedBytes = 0;
  let body, failure, timer, since;

  const report = (state) => {
    const totalBytes = length === undefined || receivedBytes > length ? null : length;
    onProgress?.({ state, receivedBytes, totalBytes });
  };
  const ended = (error) => {
    failure ??=
      error instanceof BodyFailure ? withCause(new DpmsError(error.stalled ? stalled : truncated), error.cause) : error;
    clearTimeout(timer);
    signal?.removeEventListener("abort", aborted);
    exchange.abort(failure);
    body.error(failure);
  };
  const aborted = () => ended(signal.reason);
  const arrived = ({ done, value }) => {
    since = undefined;
    try {
      if (!done) {
        receivedBytes += value.length;
        report("downloading");
        return body.enqueue(value);
      }
      if (exact && receivedBytes < length) throw new BodyFailure(false);
      report("done");
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
      body.close();
    } catch (error) {
      ended(error);
    }
  };
  const broken = (error) => ended(new BodyFailure(false, error));
  // One timer looks now and then whether a chunk is late: a timer for each chunk would slow a fast download down.
  const look = () => {
    const left = since + timeoutMs - Date.now();
    if (left <= 0) ended(new BodyFailure(true));
    else timer = since === undefined ? undefined : setTimeout(look, left);
  };
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
        timer ??= setTimeout(look, timeoutMs);
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

/** `error`, unless one of its texts holds the query of `url` (some platforms quote it), which may name a patient. */
function withoutQuery(error, url) {
  const [, query] = url.split("?", 2);
  for (let at = error; query && at instanceof Error; at = at.cause) {
    const texts = Object.getOwnPropertyNames(at).map((name) => at[name]);
    if (texts.some((text) => typeof text === "string" && text.includes(query))) return undefined;
  }
  return error;
}

/** The platform's short name for a network failure, such as `ECONNREFUSED`, where it has one. */
function errorCode(error) {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (typeof at.code === "string") return at.code;
  }
}
