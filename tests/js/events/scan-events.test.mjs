// `scanEvents` against an edge function in memory, by a clock that the tests advance: what it yields, and which way.
import assert from "node:assert/strict";
import { join } from "node:path";
import { EDGE_URL, fakeLiveEdge, fakePlatform, idle } from "../support/live-edge.mjs";
import { ROOT, rejection, test } from "../support/test.mjs";

const { scanEventsOn, ScanEventsError } = await import(join(ROOT, "pkg/lib/events/events.js"));

/** Follows the events of an edge function; `seen` are those that have arrived, `states` the states. */
function follow(options = {}, { edge = fakeLiveEdge(), ...platform } = {}) {
  const fake = fakePlatform(edge, platform);
  const states = [];
  const sessions = [];
  const events = scanEventsOn(fake.platform, {
    edgeUrl: EDGE_URL,
    companyId: 90360,
    session: () => (sessions.push(edge.token), edge.token),
    onState: (state) => states.push(state),
    ...options,
  });
  return { edge, events, states, sessions, types: () => states.map(({ type }) => type), ...fake };
}

/** Takes every event as soon as it is there. */
function taking(line) {
  const seen = [];
  const done = (async () => {
    for await (const event of line.events) seen.push(event.seq);
  })();
  done.catch(() => {});
  return { seen, done };
}

const upTo = (last, first = 1) => Array.from({ length: last - first + 1 }, (_, at) => first + at);

test("the events that are kept come first, then each as it is recorded", async () => {
  const line = follow();
  line.edge.record(3);
  const { seen } = taking(line);
  await idle();
  assert.deepEqual(seen, [1, 2, 3]);
  line.edge.record(2);
  await idle();
  assert.deepEqual(seen, [1, 2, 3, 4, 5]);
  assert.deepEqual(line.states, [{ type: "connecting" }, { type: "live", feed: line.edge.feed }]);
  const [socket] = line.edge.opened;
  assert.equal(socket.url, "wss://itero.example/practices/90360/events/live?after=0");
  assert.deepEqual(socket.protocols, ["itero-dpms.v1", "bearer.session-1"]);
});

test("nothing is opened before the first event is asked for, and everything closed when the loop is left", async () => {
  const line = follow({ after: 2, feed: 7 });
  await idle();
  assert.equal(line.edge.opened.length, 0);
  line.edge.feed = 7;
  line.edge.record(4);
  for await (const { seq } of line.events) {
    assert.equal(seq, 3);
    break;
  }
  await idle();
  assert.match(line.edge.opened[0].url, /\?after=2&feed=7$/);
  assert.deepEqual([line.edge.live().length, line.timers.size, line.wakers.size], [0, 0, 0]);
  assert.deepEqual(line.states.at(-1), { type: "stopped", reason: "left" });
  assert.deepEqual(await line.events.next(), { done: true, value: undefined });
});

test("a line that breaks goes on after the last event that arrived, after a part of a time that doubles to 30 seconds", async () => {
  const line = follow();
  const { seen } = taking(line);
  line.edge.record(2);
  await idle();
  const waits = [];
  line.edge.opened[0].drop();
  line.edge.sockets = "refused";
  line.edge.page = new TypeError("fetch failed");
  for (let attempt = 0; attempt < 8; attempt++) {
    await idle();
    assert.equal(line.states.at(-1).type, "offline");
    waits.push(line.states.at(-1).retryInMs);
    await line.advance(waits.at(-1));
  }
  assert.deepEqual(waits, [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
  line.edge.record(2);
  line.edge.sockets = "open";
  await line.advance(15_000);
  assert.deepEqual(seen, upTo(4));
  assert.equal(line.states.at(-1).type, "live");
});

test("a line that only ever says hello is opened ever more seldom", async () => {
  const line = follow();
  taking(line);
  await idle();
  for (let n = 0; n < 6; n++) {
    line.edge.live().forEach((socket) => socket.drop());
    await line.advance(60_000);
  }
  const waits = line.states.filter(({ type }) => type === "offline").map(({ retryInMs }) => retryInMs);
  assert.deepEqual(waits, [500, 500, 500, 500, 500, 500], "one that holds for a while is as good as new");
  waits.length = 0;
  for (let n = 0; n < 4; n++) {
    line.edge.live().forEach((socket) => socket.drop());
    await idle();
    waits.push(line.states.at(-1).retryInMs);
    await line.advance(waits.at(-1));
  }
  assert.deepEqual(waits, [500, 1_000, 2_000, 4_000]);
});

test("an event that arrives twice is yielded once, and one that skips another is asked for again", async () => {
  const line = follow();
  const { seen } = taking(line);
  line.edge.record(2);
  await idle();
  const [socket] = line.edge.opened;
  socket.say({ type: "events", events: [{ seq: 1 }, { seq: 2 }] });
  socket.say({ type: "later", than: "this release" });
  await idle();
  assert.equal(socket.readyState, 1);
  line.edge.isAlive = false;
  line.edge.record(2);
  socket.say({ type: "events", events: [{ seq: 4 }] });
  await line.advance(1_000);
  assert.equal(line.edge.opened.length, 2);
  assert.deepEqual(seen, upTo(4));
});

for (const message of [
  "<html>",
  "{",
  "null",
  { type: "events", events: {} },
  { type: "events", events: [7] },
  { type: "hello" },
]) {
  test(`a message ${JSON.stringify(message)} ends the line, which is opened again`, async () => {
    const line = follow();
    const { seen } = taking(line);
    await idle();
    line.edge.opened[0].say(message);
    line.edge.isAlive = false;
    line.edge.record();
    await line.advance(1_000);
    assert.deepEqual([line.edge.opened.length, seen], [2, [1]]);
  });
}

test("where sockets do not get through the feed is polled, with growing pauses, and sockets are tried now and then", async () => {
  const line = follow();
  line.edge.sockets = "refused";
  line.edge.record(250);
  const { seen } = taking(line);
  await idle();
  assert.deepEqual(seen, upTo(250));
  assert.deepEqual(line.types(), ["connecting", "polling"]);
  assert.equal(line.edge.pages[0], `${EDGE_URL}/practices/90360/events?after=0&limit=100`);
  await line.advance(3_600_000);
  const polled = line.edge.pages.length;
  assert.ok(polled > 120 && polled < 200, `${polled} pages in an hour`);
  assert.ok(
    line.edge.opened.length > 10 && line.edge.opened.length < 25,
    `${line.edge.opened.length} sockets in an hour`,
  );
  line.edge.record();
  await line.advance(30_000);
  assert.deepEqual(seen, upTo(251));
  assert.deepEqual(line.types(), ["connecting", "polling"]);
  line.edge.sockets = "open";
  await line.advance(330_000);
  assert.equal(line.states.at(-1).type, "live");
});

test("where there are no sockets at all the feed is polled", async () => {
  const line = follow({}, { webSocket: false });
  const { seen } = taking(line);
  for (let n = 0; n < 5; n++) {
    line.edge.record();
    await line.advance(30_000);
  }
  assert.deepEqual(seen, upTo(5));
  assert.deepEqual([line.types(), line.edge.opened.length], [["polling"], 0]);
});

test("a dead line is noticed by a ping within 40 seconds, and a silent handshake after 10", async () => {
  const line = follow();
  const { seen } = taking(line);
  await line.advance(60_000);
  assert.equal(line.edge.opened.length, 1);
  assert.equal(line.edge.opened[0].sent.filter((text) => text === "ping").length, 3);
  line.edge.isAlive = false;
  line.edge.record();
  await line.advance(39_000);
  assert.equal(line.edge.opened.length, 1);
  await line.advance(2_000);
  assert.deepEqual([line.edge.opened.length, seen], [2, [1]]);

  const silent = follow();
  silent.edge.sockets = "silent";
  taking(silent);
  await silent.advance(9_999);
  assert.deepEqual(silent.types(), ["connecting"]);
  await silent.advance(2);
  assert.deepEqual(silent.types(), ["connecting", "polling"]);
});

test("when the network or the page is back, a wait ends at once and a line that seems alive is probed", async () => {
  const line = follow({}, { random: 0.999 });
  const { seen } = taking(line);
  await idle();
  line.wake();
  assert.equal(line.edge.opened[0].sent.at(-1), "ping");
  await idle();
  line.edge.isAlive = false;
  line.edge.sockets = "refused";
  line.edge.page = new TypeError("fetch failed");
  line.wake();
  await line.advance(5_000);
  assert.equal(line.states.at(-1).type, "offline");
  await line.advance(60_000);
  line.edge.record();
  line.edge.sockets = "open";
  await idle();
  assert.equal(line.states.at(-1).type, "offline");
  line.wake();
  await idle();
  assert.deepEqual([line.states.at(-1).type, seen], ["live", [1]]);
});

test("a session that is over is renewed at once, on a socket and while polling", async () => {
  const line = follow();
  const { seen } = taking(line);
  await idle();
  line.edge.token = "session-2";
  line.edge.opened[0].drop(4401);
  await idle();
  line.edge.record();
  await idle();
  assert.deepEqual([line.sessions, seen], [["session-1", "session-2"], [1]]);
  assert.deepEqual(line.types(), ["connecting", "live", "connecting", "live"]);

  const polling = follow({}, { webSocket: false });
  taking(polling);
  await idle();
  polling.edge.token = "session-2";
  await polling.advance(60_000);
  assert.deepEqual(polling.sessions, ["session-1", "session-2"]);
  assert.deepEqual(polling.types(), ["polling"]);
});

test("sessions that are over as soon as a line is live are not asked for without end", async () => {
  const line = follow();
  const { done } = taking(line);
  await idle();
  for (let n = 0; n < 2; n++) {
    line.edge.live().forEach((socket) => socket.drop(4401));
    await idle();
  }
  assert.equal((await rejection(done)).kind, "unauthorized");
  assert.equal(line.sessions.length, 2);
});

/** What ends the events, and with which error. */
const ENDS = {
  "a session() without a token": [{ session: () => null }, () => {}, "unauthorized"],
  "a session() with what is no token": [{ session: () => "two words" }, () => {}, "unauthorized"],
  "a second token that is refused": [{ session: () => "another" }, () => {}, "unauthorized"],
  "a scope that is missing": [{}, (edge) => edge.opened[0].drop(4403), "forbidden"],
  "a practice that is removed": [{}, (edge) => edge.opened[0].drop(4404), "not-found"],
  "a cursor that is too old": [{}, (edge) => edge.opened[0].drop(4409, "12"), "gap", 12],
  "a cursor that is too old for a reason nobody can read": [
    {},
    (edge) => edge.opened[0].drop(4409, "<b>"),
    "gap",
    null,
  ],
  "a page with 403": [{ polls: 403 }, () => {}, "forbidden"],
  "a page with 404": [{ polls: 404 }, () => {}, "not-found"],
};

for (const [name, [{ polls, ...options }, then, kind, oldestSeq = null]] of Object.entries(ENDS)) {
  test(`${name} ends the events with ${kind}, after those that have arrived`, async () => {
    const edge = fakeLiveEdge();
    edge.record();
    edge.page = polls;
    const line = follow(options, { edge, webSocket: polls === undefined });
    const next = [line.events.next(), line.events.next(), line.events.next()];
    next.forEach((result) => result.catch(() => {}));
    await idle();
    then(edge);
    await idle();
    const results = await Promise.allSettled(next);
    const errors = results.filter(({ status }) => status === "rejected").map(({ reason }) => reason);
    assert.equal(errors.length, 1);
    assert.ok(errors[0] instanceof ScanEventsError && errors[0].name === "ScanEventsError");
    assert.deepEqual([errors[0].kind, errors[0].oldestSeq], [kind, oldestSeq]);
    assert.deepEqual(line.states.at(-1), { type: "stopped", reason: kind });
    assert.deepEqual([line.timers.size, line.wakers.size, edge.live().length], [0, 0, 0]);
    assert.doesNotMatch(errors[0].message, /session-|another|itero\.example/);
  });
}

test("a session() that rejects, throws or never resolves is asked again later", async () => {
  const outcomes = [
    () => Promise.reject(new TypeError("fetch failed")),
    () => {
      throw undefined;
    },
    () =>
      Promise.reject({
        get name() {
          throw new Error("a trap");
        },
      }),
    () => Promise.reject({ name: "a token: session-1" }),
    () => new Promise(() => {}),
    () => "session-1",
  ];
  const line = follow({ session: () => outcomes.shift()() });
  const { seen } = taking(line);
  line.edge.record();
  await line.advance(60_000);
  assert.deepEqual([outcomes.length, seen], [0, [1]]);
  assert.deepEqual(line.types(), [...Array(5).fill("offline"), "connecting", "live"]);
  const causes = line.states.slice(0, 5).map(({ cause }) => cause);
  assert.deepEqual(causes, ["TypeError", "undefined", "object", "object", "Error"]);
});

for (const [name, page] of Object.entries({
  503: 503,
  "a redirect": 302,
  "a web page": "<html>",
  "JSON of something else": "[]",
  silence: "hangs",
  "what has no end": new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1 << 16).fill(32)) }),
})) {
  test(`a feed that answers ${name} is asked again later`, async () => {
    const line = follow({}, { webSocket: false });
    line.edge.page = page;
    const { seen } = taking(line);
    await line.advance(16_000);
    assert.equal(line.states[0].type, "offline");
    line.edge.page = undefined;
    line.edge.record();
    await line.advance(60_000);
    assert.deepEqual([line.states.at(-1).type, seen], ["polling", [1]]);
  });
}

test("events that the feed no longer has, or has of another practice's registration, are a gap", async () => {
  const expired = follow({ after: 5 }, { webSocket: false });
  expired.edge.expired = 10;
  expired.edge.record(2);
  const error = await rejection(() => expired.events.next());
  assert.deepEqual([error.kind, error.oldestSeq], ["gap", 11]);

  const reset = follow({ after: 5 }, { webSocket: false });
  reset.edge.record(2);
  assert.equal((await rejection(() => reset.events.next())).oldestSeq, 1);

  const another = follow({ after: 1, feed: 3 });
  another.edge.record(2);
  assert.equal((await rejection(() => another.events.next())).kind, "gap");

  const sleeper = follow();
  taking(sleeper);
  await idle();
  sleeper.edge.expired = 4;
  sleeper.edge.opened[0].drop();
  await sleeper.advance(1_000);
  assert.deepEqual(sleeper.states.at(-1), { type: "stopped", reason: "gap" });
});

test("a consumer that is slow is not run over: what it takes is acknowledged, and what is too much ends the line", async () => {
  const line = follow();
  line.edge.record(100);
  await line.events.next();
  await idle();
  const [socket] = line.edge.opened;
  const acknowledgements = () => socket.sent.filter((text) => text !== "ping").map((text) => JSON.parse(text));
  assert.deepEqual(acknowledgements(), []);
  for (let n = 0; n < 99; n++) await line.events.next();
  assert.deepEqual(
    acknowledgements(),
    [32, 64, 96, 100].map((seq) => ({ type: "ack", seq })),
  );

  line.edge.record(2_000);
  await line.advance(3_600_000);
  assert.deepEqual([line.edge.opened.length, line.edge.live().length], [1, 0]);
  const seen = [];
  for (let n = 0; n < 2_000; n++) seen.push((await line.events.next()).value.seq);
  assert.deepEqual(seen, upTo(2_100, 101));
});

test("a consumer that takes nothing is sent no second page of the feed", async () => {
  const line = follow({}, { webSocket: false });
  line.edge.record(500);
  await line.events.next();
  await line.advance(3_600_000);
  assert.equal(line.edge.pages.length, 1);
  const seen = [];
  for (let n = 0; n < 499; n++) seen.push((await line.events.next()).value.seq);
  assert.deepEqual(seen, upTo(500, 2));
});

test("a reader that the edge function closes for being slow comes back when it has taken everything", async () => {
  const line = follow();
  line.edge.record(3);
  await line.events.next();
  line.edge.opened[0].drop(4408);
  await line.advance(600_000);
  assert.equal(line.edge.opened.length, 1);
  line.edge.record(2);
  const seen = [];
  for (let n = 0; n < 4; n++) seen.push((await line.events.next()).value.seq);
  assert.deepEqual([seen, line.edge.opened.length], [[2, 3, 4, 5], 2]);
});

/** Where the events are when they are given up. */
const STAGES = {
  "before anything": {},
  "while session() is asked": { session: () => new Promise(() => {}) },
  "while a socket is opened": { sockets: "silent" },
  "while it is live": {},
  "while a page is on its way": { sockets: "refused", page: "hangs" },
  "while it is offline": { sockets: "refused", page: new TypeError("fetch failed") },
  "between two pages": { sockets: "refused" },
};

for (const [stage, { session, ...how }] of Object.entries(STAGES)) {
  test(`given up ${stage}, each waiting next() settles and nothing is left`, async () => {
    for (const by of ["signal", "return"]) {
      const edge = Object.assign(fakeLiveEdge(), how);
      const controller = new AbortController();
      const reason = new Error("enough");
      if (stage === "before anything") controller.abort(reason);
      const line = follow({ signal: controller.signal, ...(session && { session }) }, { edge });
      const waiting = [line.events.next(), line.events.next()];
      waiting.forEach((result) => result.catch(() => {}));
      await idle();
      if (by === "signal") controller.abort(reason);
      else assert.deepEqual(await line.events.return("value"), { done: true, value: "value" });
      await idle();
      const results = await Promise.allSettled(waiting);
      const isAborted = by === "signal" || stage === "before anything";
      const expected = [isAborted ? reason : undefined, undefined];
      assert.deepEqual(
        results.map(({ reason }) => reason),
        expected,
      );
      assert.deepEqual(results[1].value, { done: true, value: undefined });
      assert.deepEqual([line.timers.size, line.wakers.size, edge.live().length], [0, 0, 0]);
      assert.equal(line.states.filter(({ type }) => type === "stopped").length, 1);
      line.edge.record();
      await line.advance(600_000);
      assert.deepEqual(await line.events.next(), { done: true, value: undefined });
    }
  });
}

test("what onState throws is ignored", async () => {
  const line = follow({
    onState: () => {
      throw new Error("a bug of the caller");
    },
  });
  line.edge.record();
  assert.equal((await line.events.next()).value.seq, 1);
});

/** For each option, values that are not allowed. */
const WRONG = {
  edgeUrl: [
    undefined,
    "",
    "itero.example",
    "ftp://itero.example",
    "https://a:b@itero.example",
    "https://itero.example/?a",
    "https://itero.example/#",
  ],
  companyId: [undefined, null, 0, -1, 1.5, "x", "1/2", {}],
  session: [undefined, null, "token"],
  after: [-1, 1.5, "1", NaN, 2 ** 53],
  feed: [-1, "1"],
  signal: [{}, "signal"],
  onState: ["live", {}],
};

test("an option that is not allowed is a TypeError at once that names it", async () => {
  const { scanEvents } = await import("itero-dpms/events");
  const right = { edgeUrl: EDGE_URL, companyId: 1, session: () => "SECRET" };
  for (const [name, values] of Object.entries(WRONG)) {
    for (const value of values) {
      assert.throws(
        () => scanEvents({ ...right, [name]: value }),
        (error) => error instanceof TypeError && error.message.startsWith(`scanEvents: ${name} must be `),
        `${name}: ${String(value)}`,
      );
    }
  }
  for (const options of [undefined, null, 7]) assert.throws(() => scanEvents(options), TypeError);
  for (const options of [
    { after: null, signal: null, onState: null },
    { companyId: "90360", edgeUrl: new URL("http://127.0.0.1:1/edge/") },
  ]) {
    scanEvents({ ...right, ...options });
  }
});
