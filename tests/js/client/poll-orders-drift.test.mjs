// pollOrders against a practice that changes at any moment, also between two pages of one poll: whatever happens, an order is
// new once, a status is never reported against another one than before, and a quiet poll leaves nothing unreported.
import assert from "node:assert/strict";
import { mock } from "node:test";
import { fc, property } from "../support/properties.mjs";
import { ScriptedPractice, calendar, restarting } from "../support/practice.mjs";

const WINDOW = 10;
const STATUSES = ["Completed", "Scanning", "Lab Review", "iTero Milling", null];

/** What can happen to a practice; `pick` chooses among its orders, and is taken modulo their number. */
const event = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant("add"), daysAgo: fc.nat(5) }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant("status"), pick: fc.nat(50), status: fc.constantFrom(...STATUSES) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("remove"), pick: fc.nat(50) }) },
);

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant("happens"), event }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("days"), days: fc.oneof(fc.nat(3), fc.nat(60)) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("poll"),
      meanwhile: fc.array(fc.record({ afterPage: fc.integer({ min: 1, max: 5 }), event }), { maxLength: 4 }),
      failsAt: fc.option(fc.integer({ min: 1, max: 6 }), { freq: 6 }),
    }),
  },
);

property(
  "each order is new once and each status is told once, however the practice moves while it is polled",
  fc.array(step, { minLength: 1, maxLength: 40, size: "max" }),
  async (steps) => {
    let today = 100;
    const { goTo } = calendar({ mock }, today);
    try {
      const practice = new ScriptedPractice({ rows: 3 });
      const poller = restarting(practice);
      /** The status that was reported last, by order. */
      const told = new Map();
      let number = 0;

      const happen = ({ type, daysAgo, pick, status }) => {
        if (type === "add") return practice.add((number += 1), today - daysAgo);
        const chosen = practice.orders[pick % Math.max(practice.orders.length, 1)];
        if (!chosen) return undefined;
        return type === "remove" ? practice.remove(chosen.n) : practice.setStatus(chosen.n, status);
      };

      const poll = async () => {
        for (const { kind, order, previousStatus } of await poller.changes({ windowDays: WINDOW })) {
          const { orderId: n, status } = order;
          assert.equal(told.has(n), kind === "status", `${n}: ${kind}`);
          if (kind === "status") assert.equal(previousStatus, told.get(n), `what ${n} was before`);
          if (kind === "status") assert.notEqual(previousStatus, status, `what ${n} became`);
          told.set(n, status);
        }
      };

      for (const each of steps) {
        if (each.type === "happens") happen(each.event);
        if (each.type === "days") goTo((today += each.days));
        if (each.type === "poll") {
          const start = practice.queries.length;
          practice.failsAt = each.failsAt === null ? Infinity : start + each.failsAt;
          practice.afterPage = (page) => {
            for (const { afterPage, event: change } of each.meanwhile) if (page === start + afterPage) happen(change);
          };
          await poll().catch((error) => {
            if (error.kind !== "bad-request") throw error;
          });
          practice.afterPage = () => {};
          practice.failsAt = Infinity;
        }
      }

      await poll();
      await poll();
      for (const { n, day, status } of practice.orders) {
        assert.ok(told.has(n), `${n} of day ${day} was never reported (today is ${today})`);
        if (day > today - WINDOW) assert.equal(told.get(n), status, `the status of ${n}`);
      }
      assert.deepEqual(await poller.poll({ windowDays: WINDOW }), [], "a quiet practice has nothing new");
    } finally {
      mock.timers.reset();
    }
  },
  { runs: 300 },
);
