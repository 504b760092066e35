// From a notification to an event, with the sandbox as the service and with a service that fails as scripted.
import assert from "node:assert/strict";
import { createClient } from "itero-dpms";
import { SECRET, startEdge } from "../support/edge.mjs";
import { startConsumer } from "../support/event-consumer.mjs";
import { hang, raw, reset, text } from "../support/faulty-server.mjs";
import { startOrdersService } from "../support/orders-service.mjs";
import { startSandbox } from "../support/sandbox-cli.mjs";
import { test } from "../support/test.mjs";
import { RX_ID, envelope, guid, wireOrder } from "../support/wire.mjs";

/** Pushes an RX for a made-up patient and returns its id. */
async function pushRx(client, companyId) {
  const { doctors } = await client.practiceConfiguration();
  const patient = { patientFirstName: "Ada", patientLastName: "Example", patientChartNumber: "A-1" };
  return client.createScanRequest({ companyId, doctorId: doctors[0].id, ...patient });
}

test("RX → scan → callback → event → consumer, against the sandbox", async (t) => {
  const sandbox = await startSandbox();
  t.after(() => sandbox.stop());
  const edge = await startEdge(t, { env: { RECONCILE_DAYS: "1" } });
  const consumer = await startConsumer(t);
  const { baseUrl, accessToken } = sandbox;
  const client = await createClient({ endpoints: { baseUrl }, accessToken });
  const { companyId } = await client.practiceConfiguration();
  const deliverTo = { url: consumer.url, secret: consumer.secret };
  await edge.register(companyId, { endpoints: { baseUrl }, accessToken, deliverTo });
  await edge.stateWhen(companyId, ({ lastReconcile }) => lastReconcile !== null);
  const { lastSeq } = await edge.state(companyId);
  await sandbox.control("callback-url", { url: `${edge.url}/callback/${SECRET}` });

  const rxId = await pushRx(client, companyId);
  const { orderId } = await sandbox.completeScan(rxId);
  const ready = (await edge.eventsOf(companyId, lastSeq + 1)).at(-1);
  const expected = { seq: lastSeq + 1, type: "order.ready", companyId, rxId, orderId, status: "Completed" };
  assert.deepEqual({ ...ready, ...expected, source: "callback", previousStatus: null }, ready);

  await sandbox.control("order-status", { rxId, status: "Lab Review" });
  const changed = (await edge.eventsOf(companyId, lastSeq + 2)).at(-1);
  assert.deepEqual(
    [changed.type, changed.previousStatus, changed.status],
    ["order.changed", "Completed", "Lab Review"],
  );

  await edge.stateWhen(companyId, ({ counts }) => counts.delivered === lastSeq + 2);
  assert.deepEqual(consumer.events.slice(-2), [ready, changed]);
  assert.equal((await client.getOrder(changed.rxId)).status, changed.status);
});

test("a repeated notification is one event", async (t) => {
  const edge = await startEdge(t);
  const service = await startOrdersService(t);
  await edge.register(77, service.registration(77));
  await edge.stateWhen(77, ({ lastReconcile }) => lastReconcile !== null);
  service.setOrder(77, RX_ID);
  for (let round = 0; round < 3; round++) {
    await Promise.all(Array.from({ length: 20 }, () => edge.notify(RX_ID, 77)));
    await edge.stateWhen(77, ({ pending, counts }) => pending === 0 && counts.notifications === 20 * (round + 1));
  }
  const { counts } = await edge.state(77);
  assert.deepEqual([counts.events, counts.duplicates], [1, 59]);
  assert.equal((await edge.events(77)).length, 1);
});

test("a burst of 1,000 notifications for 50 practices becomes one event each", { timeout: 60_000 }, async (t) => {
  const edge = await startEdge(t);
  const service = await startOrdersService(t);
  const companies = Array.from({ length: 50 }, (_, at) => 1000 + at);
  for (const companyId of companies) await edge.register(companyId, service.registration(companyId));
  for (const companyId of companies) await edge.stateWhen(companyId, ({ lastReconcile }) => lastReconcile !== null);
  const all = companies.flatMap((companyId, at) =>
    Array.from({ length: 20 }, (_, n) => ({ companyId, rxId: guid(at * 100 + n) })),
  );
  for (const { companyId, rxId } of all) service.setOrder(companyId, rxId);
  const responses = await Promise.all(all.map(({ companyId, rxId }) => edge.notify(rxId, companyId)));
  assert.deepEqual([...new Set(responses.map(({ status }) => status))], [202]);
  for (const companyId of companies) {
    const events = await edge.eventsOf(companyId, 20);
    const expected = all.filter((each) => each.companyId === companyId).map(({ rxId }) => rxId);
    assert.deepEqual(events.map(({ rxId }) => rxId).sort(), expected.sort());
    assert.deepEqual(
      events.map(({ seq }) => seq),
      expected.map((_, at) => at + 1),
    );
    assert.ok(events.every((event) => event.companyId === companyId));
  }
});

test("notifications before the registration are parked, and reported after it", async (t) => {
  const edge = await startEdge(t);
  const service = await startOrdersService(t);
  const rxIds = Array.from({ length: 30 }, (_, n) => guid(n));
  for (const rxId of rxIds) assert.equal((await edge.notify(rxId, 77)).status, 202);
  assert.deepEqual([(await edge.state(77)).registered, (await edge.state(77)).parked], [false, 30]);
  // They are not listed: only the parked notifications lead to them.
  for (const rxId of rxIds) service.setOrder(77, rxId, "Completed", { ScanningDate: "2020-01-01T00:00:00Z" });
  await edge.register(77, service.registration(77));
  const events = await edge.eventsOf(77, 30);
  assert.deepEqual(events.map(({ rxId }) => rxId).sort(), rxIds);
  assert.deepEqual([...new Set(events.map(({ source }) => source))], ["callback"]);
  assert.equal((await edge.state(77)).parked, 0);
});

test("parked notifications are bounded: one too many is not acknowledged", { timeout: 60_000 }, async (t) => {
  const edge = await startEdge(t);
  for (let n = 0; n < 1000; n += 100) {
    const responses = await Promise.all(Array.from({ length: 100 }, (_, at) => edge.notify(guid(n + at), 77)));
    assert.ok(responses.every(({ status }) => status === 202));
  }
  const refusal = await edge.notify(guid(1000), 77);
  assert.equal(refusal.status, 503);
  assert.ok(Number(refusal.headers.get("retry-after")) > 0);
  assert.equal(
    (await edge.notify(guid(7), 77)).status,
    202,
    "a notification that is already parked takes no second row",
  );
  assert.equal((await edge.notify(guid(7), 78)).status, 202, "other practices are not affected");
});

/** Failures of the service, each over after a few responses. */
const FAILURES = {
  "returns 503": () => raw(503, "", { "Retry-After": "1" }),
  "returns 429": () => raw(429, ""),
  "returns 404 at first": () => raw(404, ""),
  "breaks connections": () => reset(),
  "returns nonsense": () => text(200, "<html>"),
};

for (const [name, step] of Object.entries(FAILURES)) {
  test(`a service that ${name} is called again until it returns the order`, async (t) => {
    const edge = await startEdge(t, { testWorker: true });
    const service = await startOrdersService(t);
    await edge.register(77, service.registration(77));
    await edge.stateWhen(77, ({ lastReconcile }) => lastReconcile !== null);
    service.setOrder(77, RX_ID, "Completed", { ScanningDate: "2020-01-01T00:00:00Z" });
    let bad = 3;
    service.intercept = () => (bad-- > 0 ? step() : undefined);
    assert.equal((await edge.notify(RX_ID, 77)).status, 202);
    for (let minutes = 0; minutes < 90 && bad >= 0; minutes++) await edge.advance(77, 60_000);
    const [event] = await edge.eventsOf(77, 1);
    assert.equal(event.rxId, RX_ID);
    assert.equal((await edge.state(77)).pending, 0);
  });
}

test("a service that does not respond stops neither acknowledgements nor the next try", async (t) => {
  const edge = await startEdge(t, { testWorker: true });
  const service = await startOrdersService(t);
  await edge.register(77, service.registration(77));
  await edge.stateWhen(77, ({ lastReconcile }) => lastReconcile !== null);
  service.setOrder(77, RX_ID);
  let hung = 0;
  service.intercept = () => (hung++ === 0 ? hang() : undefined);
  await edge.notify(RX_ID, 77);
  await edge.stateWhen(77, () => hung === 1);
  for (let n = 0; n < 10; n++) assert.equal((await edge.notify(guid(n), 77)).status, 202);
  assert.equal((await edge.eventsOf(77, 1))[0].rxId, RX_ID);
});

test("an order of another practice than the notified one creates no event", async (t) => {
  const edge = await startEdge(t);
  const service = await startOrdersService(t);
  service.intercept = ({ path }) =>
    path.endsWith(RX_ID) ? raw(200, JSON.stringify(envelope(wireOrder({ RxId: RX_ID, CompanyId: 78 })))) : undefined;
  await edge.register(77, service.registration(77));
  await edge.notify(RX_ID, 77);
  await edge.stateWhen(77, ({ counts }) => counts.unverified === 1);
  assert.deepEqual(await edge.events(77), []);
});
