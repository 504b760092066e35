// The live events of an edge function in memory, and a clock that only tests advance, for `scanEvents` without time or network.
import { setImmediate } from "node:timers/promises";

export const EDGE_URL = "https://itero.example";

/** Lets everything happen that needs no time. */
export async function idle() {
  for (let turn = 0; turn < 12; turn++) await setImmediate();
}

/** What `scanEvents` uses of a platform: a clock that stands still, random numbers that are all `random`, the edge's network. */
export function fakePlatform(edge, { random = 0.5, webSocket = true } = {}) {
  let now = 0;
  let number = 0;
  /** @type {Map<number, { at: number, run: () => void }>} */
  const timers = new Map();
  const wakers = new Set();
  const platform = {
    now: () => now,
    random: () => random,
    setTimeout: (run, ms) => (timers.set(++number, { at: now + ms, run }), number),
    clearTimeout: (timer) => timers.delete(timer),
    fetch: (url, init) => edge.fetch(url, init),
    WebSocket: webSocket ? edge.WebSocket : undefined,
    onWake: (wake) => (wakers.add(wake), () => wakers.delete(wake)),
  };
  return {
    platform,
    timers,
    wakers,
    wake: () => wakers.forEach((wake) => wake()),
    /** Lets time pass, and what is due happen in its order. */
    async advance(ms) {
      const end = now + ms;
      for (await idle(); ; await idle()) {
        const [next] = [...timers].filter(([, { at }]) => at <= end).sort((a, b) => a[1].at - b[1].at);
        if (next === undefined) break;
        timers.delete(next[0]);
        now = Math.max(now, next[1].at);
        next[1].run();
      }
      now = end;
    },
  };
}

export function fakeLiveEdge() {
  const edge = {
    /** All events, by which the `seq` of the first is 1 + `expired`. @type {{ seq: number }[]} */
    events: [],
    expired: 0,
    feed: 1_741_078_800_000,
    /** The token that is taken. */
    token: "session-1",
    /** Whether sockets open, `"refused"`, or are `"silent"`. @type {"open" | "refused" | "silent"} */
    sockets: "open",
    /** Whether pings are replied to, and events sent to the sockets that are open. */
    isAlive: true,
    /** A status that each page gets, an error that `fetch` rejects with, or what a page is. @type {number | Error | object | undefined} */
    page: undefined,
    /** Each socket that was opened, in order. @type {FakeSocket[]} */
    opened: [],
    /** The URL of each page that was asked for. @type {string[]} */
    pages: [],
    record(count = 1) {
      for (let n = 0; n < count; n++) edge.events.push({ seq: edge.expired + edge.events.length + 1 });
      if (edge.isAlive) for (const socket of edge.live()) socket.sendRest();
    },
    live: () => edge.opened.filter(({ readyState }) => readyState === 1),
    after: (seq) => edge.events.filter((event) => event.seq > seq),
    async fetch(url, { headers, signal }) {
      edge.pages.push(url);
      if (edge.page instanceof Error) throw edge.page;
      if (edge.page === "hangs") {
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      }
      if (typeof edge.page === "number") return new Response("", { status: edge.page });
      if (edge.page !== undefined) return new Response(edge.page);
      if (headers.Authorization !== `Bearer ${edge.token}`) return new Response("", { status: 401 });
      const { searchParams } = new URL(url);
      const [after, limit] = ["after", "limit"].map((name) => Number(searchParams.get(name)));
      const reset = after > edge.expired + edge.events.length;
      const events = edge.after(reset ? 0 : after).slice(0, limit);
      return Response.json({ events, next: events.at(-1)?.seq ?? after, feed: edge.feed, reset });
    },
  };

  class FakeSocket extends EventTarget {
    readyState = 0;
    /** What was sent to the edge function. @type {string[]} */
    sent = [];

    constructor(url, protocols) {
      super();
      Object.assign(this, { url, protocols });
      edge.opened.push(this);
      queueMicrotask(() => this.#open());
    }

    #open() {
      if (edge.sockets === "refused") return this.drop();
      if (edge.sockets === "silent" || this.readyState !== 0) return;
      this.readyState = 1;
      if (this.protocols[1] !== `bearer.${edge.token}`) return this.drop(4401);
      const after = Number(new URL(this.url).searchParams.get("after"));
      if (after > 0 && after < edge.expired) return this.drop(4409, String(edge.expired + 1));
      this.cursor = Math.max(after, edge.expired);
      this.say({ type: "hello", feed: edge.feed, after: this.cursor });
      this.sendRest();
    }

    sendRest() {
      const events = edge.after(this.cursor);
      if (events.length === 0) return;
      this.cursor = events.at(-1).seq;
      this.say({ type: "events", events });
    }

    /** Sends a message to the page. */
    say(message) {
      const data = typeof message === "object" ? JSON.stringify(message) : message;
      queueMicrotask(() => this.dispatchEvent(Object.assign(new Event("message"), { data })));
    }

    /** The line breaks, or the edge function closes it. */
    drop(code = 1006, reason = "") {
      this.readyState = 3;
      queueMicrotask(() => this.dispatchEvent(Object.assign(new Event("close"), { code, reason })));
    }

    send(text) {
      this.sent.push(text);
      if (text === "ping" && edge.isAlive) this.say("pong");
    }

    close() {
      this.readyState = 3;
    }
  }
  return Object.assign(edge, { WebSocket: FakeSocket });
}
