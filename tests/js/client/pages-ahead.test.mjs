// Walks with pages ahead: what is asked for when, and that nothing is missed, however the list changes and whichever page comes first.
import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { createClient } from "itero-dpms";
import { ScriptedPractice } from "../support/practice.mjs";
import { fc, property } from "../support/properties.mjs";
import { collect, rejection, settled, test } from "../support/test.mjs";
import {
  TOKEN,
  endpointsOf,
  guid,
  patientGuid,
  wireOrder,
  wirePage,
  wirePatient,
  wirePatients,
} from "../support/wire.mjs";

/** A list of `count` rows, and the requests for its pages, which wait until a test answers them. */
class HeldList {
  /** @type {{ offset: number, answer: (response?: Response) => void, cut: boolean }[]} */
  asked = [];
  events = [];

  /** @param {"orders" | "patients"} name @param {number} count @param {(size: number) => number} rows how many rows a page has */
  constructor(name, count, rows = (size) => size) {
    Object.assign(this, { name, count, rows });
  }

  fetch = (request) => {
    const query = new URL(request.url).searchParams;
    const [offset, size] = [Number(query.get("Offset")), Number(query.get("pageSize") ?? query.get("Limit"))];
    return new Promise((resolve, reject) => {
      const answer = (response = Response.json(this.page(offset, this.rows(size)))) => resolve(response);
      const page = { offset, answer, cut: false };
      this.asked.push(page);
      request.signal.addEventListener("abort", () => {
        page.cut = true;
        reject(request.signal.reason);
      });
    });
  };

  page(offset, size) {
    const numbers = Array.from({ length: this.count }, (_, at) => at).slice(offset, offset + size);
    if (this.name === "patients") {
      const rows = numbers.map((number) => wirePatient({ Id: patientGuid(number), FirstName: `${number}` }));
      return wirePatients(rows, { total: this.count, offset });
    }
    const rows = numbers.map((number) => wireOrder({ RxId: guid(number), OrderId: number }));
    return wirePage(rows, { hasMore: offset + size < this.count });
  }

  async walk(options, filter) {
    const client = await createClient({
      endpoints: endpointsOf("https://dpms.invalid"),
      accessToken: TOKEN,
      fetch: this.fetch,
      retry: false,
      onEvent: (event) => this.events.push(event),
    });
    return client[this.name](filter ?? (this.name === "orders" ? { pageSize: 5 } : { limit: 5 }), options);
  }

  /** Answers what is asked for, the latest first, until nothing is. */
  async answerAll() {
    for (let at = await this.idle(); at > 0; at = await this.idle()) {
      for (const page of this.waiting().reverse()) page.answer();
      this.done = this.asked.length;
    }
  }

  done = 0;
  waiting = () => this.asked.slice(this.done);

  /** Waits until the client has asked for what it wants now; how many pages that are. */
  async idle() {
    for (let turns = 0; turns < 10; turns++) await turn();
    return this.waiting().length;
  }

  offsets = () => this.asked.map(({ offset }) => offset);
}

const numberOf = ({ orderId, firstName }) => orderId ?? Number(firstName);
const numbers = (count) => Array.from({ length: count }, (_, at) => at);

for (const name of /** @type {const} */ (["orders", "patients"])) {
  test(`${name}: after the first page, as many as asked for are on their way, each from the last row of the one before`, async () => {
    const list = new HeldList(name, 50);
    const walk = await list.walk({ pagesAhead: 3 });
    const first = walk.next();
    assert.equal(await list.idle(), 1, "there may be no second page");
    list.asked[0].answer();
    assert.equal(numberOf((await first).value), 0);
    await list.idle();
    assert.deepEqual(list.offsets(), [0, 4, 8, 12]);
    list.asked[1].answer();
    await list.idle();
    assert.equal(list.asked.length, 4, "the page that was walked is the first still");
    for (let row = 1; row < 6; row++) assert.equal(numberOf((await walk.next()).value), row);
    await list.idle();
    assert.deepEqual(list.offsets(), [0, 4, 8, 12, 16]);
    await walk.return();
    await list.idle();
    assert.deepEqual(
      list.asked.map(({ cut }) => cut),
      [false, false, true, true, true],
      "leaving the loop cuts them all",
    );
  });

  for (const pagesAhead of [1, 2, 3, 4]) {
    test(`${name}: every row once and in order with ${pagesAhead} pages ahead, the last answered first`, async () => {
      for (const count of [0, 1, 4, 5, 6, 9, 10, 33]) {
        const list = new HeldList(name, count);
        const rows = collect(await list.walk({ pagesAhead }));
        await list.answerAll();
        assert.deepEqual((await rows).map(numberOf), numbers(count));
      }
    });
  }

  test(`${name}: pages that are shorter than asked for are guessed from the one before`, async () => {
    const list = new HeldList(name, 30, () => 3);
    const rows = collect(await list.walk({ pagesAhead: 4 }));
    await list.answerAll();
    assert.deepEqual((await rows).map(numberOf), numbers(30));
    assert.deepEqual(list.offsets().slice(0, 5), [0, 2, 4, 6, 8]);
  });

  test(`${name}: pages that differ in length are asked for again, ever fewer ahead`, async () => {
    let pages = 0;
    const list = new HeldList(name, 60, () => 3 + (pages++ % 3));
    const rows = collect(await list.walk({ pagesAhead: 4 }));
    await list.answerAll();
    assert.deepEqual((await rows).map(numberOf), numbers(60));
    assert.ok(list.asked.length < 60, `${list.asked.length} pages`);
  });

  test(`${name}: pages of one row are asked for one by one`, async () => {
    const list = new HeldList(name, 5);
    const rows = collect(await list.walk({ pagesAhead: 4 }, name === "orders" ? { pageSize: 1 } : { limit: 1 }));
    for (let page = 0; page < 5; page++) {
      assert.equal(await list.idle(), 1);
      await list.waiting()[0].answer();
      list.done += 1;
    }
    assert.deepEqual((await rows).map(numberOf), numbers(5));
  });

  test(`${name}: the error of a page ahead comes after the rows before it`, async () => {
    const list = new HeldList(name, 50);
    const walk = await list.walk({ pagesAhead: 4 });
    const first = walk.next();
    await list.idle();
    list.asked[0].answer();
    await first;
    await list.idle();
    list.asked[2].answer(new Response("", { status: 403 }));
    await list.idle();
    list.asked[1].answer();
    for (let row = 1; row < 9; row++) assert.equal(numberOf((await walk.next()).value), row);
    const error = await rejection(walk.next());
    assert.deepEqual([error.kind, error.status], ["unauthorized", 403]);
    assert.deepEqual(await walk.next(), { done: true, value: undefined });
    await list.idle();
    assert.ok(list.asked.slice(3).every(({ cut }) => cut));
  });

  test(`${name}: what was asked for beyond the end is cut once the last page is there, and no error`, async () => {
    const list = new HeldList(name, 12);
    const walk = await list.walk({ pagesAhead: 4 });
    const first = walk.next();
    await list.idle();
    list.asked[0].answer();
    const rows = [(await first).value];
    await list.idle();
    list.asked[1].answer();
    list.asked[2].answer();
    while (rows.length < 10) rows.push((await walk.next()).value);
    await list.idle();
    assert.ok(list.asked.length > 3);
    assert.ok(
      list.asked.slice(3).every(({ cut }) => cut),
      "before the last page's rows are walked",
    );
    rows.push(...(await collect(walk)));
    assert.deepEqual(rows.map(numberOf), numbers(12));
    assert.equal(list.events.filter(({ type }) => type === "failure").length, 0);
    assert.equal(new Set(list.events.map(({ callId }) => callId)).size, 1, "a walk is one call");
  });

  test(`${name}: pagesAhead is a whole number from 1 to 4`, async () => {
    for (const pagesAhead of [0, 5, 1.5, NaN, "2", true, {}]) {
      const error = await rejection(async () => collect(await new HeldList(name, 1).walk({ pagesAhead })));
      assert.equal(error.kind, "invalid-argument");
      assert.match(error.message, /pagesAhead must be a whole number from 1 to 4/);
    }
  });
}

/** What happens to a practice while it is walked; `pick`, modulo how many there are, chooses the order or the request. */
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant("answer"), pick: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("add"), day: fc.nat(60) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("remove"), pick: fc.nat(60) }) },
);

property(
  "no order that is there all the time is missed, and none comes twice, whatever changes and whichever page comes first",
  fc.record({
    steps: fc.array(step, { maxLength: 40, size: "max" }),
    pagesAhead: fc.integer({ min: 2, max: 4 }),
    rows: fc.integer({ min: 2, max: 6 }),
    orders: fc.nat(40),
  }),
  async ({ steps, pagesAhead, rows, orders }) => {
    const practice = new ScriptedPractice({ rows });
    for (let n = 0; n < orders; n++) practice.add(n, n);
    const always = new Set(numbers(orders));
    const asked = [];
    const client = await createClient({
      endpoints: endpointsOf("https://dpms.invalid"),
      accessToken: TOKEN,
      fetch: (request) => new Promise((resolve) => asked.push(() => resolve(practice.fetch(request)))),
    });
    const outcome = settled(collect(client.orders({ pageSize: 6 }, { pagesAhead })));
    let isOver = false;
    void outcome.then(() => (isOver = true));
    const answer = async (pick) => {
      for (let turns = 0; turns < 20 && asked.length === 0 && !isOver; turns++) await turn();
      const [page] = asked.splice(pick % Math.max(asked.length, 1), 1);
      page?.();
      await turn();
    };
    let [changes, next] = [0, 1_000];
    for (const { type, pick, day } of steps) {
      if (type === "answer") await answer(pick);
      else if (changes++ < 6 && type === "add") practice.add((next += 1), day);
      else if (changes < 6 && practice.orders.length > 0) {
        const { n } = practice.orders[pick % practice.orders.length];
        practice.remove(n);
        always.delete(n);
      }
    }
    while (!isOver) await answer(0);
    const walked = (await outcome).value.map(({ orderId }) => orderId);
    assert.equal(new Set(walked).size, walked.length, "each once");
    for (const n of always) assert.ok(walked.includes(n), `${n} was missed: ${walked}`);
  },
  { runs: 400 },
);
