/* oxlint-disable unicorn/no-thenable -- a thenable that throws is what a hostile caller gives */
// What callers supply may throw whatever it likes, wherever it is read: it costs the call, never the client or the page.
import assert from "node:assert/strict";
import { createClient } from "itero-dpms";
import { json } from "../support/faulty-server.mjs";
import { rejection, settled, test } from "../support/test.mjs";
import { FAST, RX_ID, envelope, scripted, wireOrder } from "../support/wire.mjs";

/** More than the slots that WebAssembly has for JavaScript's values at first. */
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

test("options whose getter throws cost nothing, however many come", async () => {
  const client = await clientOf();
  const options = Object.defineProperty({}, "timeoutMs", thrower());
  for (let count = 0; count < MANY; count++) {
    assert.equal((await rejection(client.getOrder(RX_ID, options))).message, "the caller's own");
  }
  assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
});

test("arguments whose getter throws cost nothing, however many come", async () => {
  const client = await clientOf();
  const query = Object.defineProperty({}, "offset", thrower());
  for (let count = 0; count < MANY; count++) await rejection(client.listOrders(query));
  assert.throws(() => client.orders(query), { message: "the caller's own" });
  assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
});

test("a proxy that throws whatever is asked of it is a rejection", async () => {
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

test("a call that a function of the caller's makes within another call is a call like any other", async () => {
  const inner = await clientOf();
  const client = await clientOf({ accessToken: async () => ((await inner.getOrder(RX_ID)).rxId, "token") });
  const orders = await Promise.all(Array.from({ length: 20 }, () => client.getOrder(RX_ID)));
  assert.equal(orders.length, 20);
});

test("every step of a call carries its callId, and a failure for good is an event with its kind and status", async (t) => {
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

const throwing = (name) => () => Object.defineProperty(new Error("the caller's own"), name, thrower());
const odd = (name) => () => Object.defineProperty(Promise.resolve(Response.json(ORDER)), name, thrower());

for (const [what, fetch] of [
  ["rejects with an error whose property throws", () => Promise.reject(throwing("detail")())],
  ["rejects with an error whose cause throws", () => Promise.reject(throwing("cause")())],
  ["rejects with an error whose code throws", () => Promise.reject(throwing("code")())],
  [
    "rejects with a proxy that throws",
    () => Promise.reject(new Proxy(new Error("x"), { ownKeys: () => assert.fail("no keys") })),
  ],
  ["gives a promise whose constructor throws", odd("constructor")],
  ["gives a promise whose then throws", odd("then")],
]) {
  test(`a fetch that ${what} costs its call and no other, however often`, async () => {
    const waiting = await clientOf({ fetch: () => new Promise(() => {}) });
    let others = 0;
    const count = () => {
      others += 1;
    };
    waiting.getOrder(RX_ID).then(count, count);
    const client = await clientOf({ fetch, retry: false });
    for (let number = 0; number < MANY; number++) {
      const { reason } = await settled(client.request("GET", "anything", { query: { name: "Pat" } }));
      assert.ok(reason === undefined || reason.kind === "network", `${reason?.kind}: ${reason}`);
    }
    assert.equal(others, 0, "the call under way goes on");
    const good = await clientOf();
    assert.equal((await good.getOrder(RX_ID)).rxId, RX_ID);
  });
}

test("a call from the very end of the stack leaves the client as good as new", async () => {
  const client = await clientOf();
  for (let count = 0; count < 20; count++) {
    let outcome;
    // Goes up the stack until a call finds room.
    const deeper = () => {
      try {
        deeper();
      } catch {
        outcome = client.getOrder(RX_ID);
      }
    };
    deeper();
    await settled(outcome);
    assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
  }
});
