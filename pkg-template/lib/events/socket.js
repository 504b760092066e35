// One WebSocket, from its opening to its end. It decides only whether the connection is alive.

/** @typedef {import("../../types/events.js").ScanEvent} ScanEvent */
/** @typedef {{ code: number, reason: string }} End */

export const PROTOCOL = "itero-dpms.v1";

/** How long the edge function may take for its first message, and for the reply to a ping: after a wake-up, and otherwise. */
const HELLO_MS = 10_000;
const PROBE_MS = 5_000;
const PONG_MS = 10_000;
const PING_EVERY_MS = 30_000;

/** The longest message to read. The edge function sends a tenth of it at most. */
const MOST_CHARACTERS = 4 << 20;

/** Ends for which no close frame arrives, with the codes that RFC 6455 gives them. */
const LOST = { code: 1006, reason: "" };
const BROKEN = { code: 1002, reason: "" };

export class Socket {
  #platform;
  #socket = /** @type {WebSocket | undefined} */ (undefined);
  #hooks;
  /** @type {unknown} */
  #timer;
  #heard = false;
  #resolve = /** @type {(end: End) => void} */ (() => {});
  /** Whether the edge function has said hello. */
  isLive = false;
  /** @type {Promise<End>} */
  ended = new Promise((resolve) => (this.#resolve = resolve));

  /**
   * @param {import("./platform.js").Platform} platform
   * @param {string} url
   * @param {string} token
   * @param {{ hello(feed: number, after: number): void, events(events: unknown[]): boolean, heard(): void }} hooks `events`
   *   returns false for events that are not valid
   */
  constructor(platform, url, token, hooks) {
    this.#platform = platform;
    this.#hooks = hooks;
    const { WebSocket } = platform;
    try {
      if (WebSocket) this.#listen(new WebSocket(url, [PROTOCOL, `bearer.${token}`]));
      else this.end(LOST);
    } catch {
      this.end(LOST); // a page that may not open this one, such as ws: from https:
    }
  }

  /** @param {number} seq */
  acknowledge(seq) {
    this.#send(JSON.stringify({ type: "ack", seq }));
  }

  /** Checks whether the connection is still alive, which is unknown after the page was suspended. */
  probe() {
    if (this.isLive) this.#ping(PROBE_MS);
  }

  /** @param {End} end */
  end(end = LOST) {
    this.#platform.clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    this.isLive = false;
    try {
      socket?.close();
    } catch {
      // It has not even begun.
    }
    this.#resolve(end);
  }

  /** @param {WebSocket} socket */
  #listen(socket) {
    this.#socket = socket;
    this.#timer = this.#platform.setTimeout(() => this.end(LOST), HELLO_MS);
    const isThis = () => this.#socket === socket;
    socket.addEventListener("message", ({ data }) => {
      if (isThis() && !this.#read(data)) this.end(BROKEN);
    });
    socket.addEventListener("close", ({ code, reason }) => {
      if (isThis()) this.end({ code, reason });
    });
    // What follows an error is a close, but not everywhere.
    socket.addEventListener("error", () => {
      if (isThis()) this.end(LOST);
    });
  }

  /**
   * Returns false if the other side does not follow the protocol. Messages that a later version may add are ignored.
   * @param {unknown} data
   */
  #read(data) {
    this.#heard = true;
    if (data === "pong") {
      this.#hooks.heard();
      return true;
    }
    if (typeof data !== "string" || data.length > MOST_CHARACTERS) return false;
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return false;
    }
    if (message?.type === "hello") {
      const { feed, after } = message;
      if (this.isLive || !isWhole(feed) || !isWhole(after)) return false;
      this.isLive = true;
      // At once: workerd leaves the connection of a socket open that it closes before anything was said there.
      this.#ping(PONG_MS);
      this.#hooks.hello(feed, after);
      return true;
    }
    if (message?.type === "events") {
      return this.isLive && Array.isArray(message.events) && this.#hooks.events(message.events);
    }
    return typeof message === "object" && message !== null;
  }

  /** @param {number} limit */
  #ping(limit) {
    this.#platform.clearTimeout(this.#timer);
    this.#heard = false;
    this.#send("ping");
    this.#timer = this.#platform.setTimeout(() => {
      if (!this.#heard) return this.end(LOST);
      this.#timer = this.#platform.setTimeout(() => this.#ping(PONG_MS), PING_EVERY_MS - limit);
    }, limit);
  }

  /** @param {string} text */
  #send(text) {
    try {
      this.#socket?.send(text);
    } catch {
      // It is closing: its end is told by an event.
    }
  }
}

/** @param {unknown} value */
export const isWhole = (value) => Number.isSafeInteger(value) && /** @type {number} */ (value) >= 0;
