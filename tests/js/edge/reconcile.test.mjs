// Reconciliation finds orders and changes in the list of orders that no notification reported.
import assert from "node:assert/strict";
import { startEdge } from "../support/edge.mjs";
import { reset } from "../support/faulty-server.mjs";
import { startOrdersService } from "../support/orders-service.mjs";
import { test } from "../support/test.mjs";
import { guid } from "../support/wire.mjs";

const HOUR = 3_600_000;

/** A registered practice that has been reconciled once. */
async function registered(t, orders = 0) {
  const edge = await startEdge(t, { testWorker: true });
  const service = await startOrdersService(t);
  for (let n = 0; n < orders; n++) service.setOrder(77, guid(n));
  await edge.register(77, service.registration(77));
  await edge.stateWhen(77, ({ lastReconcile }) => lastReconcile !== null);
  return { edge, service };
}

const reported = (events) => events.map(({ rxId, status, source }) => [rxId, status, source]);

test("registering a practice reports its existing orders", async (t) => {
  const { edge } = await registered(t, 600);
  const events = await edge.events(77);
  assert.deepEqual(
    events.map(({ rxId }) => rxId).sort(),
    Array.from({ length: 600 }, (_, n) => guid(n)),
  );
  const { orders, found } = (await edge.state(77)).lastReconcile;
  assert.deepEqual([orders, found], [600, 600]);
});

test("orders and changes whose notifications are all lost are found within an hour, each once", async (t) => {
  const { edge, service } = await registered(t);
  service.setOrder(77, guid(1));
  service.setOrder(77, guid(2));
  await edge.advance(77, 61 * 60_000);
  await edge.eventsOf(77, 2);
  service.setOrder(77, guid(1), "Lab Review");
  for (let hours = 0; hours < 3; hours++) await edge.advance(77, HOUR);
  assert.deepEqual(reported(await edge.eventsOf(77, 3)), [
    [guid(1), "Completed", "reconcile"],
    [guid(2), "Completed", "reconcile"],
    [guid(1), "Lab Review", "reconcile"],
  ]);
});

test("POST …/reconcile reconciles at once and does not repeat what a callback reported", async (t) => {
  const { edge, service } = await registered(t);
  service.setOrder(77, guid(1));
  await edge.notify(guid(1), 77);
  await edge.eventsOf(77, 1);
  service.setOrder(77, guid(2));
  assert.equal((await edge.admin("POST", "77/reconcile")).status, 202);
  assert.deepEqual(reported(await edge.eventsOf(77, 2)), [
    [guid(1), "Completed", "callback"],
    [guid(2), "Completed", "reconcile"],
  ]);
});

test("RECONCILE_MINUTES and RECONCILE_DAYS are applied, and invalid ones are logged and ignored", async (t) => {
  const service = await startOrdersService(t);
  const daysRequested = async (RECONCILE_DAYS) => {
    const edge = await startEdge(t, { env: { RECONCILE_DAYS, RECONCILE_MINUTES: "10" } });
    await edge.register(77, service.registration(77));
    await edge.stateWhen(77, ({ lastReconcile }) => lastReconcile !== null);
    const { query } = service.requests.findLast(({ path }) => path.endsWith("/orders/practice"));
    return { days: Math.round((Date.now() - Date.parse(query.get("dateFrom"))) / 86_400_000 - 0.5), edge };
  };
  assert.equal((await daysRequested("7")).days, 7);
  const { days, edge } = await daysRequested("a week");
  assert.equal(days, 30);
  assert.match(edge.output(), /settings\.ignored.*RECONCILE_DAYS/);
});

test("an interrupted reconciliation continues later", async (t) => {
  const edge = await startEdge(t, { testWorker: true });
  const service = await startOrdersService(t);
  for (let n = 0; n < 600; n++) service.setOrder(77, guid(n));
  let pages = 0;
  service.intercept = ({ path }) => (path.endsWith("/practice") && ++pages === 2 ? reset() : undefined);
  await edge.register(77, service.registration(77));
  await edge.stateWhen(77, () => pages >= 2);
  for (let minutes = 0; minutes < 10; minutes++) await edge.advance(77, 60_000);
  await edge.stateWhen(77, ({ lastReconcile }) => lastReconcile !== null);
  assert.equal((await edge.events(77)).length, 600);
});
