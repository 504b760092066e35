// pollOrders with a practice that changes at any time, even between two pages of one poll. Whatever happens, an order is new
// once, the previous status is the one reported last, and nothing is left unreported when the practice is quiet.
import assert from "node:assert/strict";
import { mock } from "node:test";
import { fc, property } from "../support/properties.mjs";
import { ScriptedPractice, calendar, restarting } from "../support/practice.mjs";

const WINDOW = 10;
const STATUSES = ["Completed", "Scanning", "Lab Review", "iTero Milling", null];

/** What can happen to a practice; `pick`, modulo the number of orders, chooses one of them. */
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
  "each order is new once and each status is reported once, however the practice changes while polling",
  fc.array(step, { minLength: 1, maxLength: 40, size: "max" }),
  async (steps) => {
    let today = 100;
    const { goTo } = calendar({ mock }, today);
    try {
      const practice = new ScriptedPractice({ rows: 3 });
      const poller = restarting(practice);
      /** The last reported status by order. */
      const reported = new Map();
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
          assert.equal(reported.has(n), kind === "status", `${n}: ${kind}`);
          if (kind === "status") assert.equal(previousStatus, reported.get(n), `the previous status of ${n}`);
          if (kind === "status") assert.notEqual(previousStatus, status, `the new status of ${n}`);
          reported.set(n, status);
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
        assert.ok(reported.has(n), `${n} of day ${day} was never reported (today is ${today})`);
        if (day > today - WINDOW) assert.equal(reported.get(n), status, `the status of ${n}`);
      }
      assert.deepEqual(await poller.poll({ windowDays: WINDOW }), [], "a quiet practice has nothing new");
    } finally {
      mock.timers.reset();
    }
  },
  { runs: 300 },
);
