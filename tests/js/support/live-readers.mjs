// Readers of live events for tests of the edge function: bare sockets, and `scanEvents` itself.
import assert from "node:assert/strict";
import { join } from "node:path";
import { createSessionToken } from "itero-dpms/webhook";
import { ROOT } from "./test.mjs";
import { WebSocket } from "./web-socket.mjs";

const { scanEventsOn } = await import(join(ROOT, "pkg/lib/events/events.js"));
const { platform } = await import(join(ROOT, "pkg/lib/events/platform.js"));

export const SESSION_SECRET = "session-secret-of-thirty-two-byte";

/** The environment by which sessions are taken. */
export const env = { SESSION_SECRETS: SESSION_SECRET, ALLOWED_ORIGINS: "https://portal.example" };

export const session = (companyId, options = {}) =>
  createSessionToken({ companyId, subject: "user-1", scopes: ["events:read"], ...options }, SESSION_SECRET);

/**
 * Opens a bare socket. `messages` are what it was sent, `seqs` the events of that.
 * @param {{ url: string }} edge
 * @param {number} companyId
 * @param {string} token
 */
export function openSocket(edge, companyId, token, { query = "", headers = {}, protocols = ["itero-dpms.v1"] } = {}) {
  const url = `${edge.url.replace("http", "ws")}/practices/${companyId}/events/live${query}`;
  const socket = new WebSocket(url, [...protocols, `bearer.${token}`], { headers });
  const reader = {
    socket,
    messages: [],
    seqs: [],
    /** @type {{ code: number, reason: string } | undefined} */
    closed: undefined,
    /** Resolves with code and reason. */
    closing: new Promise((resolve) =>
      socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason })),
    ),
    acknowledge: () => socket.send(JSON.stringify({ type: "ack", seq: reader.seqs.at(-1) ?? 0 })),
  };
  void reader.closing.then((end) => (reader.closed = end));
  socket.addEventListener("message", ({ data }) => {
    reader.messages.push(data);
    if (data === "pong") return;
    const message = JSON.parse(data);
    if (message.type === "events") reader.seqs.push(...message.events.map(({ seq }) => seq));
  });
  return reader;
}

/**
 * Follows a practice's events as a page does, wherever the edge function is now. Ends with the test.
 * @param {Pick<import("node:test").TestContext, "after">} t
 * @param {() => string} edgeUrl called for each attempt to reach it
 */
export function follow(t, edgeUrl, companyId, { after = 0, session: own, webSocket = true } = {}) {
  const controller = new AbortController();
  const reader = { events: [], states: [], error: undefined };
  const moved = (url) =>
    url.replace("http://edge.invalid", edgeUrl()).replace("ws://edge.invalid", edgeUrl().replace("http", "ws"));
  class MovedSocket extends WebSocket {
    constructor(url, protocols) {
      super(moved(url), protocols);
    }
  }
  const events = scanEventsOn(
    {
      ...platform(),
      // The waits of a page would make the tests long.
      setTimeout: (run, ms) => setTimeout(run, ms / 20),
      WebSocket: webSocket ? MovedSocket : undefined,
      fetch: (url, init) => fetch(moved(url), init),
    },
    {
      edgeUrl: "http://edge.invalid",
      companyId,
      session: own ?? (() => session(companyId)),
      after,
      signal: controller.signal,
      onState: (state) => reader.states.push(state),
    },
  );
  const done = (async () => {
    for await (const event of events) reader.events.push(event);
  })().catch((error) => {
    if (!controller.signal.aborted) reader.error = error;
  });
  t.after(async () => {
    controller.abort();
    await done;
  });
  return reader;
}

/** Asserts that a reader has each event from `first` to `last` once, in order. */
export function assertWhole({ events, error }, first, last) {
  assert.equal(error, undefined);
  const seqs = events.map(({ seq }) => seq);
  assert.deepEqual(
    seqs,
    Array.from({ length: last - first + 1 }, (_, at) => first + at),
  );
}
