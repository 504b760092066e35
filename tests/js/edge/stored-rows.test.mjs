// Takes over the storage of an earlier release with work in progress. fixtures/make-stored-rows.mjs says what is in it.
import assert from "node:assert/strict";
import { cpSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startEdge, temporaryFolder } from "../support/edge.mjs";
import { startConsumer } from "../support/event-consumer.mjs";
import { raw } from "../support/faulty-server.mjs";
import { startOrdersService } from "../support/orders-service.mjs";
import { test } from "../support/test.mjs";
import { guid } from "../support/wire.mjs";

const FIXTURE = fileURLToPath(new URL("fixtures/stored-rows", import.meta.url));
const FOLDER = "itero-dpms-practices";

/** Starts this build on a copy of the storage, at the time of its last row, with a service and a consumer that are down. */
async function takeOver(t) {
  const service = await startOrdersService(t);
  const consumer = await startConsumer(t);
  service.intercept = () => raw(503, "");
  consumer.respond = raw(503, "");
  const { port } = new URL(service.tokenUrl);
  const expected = JSON.parse(readFileSync(join(FIXTURE, "expected.json"), "utf8"));
  const moved = { [expected.ports.service]: port, [expected.ports.consumer]: new URL(consumer.url).port };
  const storage = copy(t, moved);
  service.accessToken = expected.accessToken;
  service.refreshToken = expected.refreshToken;
  for (const { rxId, orderId, status, at } of expected.events) {
    service.setOrder(77, rxId, status, { OrderId: orderId, ScanningDate: at });
  }
  const env = { START_AT: String(expected.now) };
  const edge = await startEdge(t, { storage, testWorker: true, env });
  consumer.ahead = expected.now - Date.now();
  const advance = (companyId, ms) => {
    consumer.ahead += ms;
    return edge.advance(companyId, ms);
  };
  const heal = () => {
    service.intercept = () => undefined;
    consumer.respond = undefined;
  };
  return { edge, service, consumer, expected, moved, advance, heal };
}

/** Copies the storage with other ports in its URLs. Five-digit ports keep the length of the databases' values. */
function copy(t, moved) {
  const storage = temporaryFolder(t);
  cpSync(join(FIXTURE, "storage"), storage, { recursive: true });
  for (const name of readdirSync(join(storage, FOLDER))) {
    const path = join(storage, FOLDER, name);
    const text = readFileSync(path, "latin1");
    const other = text.replace(/(?<=127\.0\.0\.1:)\d{5}/g, (port) => moved[port] ?? port);
    assert.equal(other.length, text.length, "a port has five digits");
    writeFileSync(path, other, "latin1");
  }
  return storage;
}

/** Without what the clock decides, and as states are since then. */
const lasting = ({ lagMs, lastReconcile, deliverTo, ...state }) => ({
  ...state,
  deliverTo: deliverTo && { url: new URL(deliverTo.url).origin },
  lastReconcile: lastReconcile && { unreadable: 0, ...lastReconcile },
});

test("state and feed are as the earlier release had them", async (t) => {
  const { edge, expected, moved } = await takeOver(t);
  for (const [companyId, state] of Object.entries(expected.states)) {
    const text = JSON.stringify(lasting(state)).replace(/(?<=127\.0\.0\.1:)\d{5}/g, (port) => moved[port]);
    const { lagMs, ...now } = await edge.state(companyId);
    assert.deepEqual(now, JSON.parse(text));
  }
  assert.deepEqual(await edge.events(77), expected.events);
});

test("notifications, deliveries and a reconciliation in progress continue, and nothing is reported twice", async (t) => {
  const { edge, service, consumer, expected, advance, heal } = await takeOver(t);
  heal();
  // Too old to be listed: only its stored notifications lead to it.
  service.setOrder(77, guid(7), "Completed", { OrderId: 700_006, ScanningDate: "2020-01-01T00:00:00Z" });
  for (let minutes = 0; minutes < 5; minutes++) await advance(77, 60_000);
  const state = await edge.stateWhen(77, ({ pending, pendingDeliveries }) => pending + pendingDeliveries === 0);
  const events = await edge.events(77);
  assert.deepEqual(events.slice(0, 7), expected.events);
  assert.deepEqual(
    events.slice(7).map(({ seq, type, rxId }) => [seq, type, rxId]),
    [[8, "order.ready", guid(7)]],
  );
  assert.deepEqual(consumer.events.map(({ seq }) => seq).sort(), [7, 8], "the failed delivery is not retried");
  // It resumes with the last row of its last page, and then runs again, since it was requested meanwhile.
  const offsets = service.requests
    .filter(({ path }) => path.endsWith("/practice"))
    .map(({ query }) => query.get("Offset"));
  assert.deepEqual(offsets, ["2", "0"]);
  const { failedDeliveries, counts, lastReconcile } = state;
  assert.deepEqual([failedDeliveries, counts.delivered, counts.duplicates], [1, 7, 1]);
  assert.deepEqual([lastReconcile.orders, lastReconcile.found], [6, 0]);
});

test("a failed delivery is replayed", async (t) => {
  const { edge, consumer, expected, advance, heal } = await takeOver(t);
  heal();
  const event = expected.events[5];
  assert.equal((await edge.admin("POST", `77/events/${event.id}/replay`)).status, 202);
  for (let minutes = 0; minutes < 2; minutes++) await advance(77, 60_000);
  await edge.stateWhen(77, ({ failedDeliveries, pendingDeliveries }) => failedDeliveries + pendingDeliveries === 0);
  assert.deepEqual(
    consumer.events.find(({ id }) => id === event.id),
    event,
  );
});

test("the refreshed token and its refresh token are used", async (t) => {
  const { edge, service, advance, heal, expected } = await takeOver(t);
  heal();
  service.accessToken = "ANOTHER-TOKEN";
  for (let minutes = 0; minutes < 5; minutes++) await advance(77, 60_000);
  await edge.stateWhen(77, ({ lastReconcile }) => lastReconcile.at !== expected.states[77].lastReconcile.at);
  assert.equal(service.requestCounts.token, 1);
  const refresh = service.requests.find(({ path }) => path === "/token");
  assert.equal(new URLSearchParams(refresh.body).get("refresh_token"), expected.refreshToken);
});

test("parked notifications, and those of a refused token, are kept until a registration", async (t) => {
  const { edge, service, heal } = await takeOver(t);
  heal();
  for (const [companyId, rxIds] of [
    [78, [guid(20), guid(21)]],
    [79, [guid(30)]],
  ]) {
    for (const rxId of rxIds) service.setOrder(companyId, rxId, "Completed", { ScanningDate: "2020-01-01T00:00:00Z" });
    await edge.register(companyId, service.registration(companyId));
    const events = await edge.eventsOf(companyId, rxIds.length);
    assert.deepEqual(events.map(({ rxId }) => rxId).sort(), rxIds);
    const { attention, pending, parked } = await edge.state(companyId);
    assert.deepEqual([attention, pending, parked], [null, 0, 0]);
  }
});
