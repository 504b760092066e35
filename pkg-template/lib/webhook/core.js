// The core's exports, with JSON converted in both directions. The core decides everything; the files around this one only
// execute that.
import * as wasm from "../../wasm/webhook/itero_dpms.js";

/** @typedef {ReturnType<typeof coreFrom>} Core */
/** @typedef {import("../../wasm/webhook/itero_dpms.js").InboxRows} InboxRows */

/**
 * A request without its body.
 * @typedef {{ method: string, path: string, query: string, authorization: string | null, contentLength: string | null }} Head
 */
/**
 * The secrets that callers must present, those of callbacks comma-separated, and the variables that hold an unusable one.
 * @typedef {{ callbackSecrets: string, adminKey: string, unusable: string[] }} Keys
 */
/** @typedef {{ status: number, headers: Record<string, string>, body: string }} Reply */
/** @typedef {{ maxBytes: number, timeoutMs: number }} Reading */
/**
 * An input for the inbox of a practice. The input is JSON.
 * @typedef {{ practice: string, input: string }} Forward
 */
/**
 * A request below `/practices`: its head, the page that sends it, and what gives portals access.
 * @typedef {import("./access.js").Access & { head: Head, origin: string | null, host: string | null, upgrade: string | null,
 *   protocols: string | null, adminKey: string, tokenId: string, now: number }} Visit
 */
/**
 * A call to pass on: the practice, the user, the call as the log and the API get it, and headers for any response.
 * @typedef {{ companyId: number, subject: string, session: string, endpoint: string, method: string, version: "v2" | "v3", path: string,
 *   isDownload: boolean, headers: Record<string, string> }} Plan
 */
/**
 * What to do with such a request: leave it to `receive`, reply, read its body, pass it on, forward an input and add headers
 * to the reply, open a socket to a practice's inbox, or open a socket and close it.
 * @typedef {{ other?: object, reply?: Reply, relay?: Plan,
 *   read?: { reading: Reading, headers: Record<string, string> },
 *   forward?: { forward: Forward, headers: Record<string, string> }, live?: { practice: string, opening: string },
 *   close?: [code: number, reason: string] }} Visited
 */
/**
 * The outcome of a call that was passed on: a response, or a failure.
 * @typedef {{ method: string, url: string, bases: string[], followed: number, renewed: boolean,
 *   outcome: "network" | "silence" | { response: { status: number, headers: Record<string, string> } } }} Answer
 */
/**
 * What to do after such an outcome: pass the response on with other headers, reply, call another URL, or renew the token
 * and call again.
 * @typedef {{ pass?: { status: number, headers: [string, string][] }, reply?: Reply, follow?: string, renew?: object }} Next
 */
/** @typedef {{ token: string, errors?: undefined } | { errors: { field: string, message: string }[] }} Granted */
/**
 * What to do with a request: reply, read its body, which has to be `content`, or forward an input to a practice's inbox.
 * @typedef {{ reply?: Reply, read?: { reading: Reading, content: string }, forward?: Forward }} Received
 */
/**
 * An HTTP call to make.
 * @typedef {{ id: string, method: string, url: string, headers: Record<string, string>, body: string | null,
 *   timeoutMs: number, maxBytes: number }} Call
 */
/**
 * What to do after a step, in this order.
 * @typedef {{ clear?: boolean, writes: [key: string, value: string | null][], wakeBy?: number, wakeAt?: number | null,
 *   news?: number, reply?: Reply, waitFor?: string, calls: Call[], log: object[] }} Effects
 */

/**
 * What to do about the sockets of a practice, each given as its index among those that were passed.
 * @typedef {{ refused?: [code: number, reason: string], texts: string[], sends: [socket: number, text: number][],
 *   readers: [socket: number, reader: string][], closes: [socket: number, code: number, reason: string][],
 *   wakeAt?: number | null }} LiveEffects
 */

/**
 * Returns the core, in a module that `load` loads.
 * @param {() => Promise<void>} load
 */
export function coreFrom(load) {
  return {
    /** Await this before the first call. */
    ready: load,
    /**
     * Returns what to do with a request.
     * @param {Head} head
     * @param {Keys} keys
     * @returns {Received}
     */
    receive: (head, { callbackSecrets, adminKey, unusable }) =>
      JSON.parse(guarded(() => wasm.receive(JSON.stringify(head), callbackSecrets, adminKey, unusable))),
    /**
     * Returns what to do with the body of a request, which has to be `content`.
     * @param {string} content
     * @param {Uint8Array} body
     * @returns {Received}
     */
    take: (content, body) => JSON.parse(guarded(() => wasm.take(content, body))),
    /**
     * Returns what to do about a notification that an inbox replied 428 to: each in turn, as long as the replies are
     * successful.
     * @param {string} input
     * @returns {Forward[]}
     */
    admission: (input) => JSON.parse(guarded(() => wasm.admission(input))),
    /**
     * Returns what to do with a request below `/practices`.
     * @param {Visit} visit
     * @param {Uint8Array} [body]
     * @returns {Visited}
     */
    visit: (visit, body) => JSON.parse(guarded(() => wasm.visit(JSON.stringify(visit), body))),
    /**
     * Returns what to do after a call that was passed on.
     * @param {Answer} answer
     * @returns {Next}
     */
    answered: (answer) => JSON.parse(guarded(() => wasm.answered(JSON.stringify(answer)))),
    /**
     * Returns the reply to a call that is not made: too many are in flight, or the location of the API is not known.
     * @param {"busy" | "not-located"} reason
     * @returns {Reply}
     */
    relayRefusal: (reason) => JSON.parse(guarded(() => wasm.relayRefusal(reason))),
    /**
     * Returns a session token, or what is wrong with the options, which are JSON.
     * @param {string} options
     * @param {string} secret
     * @param {string} id
     * @param {number} now
     * @returns {Granted}
     */
    createSession: (options, secret, id, now) =>
      JSON.parse(guarded(() => wasm.createSession(options, secret, id, now))),
    /**
     * Returns whether each of the comma-separated session secrets is long enough.
     * @param {string} secrets
     * @returns {boolean}
     */
    areSessionSecrets: (secrets) => wasm.areSessionSecrets(secrets),
    /**
     * Returns what a practice's inbox does about `input`, which is JSON. `rows` are its rows, and `flights` the ids of the
     * calls in flight.
     * @param {InboxRows} rows
     * @param {string} settings
     * @param {string} input
     * @param {string[]} flights
     * @param {number} now
     * @returns {Effects}
     */
    step: (rows, settings, input, flights, now) =>
      JSON.parse(guarded(() => wasm.step(rows, settings, input, flights, now))),
    /**
     * Returns what to do when a socket is requested. `readers` holds what the other sockets carry, one per line; events up to
     * `stored` are on disk.
     * @param {InboxRows} rows
     * @param {string} readers
     * @param {string} opening
     * @param {number} stored
     * @param {number} now
     * @returns {LiveEffects}
     */
    liveOpen: (rows, readers, opening, stored, now) =>
      JSON.parse(guarded(() => wasm.liveOpen(rows, readers, opening, stored, now))),
    /**
     * Returns what to send to the sockets of a practice, and which of them to close.
     * @param {InboxRows} rows
     * @param {string} readers
     * @param {number} stored
     * @param {number} now
     * @returns {LiveEffects}
     */
    liveLook: (rows, readers, stored, now) => JSON.parse(guarded(() => wasm.liveLook(rows, readers, stored, now))),
    /**
     * Returns what to do about a message from a socket, which carries `reader`.
     * @param {InboxRows} rows
     * @param {string} reader
     * @param {string} message
     * @param {number} stored
     * @param {number} now
     * @returns {LiveEffects}
     */
    liveMessage: (rows, reader, message, stored, now) =>
      JSON.parse(guarded(() => wasm.liveMessage(rows, reader, message, stored, now))),
    /**
     * Returns the reply to a notification that is stored.
     * @returns {Reply}
     */
    accepted: () => JSON.parse(guarded(wasm.accepted)),
    /**
     * Returns the reply to a request whose body ended early or took too long.
     * @returns {Reply}
     */
    incomplete: () => JSON.parse(guarded(wasm.incomplete)),
    /**
     * Returns the reply for when storage or the core fails: nothing is acknowledged, and the caller should try again.
     * @returns {Reply}
     */
    unavailable: () => JSON.parse(guarded(wasm.unavailable)),
    /**
     * Reads the body of a callback. Throws an `Error` that names the wrong field; that is not a crash.
     * @param {Uint8Array | string} body
     * @returns {import("../../wasm/webhook/itero_dpms.js").Callback}
     */
    parseCallback: (body) => JSON.parse(wasm.parseCallback(body)),
  };
}

/**
 * Makes a call of the module. If it throws, by a trap or since storage fails, its instance is in an unknown state, so the
 * next call gets a new instance.
 * @param {() => string} call
 */
function guarded(call) {
  try {
    return call();
  } catch (error) {
    wasm.__wbg_reset_state();
    throw error;
  }
}
