// pollOrders (§4.4, §4.5.1): new orders and changed statuses are reported exactly once, by a cursor that can be stored as JSON.
import assert from "node:assert/strict";
import { ScriptedPractice, calendar, day, restarting } from "../support/practice.mjs";
import * as shapes from "../support/shapes.mjs";
import { rejection, test } from "../support/test.mjs";
import { guid } from "../support/wire.mjs";

/** A practice with a poller that is restarted before each poll, on day 100. */
function polled(t, options) {
  const { goTo } = calendar(t, 100);
  const practice = new ScriptedPractice(options);
  const poller = restarting(practice);
  return { practice, poller, poll: (more) => poller.poll(more), goTo };
}

test("the first poll reports every order as new, however old, without a date filter", async (t) => {
  const { practice, poll } = polled(t);
  for (let n = 1; n <= 8; n += 1) practice.add(n, n * 12);
  assert.deepEqual(
    await poll(),
    [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `new ${n}`),
  );
  assert.ok(practice.queries.every((query) => !query.has("dateFrom")));
});

test("a change holds the whole order, and a new one has no previous status", async (t) => {
  calendar(t, 100);
  const practice = new ScriptedPractice().add(1, 99);
  const client = await practice.client();
  const poll = await client.pollOrders();
  shapes.ordersPoll(poll, "poll");
  assert.equal(poll.changes.length, 1);
  const [{ kind, order, previousStatus }] = poll.changes;
  assert.deepEqual([kind, previousStatus], ["new", null]);
  assert.deepEqual(order, (await client.listOrders()).orders[0]);
});

test("the cursor is plain JSON and survives serialisation", async (t) => {
  calendar(t, 100);
  const practice = new ScriptedPractice().add(1, 99).add(2, 100, null);
  const { cursor } = await (await practice.client()).pollOrders();
  assert.deepEqual(JSON.parse(JSON.stringify(cursor)), cursor);
  assert.equal(cursor.version, 1);
});

test("the cursor holds ids, statuses and days, and no patient data", async (t) => {
  const { practice, poller, poll } = polled(t);
  practice.add(1, 99);
  await poll();
  for (const secret of ["Pat", "Example", "C-17", "a note", "Dora", "Olga"]) {
    assert.ok(!poller.stored.includes(secret), `${secret} in ${poller.stored}`);
  }
});

test("without a change the next poll reports nothing", async (t) => {
  const { practice, poll } = polled(t);
  for (let n = 1; n <= 7; n += 1) practice.add(n, 93 + n);
  await poll();
  assert.deepEqual(await poll(), []);
  assert.deepEqual(await poll(), []);
});

test("a new order is reported once", async (t) => {
  const { practice, poll } = polled(t);
  practice.add(1, 99);
  await poll();
  practice.add(2, 100);
  assert.deepEqual(await poll(), ["new 2"]);
  assert.deepEqual(await poll(), []);
});

test("an order that is listed late, before others that were reported, is new once (R47)", async (t) => {
  const { practice, poll } = polled(t);
  practice.add(1, 90).add(3, 99);
  await poll();
  practice.add(2, 95);
  assert.deepEqual(await poll(), ["new 2"]);
  assert.deepEqual(await poll(), []);
});

test("a changed status is reported once, with the previous one (§4.4.6)", async (t) => {
  const { practice, poll } = polled(t);
  practice.add(1, 99, "iTero Modeling").add(2, 99);
  await poll();
  practice.setStatus(1, "Lab Review");
  assert.deepEqual(await poll(), ["1: iTero Modeling → Lab Review"]);
  assert.deepEqual(await poll(), []);
  practice.setStatus(1, "Completed");
  assert.deepEqual(await poll(), ["1: Lab Review → Completed"]);
});

test("a status that appears, disappears or is unknown is a change like any other", async (t) => {
  const { practice, poll } = polled(t);
  practice.add(1, 99, null);
  assert.deepEqual(await poll(), ["new 1"]);
  assert.deepEqual(await poll(), []);
  practice.setStatus(1, "Polishing 2.0 – “ü” \\ \u0000");
  assert.deepEqual(await poll(), ["1: null → Polishing 2.0 – “ü” \\ \u0000"]);
  practice.setStatus(1, null);
  assert.deepEqual(await poll(), ["1: Polishing 2.0 – “ü” \\ \u0000 → null"]);
  assert.deepEqual(await poll(), []);
});

test("changes are sorted oldest order first", async (t) => {
  const { practice, poll } = polled(t);
  practice.add(5, 95).add(7, 97);
  await poll();
  practice.add(6, 96).add(8, 98);
  practice.setStatus(5, "Scanning");
  assert.deepEqual(await poll(), ["5: Completed → Scanning", "new 6", "new 8"]);
});

// ---- the window --------------------------------------------------------------------------------------------------

test("a later poll requests only the window, and the cursor drops older orders", async (t) => {
  const { practice, poller, poll } = polled(t);
  for (let n = 1; n <= 100; n += 1) practice.add(n, n);
  await poll({ windowDays: 10 });
  practice.queries.length = 0;
  assert.deepEqual(await poll({ windowDays: 10 }), []);
  assert.ok(practice.queries.length <= 6, `${practice.queries.length} pages of three for about ten orders`);
  for (const query of practice.queries) {
    const from = query.get("dateFrom");
    assert.ok(from >= day(80) && from <= day(90), from);
  }
  assert.ok(JSON.parse(poller.stored).orders.length <= 40, "the cursor does not grow with the practice");
});

test("the window is thirty days by default", async (t) => {
  const { practice, poll } = polled(t);
  practice.add(1, 60).add(2, 71).add(3, 99);
  await poll();
  practice.setStatus(2, "Scanning");
  assert.deepEqual(await poll(), ["2: Completed → Scanning"]);
});

test("old orders do not become new as days pass", async (t) => {
  const { practice, poll, goTo } = polled(t);
  for (let n = 1; n <= 10; n += 1) practice.add(n, 90 + n);
  assert.equal((await poll()).length, 10);
  for (let today = 101; today <= 150; today += 7) {
    goTo(today);
    assert.deepEqual(await poll(), [], `day ${today}`);
  }
});

test("after a gap longer than the window every order of the gap is reported once", async (t) => {
  const { practice, poll, goTo } = polled(t);
  practice.add(1, 99).add(2, 100);
  await poll();
  for (let n = 3; n <= 30; n += 1) practice.add(n, 95 + n * 7);
  goTo(310);
  assert.deepEqual(
    await poll(),
    Array.from({ length: 28 }, (_, i) => `new ${i + 3}`),
  );
  assert.deepEqual(await poll(), []);
});

test("an order scanned later on the day of the last poll is not lost", async (t) => {
  const { practice, poll, goTo } = polled(t);
  practice.add(1, 100);
  await poll({ windowDays: 1 });
  practice.add(2, 100);
  goTo(140);
  assert.deepEqual(await poll({ windowDays: 1 }), ["new 2"]);
});

test("a window that grows between two polls does not report old orders as new", async (t) => {
  const { practice, poll } = polled(t);
  for (let n = 1; n <= 10; n += 1) practice.add(n, n * 10);
  await poll({ windowDays: 5 });
  assert.deepEqual(await poll({ windowDays: 5 }), []);
  assert.deepEqual(await poll({ windowDays: 365 }), []);
  assert.deepEqual(await poll({ windowDays: 5 }), []);
  practice.add(11, 100);
  assert.deepEqual(await poll({ windowDays: 3650 }), ["new 11"]);
});

test("a clock that was set back neither repeats nor loses an order", async (t) => {
  const { practice, poll, goTo } = polled(t);
  practice.add(1, 60).add(2, 99);
  await poll();
  goTo(70);
  assert.deepEqual(await poll(), []);
  practice.add(3, 100);
  goTo(101);
  assert.deepEqual(await poll(), ["new 3"]);
  assert.deepEqual(await poll(), []);
});

test("a clock that ran ahead for one poll loses nothing", async (t) => {
  const { practice, poll, goTo } = polled(t);
  practice.add(1, 99);
  await poll();
  goTo(1000);
  assert.deepEqual(await poll(), []);
  goTo(110);
  practice.add(2, 105);
  assert.deepEqual(await poll(), ["new 2"]);
});

test("an order without a scanning date is reported once", async (t) => {
  const { practice, poll } = polled(t);
  practice.add(1, null).add(2, 99);
  assert.deepEqual((await poll()).sort(), ["new 1", "new 2"]);
  assert.deepEqual(await poll(), []);
  practice.setStatus(2, "Scanning");
  assert.deepEqual(await poll(), ["2: Completed → Scanning"]);
});

// ---- pages that drift --------------------------------------------------------------------------------------------

test("an order that moves to the next page while polling is reported once", async (t) => {
  const { practice, poll } = polled(t);
  for (let n = 2; n <= 7; n += 1) practice.add(n, 90 + n);
  practice.afterPage = (page) => page === 1 && practice.add(1, 90);
  const first = await poll();
  assert.deepEqual([...first].sort(), [2, 3, 4, 5, 6, 7].map((n) => `new ${n}`).sort());
  assert.deepEqual(await poll(), ["new 1"]);
  assert.deepEqual(await poll(), []);
});

test("an order that a page skipped, because another was deleted while polling, is in the next poll", async (t) => {
  const { practice, poll } = polled(t);
  for (let n = 1; n <= 7; n += 1) practice.add(n, 90 + n);
  practice.afterPage = (page) => page === 1 && practice.remove(1);
  const seen = [...(await poll()), ...(await poll()), ...(await poll())];
  assert.deepEqual(
    seen.sort(),
    [1, 2, 3, 4, 5, 6, 7].map((n) => `new ${n}`),
  );
});

test("a known order that a page skipped is not new in the next poll", async (t) => {
  const { practice, poll } = polled(t);
  for (let n = 1; n <= 7; n += 1) practice.add(n, 90 + n);
  await poll();
  const pages = practice.queries.length;
  practice.afterPage = (page) => page === pages + 1 && practice.remove(1);
  assert.deepEqual(await poll(), []);
  assert.deepEqual(await poll(), []);
});

test("a status that changes while polling is reported once, as it was read", async (t) => {
  const { practice, poll } = polled(t);
  for (let n = 1; n <= 6; n += 1) practice.add(n, 90 + n);
  await poll();
  const pages = practice.queries.length;
  practice.afterPage = (page) => {
    if (page !== pages + 1) return;
    practice.setStatus(1, "Scanning"); // its page has gone by
    practice.setStatus(6, "Scanning"); // its page is yet to come
  };
  assert.deepEqual(await poll(), ["6: Completed → Scanning"]);
  assert.deepEqual(await poll(), ["1: Completed → Scanning"]);
  assert.deepEqual(await poll(), []);
});

test("a poll that fails on a later page reports nothing, and the same cursor then reports everything", async (t) => {
  const { practice, poll } = polled(t);
  practice.add(1, 99);
  await poll();
  for (let n = 2; n <= 9; n += 1) practice.add(n, 99);
  practice.failsAt = practice.queries.length + 2;
  assert.equal((await rejection(poll())).kind, "bad-request");
  practice.failsAt = Infinity;
  assert.equal((await poll()).length, 8);
  assert.deepEqual(await poll(), []);
});

test("a poll ends when a server repeats a page forever", async (t) => {
  calendar(t, 100);
  const practice = new ScriptedPractice({ rows: 2 }).add(1, 98).add(2, 99).add(3, 100);
  practice.failsAt = 50;
  const { fetch } = practice;
  practice.fetch = (request) => fetch(new Request(request.url.replace(/Offset=\d+/, "Offset=0"), request));
  const client = await practice.client();
  await client.pollOrders().catch(() => {});
  assert.ok(practice.queries.length < 20, `${practice.queries.length} requests`);
});

test("the same cursor twice gives the same changes, and a poll leaves the cursor unchanged", async (t) => {
  calendar(t, 100);
  const practice = new ScriptedPractice().add(1, 99);
  const client = await practice.client();
  const { cursor } = await client.pollOrders();
  const before = structuredClone(cursor);
  practice.add(2, 100).setStatus(1, "Scanning");
  const [one, other] = [await client.pollOrders(cursor), await client.pollOrders(cursor)];
  assert.deepEqual(one, other);
  assert.equal(one.changes.length, 2);
  assert.deepEqual(cursor, before);
});

// ---- what is refused ---------------------------------------------------------------------------------------------

const KNOWN = { rxId: guid(1), status: "Completed", scannedOn: day(99) };
const CURSOR = { version: 1, since: day(70), orders: [KNOWN] };

for (const [what, cursor] of [
  ["that is a string", JSON.stringify(CURSOR)],
  ["that is a number", 7],
  ["that is a list", []],
  ["that is an empty object", {}],
  ["of another version", { ...CURSOR, version: 2 }],
  ["without a version", { since: CURSOR.since, orders: [] }],
  ["without a day", { version: 1, orders: [] }],
  ["with a day that does not exist", { ...CURSOR, since: "2026-02-30" }],
  ["without orders", { version: 1, since: CURSOR.since }],
  ["with one order instead of a list", { ...CURSOR, orders: KNOWN }],
  ["with an order that is not an object", { ...CURSOR, orders: ["Completed"] }],
  ["with an order whose id is not a GUID", { ...CURSOR, orders: [{ ...KNOWN, rxId: "x" }] }],
  ["with an order without an id", { ...CURSOR, orders: [{ status: null, scannedOn: null }] }],
  ["with an order whose status is not a string", { ...CURSOR, orders: [{ ...KNOWN, status: 7 }] }],
  ["with an order whose day is malformed", { ...CURSOR, orders: [{ ...KNOWN, scannedOn: "soon" }] }],
]) {
  test(`a cursor ${what} is refused before anything is sent`, async () => {
    const practice = new ScriptedPractice().add(1, 99);
    const client = await practice.client();
    const error = await rejection(() => client.pollOrders(cursor));
    assert.equal(error.kind, "invalid-argument");
    assert.match(error.message, /cursor/);
    assert.ok(!error.message.includes(guid(1)), "an id of the cursor is not repeated");
    assert.equal(practice.queries.length, 0);
  });
}

test("no cursor, null and undefined are the same", async (t) => {
  calendar(t, 100);
  const client = await new ScriptedPractice().add(1, 99).client();
  const first = await client.pollOrders();
  assert.deepEqual(await client.pollOrders(null), first);
  assert.deepEqual(await client.pollOrders(undefined, null), first);
});

test("a cursor that a poll returned is accepted unchanged", async (t) => {
  calendar(t, 100);
  const practice = new ScriptedPractice().add(1, 99).add(2, null, null);
  const client = await practice.client();
  const { cursor } = await client.pollOrders();
  assert.deepEqual((await client.pollOrders(cursor)).changes, []);
  assert.deepEqual((await client.pollOrders(Object.freeze({ ...cursor }))).changes, []);
});

test("a window outside 1 to 3650 days is refused by name", async () => {
  const practice = new ScriptedPractice();
  const client = await practice.client();
  for (const windowDays of [0, -1, 1.5, 3651, NaN, Infinity, "30", {}]) {
    const error = await rejection(() => client.pollOrders(null, { windowDays }));
    assert.equal(error.kind, "invalid-argument", String(windowDays));
    assert.match(error.message, /windowDays/);
  }
  assert.equal(practice.queries.length, 0);
});

test("a poll without orders gives no changes and a usable cursor", async (t) => {
  const { practice, poll } = polled(t);
  assert.deepEqual(await poll(), []);
  practice.add(1, 100);
  assert.deepEqual(await poll(), ["new 1"]);
});

test("an aborted poll rejects with the signal's reason", async () => {
  const client = await new ScriptedPractice().add(1, 99).client();
  assert.equal(await rejection(client.pollOrders(null, { signal: AbortSignal.abort("enough") })), "enough");
});
