/* oxlint-disable unicorn/no-thenable -- a hostile caller may pass a thenable that throws */
// What callers supply may throw anything whenever it is read: the call fails, but never the client or the page.
import assert from "node:assert/strict";
import { createClient } from "itero-dpms";
import { json } from "../support/faulty-server.mjs";
import { rejection, test } from "../support/test.mjs";
import { FAST, RX_ID, envelope, scripted, wireOrder } from "../support/wire.mjs";

/** More than the initial slots of wasm-bindgen's table of JavaScript values. */
const MANY = 2_000;

const ENDPOINTS = { baseUrl: "https://dpms.invalid" };
const thrower = (what = new Error("the caller's own")) => ({
  get() {
    throw what;
  },
  enumerable: true,
});
const ORDER = envelope(wireOrder());
const ok = async () => Response.json(ORDER);

/** A client without a network. */
const clientOf = (options) =>
  createClient({ endpoints: ENDPOINTS, accessToken: "token", retry: FAST, fetch: ok, ...options });

test("options whose getter throws leak nothing, however many there are", async () => {
  const client = await clientOf();
  const options = Object.defineProperty({}, "timeoutMs", thrower());
  for (let count = 0; count < MANY; count++) {
    assert.equal((await rejection(client.getOrder(RX_ID, options))).message, "the caller's own");
  }
  assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
});

test("arguments whose getter throws leak nothing, however many there are", async () => {
  const client = await clientOf();
  const query = Object.defineProperty({}, "offset", thrower());
  for (let count = 0; count < MANY; count++) await rejection(client.listOrders(query));
  assert.throws(() => client.orders(query), { message: "the caller's own" });
  assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
});

test("a proxy whose every trap throws is a rejection", async () => {
  const client = await clientOf();
  const hostile = new Proxy({}, { ownKeys: () => assert.fail("no keys"), get: () => assert.fail("no values") });
  await assert.rejects(client.getOrder(RX_ID, hostile), { message: "no keys" });
  await assert.rejects(client.listOrders(hostile), { message: "no keys" });
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  await assert.rejects(client.listOrders(proxy), TypeError);
});

for (const [what, respond] of [
  ["undefined", () => undefined],
  ["a text", () => "response"],
  ["an object of another kind", () => ({ ok: true })],
  ["a status that throws", () => Object.defineProperty({}, "status", thrower())],
  ["headers that throw", () => Object.defineProperty({ status: 200 }, "headers", thrower())],
  ["headers whose get throws", () => ({ status: 200, headers: { get: () => assert.fail("no header") } })],
  ["a body that throws", () => Object.defineProperty({ status: 200, headers: new Headers() }, "body", thrower())],
  ["a body that cannot be read", () => ({ status: 200, headers: new Headers(), body: {} })],
  ["a thenable that throws", () => Object.defineProperty({}, "then", thrower())],
]) {
  test(`a fetch that gives ${what} fails the call, and the client goes on`, async () => {
    let give = respond;
    const client = await clientOf({ fetch: async () => give() });
    const error = await rejection(client.getOrder(RX_ID));
    assert.ok(["network", "truncated", "decode"].includes(error.kind), error.kind);
    give = ok;
    assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
  });
}

for (const [what, accessToken] of [
  ["throws", () => assert.fail("no token")],
  ["rejects with nothing", () => Promise.reject()],
  ["gives an object", () => ({})],
  ["gives a thenable that throws", () => Object.defineProperty({}, "then", thrower())],
]) {
  test(`an accessToken that ${what} is unauthorized`, async () => {
    const client = await clientOf({ accessToken });
    assert.equal((await rejection(client.getOrder(RX_ID))).kind, "unauthorized");
  });
}

test("a listener that throws or rejects disturbs nobody", async () => {
  const onEvent = ({ attempt }) => (attempt === 1 ? Promise.reject(new Error("later")) : assert.fail("at once"));
  const client = await clientOf({ onEvent });
  assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
});

test("a signal of another library works, and one that throws is a rejection", async () => {
  const client = await clientOf();
  const listeners = new Set();
  const foreign = {
    aborted: false,
    reason: "enough",
    addEventListener: (_, listener) => listeners.add(listener),
    removeEventListener: (_, listener) => listeners.delete(listener),
  };
  assert.equal((await client.getOrder(RX_ID, { signal: foreign })).rxId, RX_ID);
  assert.equal(listeners.size, 0, "no listener is left behind");
  const broken = { aborted: false, addEventListener: () => assert.fail("no listener"), removeEventListener() {} };
  await rejection(client.getOrder(RX_ID, { signal: broken }));
  assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
});

test("a caller's function may make another call within a call", async () => {
  const inner = await clientOf();
  const client = await clientOf({ accessToken: async () => ((await inner.getOrder(RX_ID)).rxId, "token") });
  const orders = await Promise.all(Array.from({ length: 20 }, () => client.getOrder(RX_ID)));
  assert.equal(orders.length, 20);
});

test("every event of a call has its callId, and a final failure is an event with kind and status", async (t) => {
  const events = [];
  const { client } = await scripted(t, ({ path }) => (path.endsWith(RX_ID) ? json(404, {}) : json(200, ORDER)), {
    onEvent: (event) => events.push(event),
    retry: FAST,
  });
  await rejection(client.getOrder(RX_ID));
  await client.getOrder("00000000-0000-4000-8000-000000000001");
  const shown = events.map(({ type, callId, kind, status }) => [type, callId, kind, status]);
  assert.deepEqual(shown, [
    ["request", 1, undefined, undefined],
    ["response", 1, undefined, 404],
    ["failure", 1, "not-found", 404],
    ["request", 2, undefined, undefined],
    ["response", 2, undefined, 200],
  ]);
});
