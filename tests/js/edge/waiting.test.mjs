// What waits for what: nothing waits for a call that hangs, and what a killed process leaves is not left for long. A call to the API
// is given up after 30 seconds and one to a consumer after 15, so whatever waited for one would be too late for these tests.
import assert from "node:assert/strict";
import { eventually, startEdge } from "../support/edge.mjs";
import { startConsumer } from "../support/event-consumer.mjs";
import { hang } from "../support/faulty-server.mjs";
import { startOrdersService } from "../support/orders-service.mjs";
import { test } from "../support/test.mjs";
import { RX_ID, guid } from "../support/wire.mjs";

const SOON = 10_000;

/** A registered practice that has been compared with the list. */
async function registered(t, more = {}) {
  const edge = await startEdge(t);
  const service = await startOrdersService(t);
  await edge.register(77, service.registration(77, more));
  await edge.stateWhen(77, ({ lastReconcile }) => lastReconcile !== null);
  return { edge, service };
}

test("orders that hang hold up no callback", async (t) => {
  const { edge, service } = await registered(t);
  service.intercept = ({ path }) => (/00000000000[0-4]$/.test(path) ? hang() : undefined);
  for (let n = 0; n < 5; n++) {
    await edge.notify(guid(n), 77);
    await eventually(
      () => service.requestCounts.orders,
      (asked) => asked === n + 1,
      SOON,
    );
  }
  service.setOrder(77, guid(9));
  await edge.notify(guid(9), 77);
  assert.equal((await edge.eventsOf(77, 1, SOON))[0].rxId, guid(9));
});

test("a page of the list that hangs holds up no callback", async (t) => {
  const edge = await startEdge(t);
  const service = await startOrdersService(t);
  service.intercept = ({ path }) => (path.endsWith("/orders/practice") ? hang() : undefined);
  await edge.register(77, service.registration(77));
  service.setOrder(77, RX_ID);
  await edge.notify(RX_ID, 77);
  assert.equal((await edge.eventsOf(77, 1, SOON))[0].source, "callback");
});

test("a consumer that hangs holds up neither callbacks nor the feed", async (t) => {
  const consumer = await startConsumer(t);
  consumer.respond = hang();
  const { edge, service } = await registered(t, { deliverTo: { url: consumer.url, secret: consumer.secret } });
  for (let n = 0; n < 10; n++) {
    service.setOrder(77, guid(n));
    await edge.notify(guid(n), 77);
  }
  await edge.eventsOf(77, 10, SOON);
  assert.ok(consumer.attempts.length > 0);
});

test("callbacks are served between the pages of a long list", async (t) => {
  const edge = await startEdge(t);
  const service = await startOrdersService(t);
  for (let n = 0; n < 2_000; n++) service.setOrder(77, guid(n));
  const late = guid(5_000);
  let pages = 0;
  // The last page is held back until the callback's order was asked for.
  service.intercept = async ({ path, query }) => {
    if (path.endsWith("/orders/practice")) pages += 1;
    if (Number(query.get("Offset")) > 1_700)
      await eventually(
        () => service.requestCounts.orders,
        (asked) => asked > 0,
        SOON,
      );
  };
  await edge.register(77, service.registration(77));
  await eventually(
    () => pages,
    (now) => now > 1,
    SOON,
  );
  service.setOrder(77, late, "Completed", { ScanningDate: "2020-01-01T00:00:00Z" });
  await edge.notify(late, 77);
  const state = await edge.stateWhen(77, ({ lastReconcile }) => lastReconcile !== null, SOON);
  assert.deepEqual([state.lastReconcile.orders, state.counts.events], [2_000, 2_001]);
});

test("what a killed process was doing is done by the next, without a request that wakes it", async (t) => {
  const { edge, service } = await registered(t, {});
  service.setOrder(77, RX_ID, "Completed", { ScanningDate: "2020-01-01T00:00:00Z" });
  service.intercept = () => hang();
  await edge.notify(RX_ID, 77);
  await eventually(
    () => service.requestCounts.orders,
    (asked) => asked === 1,
    SOON,
  );
  await edge.kill();
  service.intercept = () => undefined;
  const next = await startEdge(t, { storage: edge.storage });
  await eventually(
    () => service.requestCounts.orders,
    (asked) => asked === 2,
    SOON,
  );
  assert.equal((await next.eventsOf(77, 1, SOON))[0].rxId, RX_ID);
});

test("calls and deliveries say who makes them", async (t) => {
  const consumer = await startConsumer(t);
  const { edge, service } = await registered(t, { deliverTo: { url: consumer.url, secret: consumer.secret } });
  service.setOrder(77, RX_ID);
  await edge.notify(RX_ID, 77);
  await edge.stateWhen(77, ({ counts }) => counts.delivered === 1);
  for (const { headers } of [...service.requests, ...consumer.requests]) {
    assert.match(headers["user-agent"], /^itero-dpms\/\d+\.\d+\.\d+$/);
  }
});
