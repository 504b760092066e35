// How events are delivered: pulled from the feed, and pushed to a consumer that is up, down or gone.
import assert from "node:assert/strict";
import { startEdge } from "../support/edge.mjs";
import { startConsumer, WEBHOOK_SECRET } from "../support/event-consumer.mjs";
import { raw, text } from "../support/faulty-server.mjs";
import { startOrdersService } from "../support/orders-service.mjs";
import { test } from "../support/test.mjs";
import { guid } from "../support/wire.mjs";

const HOUR = 3_600_000;

/** A registered practice with a consumer, and a function that makes events happen. */
async function withConsumer(t, deliverTo = {}) {
  const edge = await startEdge(t, { testWorker: true });
  const service = await startOrdersService(t);
  const consumer = await startConsumer(t);
  await edge.register(
    77,
    service.registration(77, { deliverTo: { url: consumer.url, secret: consumer.secret, ...deliverTo } }),
  );
  await edge.stateWhen(77, ({ lastReconcile }) => lastReconcile !== null);
  let orders = 0;
  const scan = async (count) => {
    for (let n = 0; n < count; n++) {
      service.setOrder(77, guid(orders));
      await edge.notify(guid(orders), 77);
      orders += 1;
    }
    return edge.eventsOf(77, orders);
  };
  const advance = (ms) => {
    consumer.ahead += ms;
    return edge.advance(77, ms);
  };
  return { edge, service, consumer, scan, advance };
}

const sorted = (events) => [...events].sort((a, b) => a.seq - b.seq);

test("each event is pushed once, verified by the Standard Webhooks library", async (t) => {
  const { edge, consumer, scan } = await withConsumer(t);
  const events = await scan(25);
  await edge.stateWhen(77, ({ counts }) => counts.delivered === 25);
  assert.deepEqual(sorted(consumer.events), events);
  assert.deepEqual([...consumer.attempts].sort(), events.map(({ id }) => id).sort());
  for (const { method, headers } of consumer.requests) {
    assert.equal(method, "POST");
    assert.equal(headers["content-type"], "application/json");
  }
});

test("a consumer that is down for an hour receives everything afterwards, with few attempts meanwhile", async (t) => {
  const { edge, consumer, scan, advance } = await withConsumer(t);
  consumer.respond = text(503, "");
  const events = await scan(5);
  await edge.stateWhen(77, () => consumer.attempts.length > 0);
  for (let minute = 0; minute < 60; minute++) await advance(60_000);
  assert.equal((await edge.state(77)).pendingDeliveries, 5);
  assert.ok(consumer.attempts.length < 60, `${consumer.attempts.length} attempts in an hour`);
  consumer.respond = undefined;
  for (let minute = 0; minute < 30 && consumer.events.length < 5; minute++) await advance(60_000);
  assert.deepEqual(sorted(consumer.events), events);
  await edge.stateWhen(77, ({ counts, pendingDeliveries }) => counts.delivered === 5 && pendingDeliveries === 0);
});

test("after three days a delivery is parked as failed, and can be replayed", async (t) => {
  const { edge, consumer, scan, advance } = await withConsumer(t);
  consumer.respond = raw(500, "");
  const [event] = await scan(1);
  for (let hours = 0; hours < 100; hours += 3) await advance(3 * HOUR);
  const { failedDeliveries, pendingDeliveries, counts } = await edge.state(77);
  assert.deepEqual([failedDeliveries, pendingDeliveries, counts.deliveriesFailed], [1, 0, 1]);
  const attempts = consumer.attempts.length;
  await advance(24 * HOUR);
  assert.equal(consumer.attempts.length, attempts);

  consumer.respond = undefined;
  const replay = await edge.admin("POST", `77/events/${event.id}/replay`);
  assert.equal(replay.status, 202, await replay.text());
  await edge.stateWhen(77, (state) => state.failedDeliveries === 0 && state.counts.delivered === 1);
  assert.deepEqual(consumer.events, [event]);
  assert.deepEqual([...new Set(consumer.attempts)], [event.id]);
});

test("replaying an event that was delivered delivers it again, with the same id", async (t) => {
  const { edge, consumer, scan } = await withConsumer(t);
  const [event] = await scan(1);
  await edge.stateWhen(77, ({ counts }) => counts.delivered === 1);
  assert.equal((await edge.admin("POST", `77/events/${event.id}/replay`)).status, 202);
  await edge.stateWhen(77, ({ counts }) => counts.delivered === 2);
  assert.deepEqual(consumer.events, [event, event]);
  assert.equal((await edge.admin("POST", "77/events/evt_nothing/replay")).status, 404);
});

test("a delivery to a consumer that is gone (410) is not retried", async (t) => {
  const { edge, consumer, scan, advance } = await withConsumer(t);
  consumer.respond = raw(410, "");
  await scan(1);
  await edge.stateWhen(77, ({ failedDeliveries }) => failedDeliveries === 1);
  for (let hours = 0; hours < 5; hours++) await advance(HOUR);
  assert.equal(consumer.attempts.length, 1);
});

test("a redirect is not followed, and nothing but 2xx counts as accepted", async (t) => {
  const { edge, consumer, scan, advance } = await withConsumer(t);
  const elsewhere = await startConsumer(t);
  for (const [at, respond] of [raw(302, "", { Location: elsewhere.url }), raw(304, ""), raw(404, "")].entries()) {
    consumer.respond = respond;
    await scan(1);
    await edge.stateWhen(77, () => consumer.attempts.length > at);
    await advance(HOUR);
  }
  assert.deepEqual([(await edge.state(77)).counts.delivered, elsewhere.requests.length], [0, 0]);
});

test("a signature with another consumer's secret is refused", async (t) => {
  const other = `whsec_${Buffer.from("another secret, as long as it is").toString("base64")}`;
  const { edge, consumer, scan } = await withConsumer(t, { secret: other });
  assert.notEqual(other, WEBHOOK_SECRET);
  await scan(1);
  await edge.stateWhen(77, () => consumer.attempts.length > 0);
  assert.deepEqual(consumer.events, []);
});

test("the feed returns every event once, in order, page by page, and from any position", async (t) => {
  const edge = await startEdge(t);
  const service = await startOrdersService(t);
  for (let n = 0; n < 25; n++) service.setOrder(77, guid(n));
  await edge.register(77, service.registration(77));
  const all = await edge.eventsOf(77, 25);
  const walked = [];
  let after = 0;
  for (let pages = 0; pages < 10; pages++) {
    const page = await (await edge.admin("GET", `77/events?after=${after}&limit=10`)).json();
    walked.push(...page.events);
    if (page.events.length === 0) assert.equal(page.next, after);
    after = page.next;
  }
  assert.deepEqual(walked, all);
  assert.equal(after, 25);
  assert.deepEqual(
    all.map(({ seq }) => seq),
    Array.from({ length: 25 }, (_, at) => at + 1),
  );
  assert.deepEqual(await edge.events(77, "?after=20"), all.slice(20));
});

test("a cursor of a practice that was deleted and registered again does not skip the new events", async (t) => {
  const edge = await startEdge(t);
  const service = await startOrdersService(t);
  const page = async (query) => (await edge.admin("GET", `77/events?${query}`)).json();
  for (let n = 0; n < 5; n++) service.setOrder(77, guid(n));
  await edge.register(77, service.registration(77));
  await edge.eventsOf(77, 5);
  const { next, feed, reset } = await page("after=2");
  assert.deepEqual([next, reset], [5, false]);
  assert.equal((await edge.admin("DELETE", "77")).status, 200);
  await edge.register(77, service.registration(77));
  const all = await edge.eventsOf(77, 5);
  const again = await page(`after=${next}&feed=${feed}`);
  assert.deepEqual([again.events, again.reset], [all, true]);
  assert.notEqual(again.feed, feed);
  const { events, reset: beyond } = await page("after=9000");
  assert.deepEqual([events, beyond], [all, true], "whoever does not say of which feed a cursor is");
  assert.deepEqual((await page(`after=${again.next}&feed=${again.feed}`)).events, []);
});
