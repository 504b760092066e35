// The connection to a practice's events: how they are fetched at the moment, and what to do when that fails.
import { forbidden, gap, notFound, ScanEventsError, unauthorized } from "./error.js";
import { PAGE_SIZE, pageOf } from "./feed.js";
import { Queue } from "./queue.js";
import { isWhole, Socket } from "./socket.js";
import { Waits } from "./waits.js";

/** @typedef {import("../../types/events.js").ScanEvent} ScanEvent */
/** @typedef {import("../../types/events.js").ScanEventsState} State */

const SESSION_MS = 30_000;

/** The delay between two attempts is random; its upper limit doubles from the first of these to the last. */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

/** A connection that lasts this long counts as stable, even without events: after it, the first retry is soon again. */
const STABLE_MS = 10_000;

/** The delay between two pages of the feed while there is nothing new: the first, and the longest. */
const FIRST_POLL_MS = 1_000;
const LAST_POLL_MS = 30_000;

/** The delay between two attempts to open a WebSocket while the feed is polled: the first, and the longest. */
const FIRST_SOCKET_MS = 2_000;
const LAST_SOCKET_MS = 300_000;

/** Events that the consumer has taken are acknowledged in batches of this size, or when none is left. */
const ACKNOWLEDGED_AT_ONCE = 32;

/** How many events are kept at most. The edge function sends at most 64 more than were acknowledged. */
const MOST_BUFFERED = 1_024;

/** The codes with which the edge function closes WebSockets. */
const CLOSED = { over: 4401, forbidden: 4403, notFound: 4404, slow: 4408, gap: 4409 };

/** The edge function cannot be reached at the moment. */
class Unreachable extends Error {}

export class Line {
  #platform;
  #given;
  #queue = new Queue((event) => this.#taken(event));
  #over = new AbortController();
  #waits;
  #hasBegun = false;
  /** @type {State["type"] | undefined} */
  #state;
  /** The last event that has arrived. */
  #seq;
  /** Whether that event's place in the feed is fixed: passed by the caller, or confirmed by the edge function. */
  #isPlaced;
  /** @type {number | undefined} */
  #feed;
  /** @type {string | undefined} */
  #token;
  /** How many tokens in a row were refused. */
  #refusals = 0;
  /** How many attempts in a row failed. */
  #failures = 0;
  /** @type {Socket | undefined} */
  #socket;
  #lastTaken = 0;
  #acknowledged = 0;
  #socketAt = 0;
  #socketPause = FIRST_SOCKET_MS;
  #pollPause = FIRST_POLL_MS;
  #whenEmpty = () => {};

  /**
   * @param {import("./platform.js").Platform} platform
   * @param {import("./arguments.js").Arguments} given
   */
  constructor(platform, given) {
    this.#platform = platform;
    this.#given = given;
    this.#waits = new Waits(platform, this.#over.signal);
    this.#seq = given.after;
    this.#isPlaced = given.after > 0;
    this.#feed = given.feed;
  }

  next() {
    if (!this.#hasBegun) void this.#begin();
    return this.#queue.next();
  }

  /**
   * @template T
   * @param {T | PromiseLike<T>} [value]
   * @returns {Promise<IteratorReturnResult<T | undefined>>}
   */
  async leave(value) {
    this.#hasBegun = true;
    this.#finish("left", {}, true);
    return { done: true, value: await value };
  }

  async #begin() {
    this.#hasBegun = true;
    const { signal } = this.#given;
    const abort = () => this.#finish("aborted", { error: signal?.reason }, true);
    if (signal?.aborted) return abort();
    signal?.addEventListener("abort", abort);
    const sleepless = this.#platform.onWake(() => this.#wake());
    try {
      await this.#run();
    } catch (error) {
      this.#finish(error instanceof ScanEventsError ? error.kind : "failed", { error }, false);
    } finally {
      sleepless();
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Never returns: it throws, at the latest when the iteration is over. */
  async #run() {
    for (;;) {
      try {
        if (this.#platform.WebSocket && this.#platform.now() >= this.#socketAt) await this.#listen();
        else await this.#poll();
      } catch (error) {
        if (!(error instanceof Unreachable)) throw error;
        await this.#pause("cause" in error ? nameOf(error.cause) : null);
      }
    }
  }

  /** Opens a WebSocket and uses it until it is closed. Returns if there is something else to try at once. */
  async #listen() {
    const token = await this.#session();
    if (this.#state !== "polling") this.#tell({ type: "connecting" });
    let liveSince = NaN;
    this.#lastTaken = this.#acknowledged = this.#seq;
    const socket = new Socket(this.#platform, this.#url(`${this.#given.webSocket}/live`), token, {
      hello: (feed, after) => {
        liveSince = this.#platform.now();
        this.#socketPause = FIRST_SOCKET_MS;
        if (this.#place(feed, after)) this.#tell({ type: "live", feed });
        else socket.end({ code: CLOSED.gap, reason: String(after + 1) });
      },
      events: (events) => {
        this.#failures = 0;
        const isNext = events.every((event) => this.#receive(event));
        if (this.#queue.size > MOST_BUFFERED) socket.end({ code: CLOSED.slow, reason: "" });
        return isNext;
      },
      heard: () => {
        if (this.#platform.now() - liveSince >= STABLE_MS) this.#failures = this.#refusals = 0;
      },
    });
    this.#socket = socket;
    try {
      const { code, reason } = await this.#waits.within(socket.ended);
      await this.#closed(code, reason, liveSince >= 0);
    } finally {
      this.#socket = undefined;
      socket.end();
    }
  }

  /**
   * @param {number} code
   * @param {string} reason
   * @param {boolean} wasLive
   */
  async #closed(code, reason, wasLive) {
    if (code === CLOSED.over) return this.#refused();
    if (code === CLOSED.forbidden) throw forbidden();
    if (code === CLOSED.notFound) throw notFound();
    if (code === CLOSED.gap) throw gap(/^[1-9]\d{0,15}$/.test(reason) ? Number(reason) : null);
    if (code === CLOSED.slow) return this.#emptied();
    if (wasLive) throw new Unreachable();
    // Perhaps it is only WebSockets that do not get through.
    this.#socketAt = this.#platform.now() + this.#socketPause;
    this.#socketPause = Math.min(2 * this.#socketPause, LAST_SOCKET_MS);
  }

  /** Requests pages until it is time to try a WebSocket again. */
  async #poll() {
    do {
      await this.#emptied();
      const token = await this.#session();
      const page = await this.#page(token);
      if (page === undefined) continue;
      const { events, feed, reset } = page;
      const first = seqOf(events[0]);
      if (!this.#place(feed, first === null ? this.#seq : first - 1, reset)) throw gap(first);
      this.#tell({ type: "polling", feed });
      const [odd] = events.filter((event) => !this.#receive(event));
      if (odd !== undefined) throw gap(seqOf(odd));
      if (events.length >= PAGE_SIZE) continue;
      this.#pollPause = events.length > 0 ? FIRST_POLL_MS : Math.min(2 * this.#pollPause, LAST_POLL_MS);
      await this.#waits.sleep(this.#pollPause * (0.5 + this.#platform.random() / 2));
    } while (!this.#platform.WebSocket || this.#platform.now() < this.#socketAt);
  }

  /** @param {string} token */
  async #page(token) {
    const { signal } = this.#over;
    const url = `${this.#url(this.#given.http)}&limit=${PAGE_SIZE}`;
    const page = await pageOf(this.#platform, this.#waits, url, token, signal).catch((cause) => {
      signal.throwIfAborted();
      throw new Unreachable("", { cause });
    });
    if (page === 401) return this.#refused();
    if (page === 403) throw forbidden();
    if (page === 404) throw notFound();
    if (typeof page === "number") throw new Unreachable();
    this.#refusals = this.#failures = 0;
    return page;
  }

  /**
   * Returns whether the feed continues after the last event. If there is none yet, the feed begins where the edge function
   * says.
   * @param {number} feed
   * @param {number} after
   * @param {boolean} [reset]
   */
  #place(feed, after, reset = false) {
    const isAnother = this.#feed !== undefined && this.#feed !== feed && this.#seq > 0;
    if (this.#isPlaced && (reset || isAnother || after !== this.#seq)) return false;
    this.#isPlaced = true;
    this.#feed = feed;
    this.#seq = after;
    return true;
  }

  /**
   * Queues the next event, and skips one that has arrived before. Returns false for any other.
   * @param {any} event
   */
  #receive(event) {
    const seq = seqOf(event);
    if (seq === null || seq > this.#seq + 1) return false;
    if (seq > this.#seq) {
      this.#seq = seq;
      this.#queue.push(event);
    }
    return true;
  }

  /** @param {ScanEvent} event */
  #taken({ seq }) {
    this.#lastTaken = seq;
    if (this.#queue.size === 0) this.#whenEmpty();
    // Once for all events of a message, though a waiting consumer takes the first before the second is there.
    queueMicrotask(() => this.#acknowledge());
  }

  #acknowledge() {
    const isEmpty = this.#queue.size === 0;
    const taken = this.#lastTaken - this.#acknowledged;
    if (!this.#socket || taken <= 0 || (!isEmpty && taken < ACKNOWLEDGED_AT_ONCE)) return;
    this.#acknowledged = this.#lastTaken;
    this.#socket.acknowledge(this.#lastTaken);
  }

  /** Resolves when the consumer has taken everything. */
  async #emptied() {
    if (this.#queue.size > 0)
      await this.#waits.within(new Promise((resolve) => (this.#whenEmpty = () => resolve(null))));
  }

  /** Returns the token to use now. */
  async #session() {
    if (this.#token !== undefined) return this.#token;
    const { session } = this.#given;
    const token = await this.#waits.within((async () => session())(), SESSION_MS).catch((cause) => {
      this.#over.signal.throwIfAborted();
      throw new Unreachable("", { cause });
    });
    // What a subprotocol may hold, and a header: anything else is no token of the edge function.
    if (typeof token !== "string" || !/^[\w.-]{1,8192}$/.test(token)) throw unauthorized();
    this.#token = token;
    return token;
  }

  /** Handles a refused token. If the next one is refused too, throws. */
  #refused() {
    this.#token = undefined;
    this.#refusals += 1;
    if (this.#refusals > 1) throw unauthorized();
  }

  /** @param {string | null} cause */
  async #pause(cause) {
    const most = Math.min(FIRST_RETRY_MS * 2 ** Math.min(this.#failures, 10), LAST_RETRY_MS);
    this.#failures += 1;
    const retryInMs = Math.round(this.#platform.random() * most);
    this.#tell({ type: "offline", retryInMs, cause });
    this.#socketAt = 0;
    await this.#waits.sleep(retryInMs);
  }

  #wake() {
    this.#socketAt = 0;
    this.#waits.wake();
    this.#socket?.probe();
  }

  /** @param {string} path */
  #url(path) {
    return `${path}?after=${this.#seq}${this.#feed === undefined ? "" : `&feed=${this.#feed}`}`;
  }

  /**
   * @param {import("../../types/events.js").ScanEventsStop} reason
   * @param {{ error?: unknown }} end
   * @param {boolean} discard
   */
  #finish(reason, end, discard) {
    if (!this.#over.signal.aborted) {
      this.#over.abort();
      this.#socket?.end();
      this.#tell({ type: "stopped", reason });
    }
    this.#queue.end(end, { discard });
  }

  /** @param {State} state */
  #tell(state) {
    if (state.type === this.#state && state.type !== "offline") return;
    this.#state = state.type;
    try {
      this.#given.onState(state);
    } catch {
      // Whoever only watches does not stop the events.
    }
  }
}

/**
 * @param {any} event
 * @returns {number | null}
 */
const seqOf = (event) => (isWhole(event?.seq) && event.seq > 0 ? event.seq : null);

/**
 * Returns the class name of something that was thrown.
 * @param {any} thrown
 */
function nameOf(thrown) {
  try {
    return /^\w{1,60}$/.test(thrown.name) ? String(thrown.name) : typeof thrown;
  } catch {
    return typeof thrown; // a getter may throw, and there may be nothing
  }
}
