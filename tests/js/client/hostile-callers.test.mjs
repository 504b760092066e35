/* oxlint-disable unicorn/no-thenable -- a hostile caller may pass a thenable that throws */
// What callers supply may throw anything whenever it is read: the call fails, but never the client or the page.
import assert from "node:assert/strict";
import { createClient } from "itero-dpms";
import { json } from "../support/faulty-server.mjs";
import { rejection, settled, test } from "../support/test.mjs";
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
  ["null", () => null],
  ["a text", () => "response"],
  ["Response.error()", () => Response.error()],
  ["an object of another kind", () => ({ ok: true })],
  ["a status that throws", () => Object.defineProperty({}, "status", thrower())],
  ["headers that throw", () => Object.defineProperty({ status: 200 }, "headers", thrower())],
  ["headers whose get throws", () => ({ status: 200, headers: { get: () => assert.fail("no header") } })],
  ["a body that throws", () => Object.defineProperty({ status: 200, headers: new Headers() }, "body", thrower())],
  ["a body that cannot be read", () => ({ status: 200, headers: new Headers(), body: {} })],
  ["a Response without a body stream", () => ({ status: 200, headers: new Headers(), json: async () => ORDER })],
  [
    "a Response that was read already",
    async () => {
      const response = Response.json(ORDER);
      await response.text();
      return response;
    },
  ],
  ["a body of strings", () => new Response(new ReadableStream({ start: (body) => body.enqueue("no bytes") }))],
]) {
  test(`a fetch that gives ${what} is an argument that is not allowed: no retry, and the client goes on`, async () => {
    let give = respond;
    const client = await clientOf({ fetch: async () => give() });
    const error = await rejection(client.getOrder(RX_ID));
    assert.equal(error.kind, "invalid-argument");
    assert.equal(error.attempts, 1);
    assert.equal(error.endpoint, "orders/:rxId");
    assert.deepEqual(
      error.fieldErrors.map(({ field }) => field),
      ["fetch"],
    );
    give = ok;
    assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
  });
}

for (const [engine, message] of [
  ["V8", "Illegal invocation"],
  ["workerd", "Illegal invocation: function called with incorrect `this` reference."],
  ["V8, of a class", "Cannot read properties of undefined (reading 'get')"],
  ["Firefox", "'fetch' called on an object that does not implement interface Window."],
  ["WebKit", "Can only call Window.fetch on instances of Window"],
  ["Firefox, of a class", 'can\'t access property "get", this is undefined'],
  ["WebKit, of a class", "undefined is not an object (evaluating 'this.get')"],
]) {
  test(`a fetch without its object is an argument that is not allowed, as ${engine} says it`, async () => {
    for (const fetch of [
      async () => Promise.reject(new TypeError(message)),
      () => {
        throw new TypeError(message);
      },
    ]) {
      const error = await rejection((await clientOf({ fetch })).getOrder(RX_ID));
      assert.equal(error.kind, "invalid-argument");
      assert.equal(error.attempts, 1);
      assert.match(error.message, /without its object/);
    }
  });
}

test("a method that is passed without its object is an argument that is not allowed", async () => {
  class Binding {
    #answer = ok;
    async fetch() {
      return this.#answer();
    }
  }
  const binding = new Binding();
  assert.equal((await rejection((await clientOf({ fetch: binding.fetch })).getOrder(RX_ID))).kind, "invalid-argument");
  assert.equal((await (await clientOf({ fetch: () => binding.fetch() })).getOrder(RX_ID)).rxId, RX_ID);
});

test("a network failure that quotes a URL with `undefined` in it is network", async () => {
  const fetch = async () => Promise.reject(new TypeError("error sending request for url (https://undefined/x)"));
  assert.equal((await rejection((await clientOf({ fetch })).getOrder(RX_ID))).kind, "network");
});

test("a fetch that gives a thenable that throws is network", async () => {
  const client = await clientOf({ fetch: async () => Object.defineProperty({}, "then", thrower()) });
  assert.equal((await rejection(client.getOrder(RX_ID))).kind, "network");
});

for (const name of ["accessToken", "refresh"]) {
  for (const [what, give] of [
    ["undefined", () => undefined],
    ["null", async () => null],
    ["an object", () => ({})],
    ["a String", () => new String("token")],
    ["an empty string", () => ""],
    ["a line break", async () => "token\n"],
  ]) {
    test(`${name} that gives ${what} is an argument that is not allowed, and not asked again`, async () => {
      let asked = 0;
      const client = await clientOf({
        fetch: async () => new Response(null, { status: 401 }),
        [name]: () => ((asked += 1), give()),
      });
      const error = await rejection(client.getOrder(RX_ID));
      assert.equal(error.kind, "invalid-argument");
      assert.deepEqual(
        error.fieldErrors.map(({ field }) => field),
        [name],
      );
      assert.equal(asked, 1);
    });
  }

  for (const [what, fail] of [
    ["throws", () => assert.fail("no token")],
    ["rejects with nothing", () => Promise.reject()],
    ["gives a thenable that throws", () => Object.defineProperty({}, "then", thrower())],
  ]) {
    test(`${name} that ${what} is unauthorized`, async () => {
      const client = await clientOf({ fetch: async () => new Response(null, { status: 401 }), [name]: fail });
      assert.equal((await rejection(client.getOrder(RX_ID))).kind, "unauthorized");
    });
  }
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
