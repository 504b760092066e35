// The sockets of a practice's live events: executes what the core decides about them. They hibernate: between two events
// none of this needs to be in memory, since each socket carries what the core knows about it.
import { logFailure } from "./log.js";

/** @typedef {import("./core.js").LiveEffects} LiveEffects */
/**
 * The used part of Cloudflare's `WebSocket`.
 * @typedef {{ send(text: string): void, close(code?: number, reason?: string): void, serializeAttachment(value: string): void,
 *   deserializeAttachment(): unknown }} ServerSocket
 */
/**
 * The used part of Cloudflare's `DurableObjectState`.
 * @typedef {{ acceptWebSocket(socket: ServerSocket): void, getWebSockets(): ServerSocket[],
 *   setWebSocketAutoResponse(pair: object): void, storage: { sync(): Promise<void> } }} State
 */

/** The header with which the Worker requests a socket from an inbox: who opens it, and for what. */
export const LIVE = "x-itero-dpms-live";

const PROTOCOL = "itero-dpms.v1";

/** How many characters of a message the core reads: one more than the longest valid message has. */
const MOST_CHARACTERS = 65;

export class LiveSockets {
  #core;
  #state;
  #rows;
  #now;
  /**
   * What each socket carries.
   * @type {Map<ServerSocket, string>}
   */
  #readers = new Map();
  /** The first event of each step that may not be on disk yet. */
  #unstored = /** @type {Set<number>} */ (new Set());
  /**
   * When to look again, by the inbox's clock.
   * @type {number | null}
   */
  wakeAt = null;

  /**
   * @param {import("./core.js").Core} core
   * @param {State} state
   * @param {import("./core.js").InboxRows} rows
   * @param {() => number} now
   */
  constructor(core, state, rows, now) {
    this.#core = core;
    this.#state = state;
    this.#rows = rows;
    this.#now = now;
    for (const socket of state.getWebSockets()) this.#readers.set(socket, String(socket.deserializeAttachment()));
  }

  /**
   * Opens a socket. Returns the reply to its request, or the code and reason to close it with.
   * @param {string} opening
   * @returns {Response}
   */
  open(opening) {
    const sockets = [...this.#readers.keys()];
    const effects = this.#core.liveOpen(this.#rows, this.#carriedBy(sockets), opening, this.#stored(), this.#now());
    if (effects.refused) return Response.json(effects.refused);
    const [page, socket] = pair();
    this.#state.acceptWebSocket(socket);
    this.#state.setWebSocketAutoResponse(autoResponse("ping", "pong"));
    this.#carryOut(effects, [...sockets, socket]);
    return switched(page);
  }

  /** Sends new events, and closes sockets whose time is over. */
  look() {
    const sockets = [...this.#readers.keys()];
    this.wakeAt = null;
    if (sockets.length === 0) return;
    try {
      const effects = this.#core.liveLook(this.#rows, this.#carriedBy(sockets), this.#stored(), this.#now());
      this.#carryOut(effects, sockets);
    } catch (error) {
      this.#fail(error, sockets);
    }
  }

  /**
   * Looks as soon as the writes of a step are on disk; `first` is the first event of that step.
   * @param {number} first
   */
  async recorded(first) {
    this.#unstored.add(first);
    try {
      await this.#state.storage.sync();
    } catch (error) {
      return this.#fail(error, [...this.#readers.keys()]); // nothing is sent that may be lost
    }
    this.#unstored.delete(first);
    this.look();
  }

  /**
   * @param {ServerSocket} socket
   * @param {unknown} message
   */
  said(socket, message) {
    const reader = this.#readers.get(socket);
    if (reader === undefined) return;
    try {
      const text = typeof message === "string" ? message.slice(0, MOST_CHARACTERS) : "";
      this.#carryOut(this.#core.liveMessage(this.#rows, reader, text, this.#stored(), this.#now()), [socket]);
    } catch (error) {
      this.#fail(error, [socket]);
    }
  }

  /**
   * Handles a socket that its reader has closed, or whose connection is broken.
   * @param {ServerSocket} socket
   */
  closed(socket) {
    this.#close(socket, 1000, "");
  }

  /**
   * Closes sockets for which something failed: their readers reconnect, and miss nothing.
   * @param {unknown} error
   * @param {ServerSocket[]} sockets
   */
  #fail(error, sockets) {
    logFailure("live.failed", error);
    for (const socket of sockets) this.#close(socket, 1011, "");
  }

  /** @param {ServerSocket[]} sockets */
  #carriedBy(sockets) {
    return sockets.map((socket) => this.#readers.get(socket)).join("\n");
  }

  /** Returns the last event up to which everything is on disk. */
  #stored() {
    return Math.max(0, Math.min(Number.MAX_SAFE_INTEGER, ...this.#unstored) - 1);
  }

  /**
   * @param {LiveEffects} effects
   * @param {ServerSocket[]} sockets
   */
  #carryOut({ texts, sends, readers, closes, wakeAt }, sockets) {
    /** @param {number} number */
    const at = (number) => /** @type {ServerSocket} */ (sockets[number]);
    for (const [number, text] of sends) this.#send(at(number), /** @type {string} */ (texts[text]));
    for (const [number, reader] of readers) {
      this.#readers.set(at(number), reader);
      at(number).serializeAttachment(reader);
    }
    for (const [number, code, reason] of closes) this.#close(at(number), code, reason);
    if (wakeAt !== undefined) this.wakeAt = wakeAt;
  }

  /**
   * @param {ServerSocket} socket
   * @param {string} text
   */
  #send(socket, text) {
    try {
      socket.send(text);
    } catch {
      // It is broken, which the platform is about to say.
    }
  }

  /**
   * @param {ServerSocket} socket
   * @param {number} code
   * @param {string} reason
   */
  #close(socket, code, reason) {
    this.#readers.delete(socket);
    try {
      socket.close(code, reason);
    } catch {
      // It is closed already.
    }
  }
}

/**
 * Returns a response with a socket that is closed at once: a page cannot see the status of a refused request for a socket,
 * only the code and reason with which one is closed.
 * @param {number} code
 * @param {string} reason
 */
export function closedSocket(code, reason) {
  const [page, socket] = pair();
  socket.accept();
  socket.close(code, reason);
  return switched(page);
}

/** @returns {[page: object, socket: ServerSocket & { accept(): void }]} */
function pair() {
  const { 0: page, 1: socket } = new /** @type {any} */ (globalThis).WebSocketPair();
  return [page, socket];
}

/**
 * @param {string} request
 * @param {string} response
 */
const autoResponse = (request, response) =>
  new /** @type {any} */ (globalThis).WebSocketRequestResponsePair(request, response);

/** @param {object} webSocket */
function switched(webSocket) {
  const init = { status: 101, webSocket, headers: { "Sec-WebSocket-Protocol": PROTOCOL } };
  return new Response(null, /** @type {ResponseInit} */ (init));
}
