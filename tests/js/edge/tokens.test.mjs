// A practice's token expires about every hour. The inbox renews it with a refresh token that can be used only once.
import assert from "node:assert/strict";
import { startEdge } from "../support/edge.mjs";
import { json, raw } from "../support/faulty-server.mjs";
import { startOrdersService } from "../support/orders-service.mjs";
import { test } from "../support/test.mjs";
import { RX_ID, guid } from "../support/wire.mjs";

/** A registered practice whose token has just expired. */
async function withExpiredToken(t, more) {
  const edge = await startEdge(t, { testWorker: true });
  const service = await startOrdersService(t);
  await edge.register(77, service.registration(77, more?.(service)));
  await edge.stateWhen(77, ({ lastReconcile }) => lastReconcile !== null);
  service.accessToken = "ANOTHER-TOKEN";
  return { edge, service };
}

test("an expired token is renewed once for all pending orders, and each is fetched", async (t) => {
  const { edge, service } = await withExpiredToken(t, (practice) => practice.refreshing());
  const rxIds = Array.from({ length: 60 }, (_, n) => guid(n));
  for (const rxId of rxIds) service.setOrder(77, rxId);
  await Promise.all(rxIds.map((rxId) => edge.notify(rxId, 77)));
  const events = await edge.eventsOf(77, 60);
  assert.deepEqual(events.map(({ rxId }) => rxId).sort(), rxIds);
  assert.equal(service.requestCounts.token, 1);
});

test("a refresh is a standard request, and the next one uses the rotated refresh token", async (t) => {
  const { edge, service } = await withExpiredToken(t, (practice) => practice.refreshing());
  for (let expiry = 0; expiry < 3; expiry++) {
    const given = service.refreshToken;
    service.setOrder(77, guid(expiry));
    await edge.notify(guid(expiry), 77);
    await edge.eventsOf(77, expiry + 1);
    const request = service.requests.findLast(({ path }) => path === "/token");
    assert.equal(request.method, "POST");
    assert.equal(request.headers["content-type"], "application/x-www-form-urlencoded");
    assert.equal(request.headers.authorization, `Basic ${btoa("client-id:CLIENT-SECRET")}`);
    assert.deepEqual(Object.fromEntries(new URLSearchParams(request.body)), {
      grant_type: "refresh_token",
      refresh_token: given,
    });
    service.accessToken = `EXPIRED-${expiry}`;
  }
  assert.equal(service.requestCounts.token, 3);
});

test("a refresh whose response is lost is sent again, with deliveries going on meanwhile", async (t) => {
  const { edge, service } = await withExpiredToken(t, (practice) => practice.refreshing());
  let lost = 2;
  service.intercept = ({ path }) => (path === "/token" && lost-- > 0 ? raw(503, "") : undefined);
  service.setOrder(77, RX_ID);
  await edge.notify(RX_ID, 77);
  for (let minutes = 0; minutes < 30 && lost >= 0; minutes++) await edge.advance(77, 60_000);
  assert.equal((await edge.eventsOf(77, 1))[0].rxId, RX_ID);
});

test("a refused refresh waits for an operator: the state shows it, retries are rare, and a new registration reports what was pending", async (t) => {
  const { edge, service } = await withExpiredToken(t, (practice) => practice.refreshing());
  service.intercept = ({ path }) => (path === "/token" ? json(400, { error: "invalid_grant" }) : undefined);
  service.setOrder(77, RX_ID);
  await edge.notify(RX_ID, 77);
  await edge.stateWhen(77, ({ attention }) => attention === "refresh-rejected");
  const { orders } = service.requestCounts;
  for (let n = 0; n < 5; n++) await edge.notify(guid(n), 77);
  for (let n = 0; n < 10; n++) await edge.advance(77, 60_000);
  assert.deepEqual([service.requestCounts.token, service.requestCounts.orders], [1, orders]);
  service.intercept = () => undefined;
  service.refreshToken = "REFRESH-TOKEN-OF-A-NEW-PAIRING";
  await edge.register(77, service.registration(77, service.refreshing()));
  assert.equal((await edge.eventsOf(77, 1))[0].rxId, RX_ID);
  assert.equal((await edge.state(77)).attention, null);
});

test("a token that is refused once and then taken costs a callback seconds, and nobody is asked for help", async (t) => {
  const edge = await startEdge(t, { testWorker: true });
  const service = await startOrdersService(t);
  await edge.register(77, service.registration(77));
  await edge.stateWhen(77, ({ lastReconcile }) => lastReconcile !== null);
  let stray = 1;
  service.intercept = () => (stray-- > 0 ? raw(401, "") : undefined);
  service.setOrder(77, RX_ID);
  await edge.notify(RX_ID, 77);
  await edge.stateWhen(77, () => stray < 1);
  await edge.advance(77, 5_000);
  assert.equal((await edge.eventsOf(77, 1))[0].rxId, RX_ID);
  assert.doesNotMatch(edge.output(), /unauthorized/);
});

test("without a refresh token a refused token is tried rarely, and what was notified of is kept", async (t) => {
  const { edge, service } = await withExpiredToken(t);
  service.setOrder(77, RX_ID);
  await edge.notify(RX_ID, 77);
  for (let tries = 0; tries < 10; tries++) await edge.advance(77, 60_000);
  await edge.stateWhen(77, ({ attention }) => attention === "unauthorized");
  const before = service.requestCounts.orders + service.requestCounts.list;
  for (let n = 0; n < 12; n++) await edge.advance(77, 30 * 60_000);
  const tries = service.requestCounts.orders + service.requestCounts.list - before;
  assert.ok(tries >= 4 && tries <= 12, `${tries} tries in six hours`);
  assert.equal((await edge.state(77)).pending, 1);
  await edge.register(77, service.registration(77));
  assert.equal((await edge.eventsOf(77, 1))[0].rxId, RX_ID);
});
