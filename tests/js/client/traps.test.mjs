// A trap, here for lack of memory, rejects the calls under way, and the next call runs in a fresh instance.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { before } from "node:test";
import { createClient, load, procedures } from "itero-dpms/slim";
import { withAtMost } from "../support/limited-memory.mjs";
import { followMemories } from "../support/memories.mjs";
import { rejection, test } from "../support/test.mjs";
import { RX_ID, envelope, guid, wireOrder, wirePage } from "../support/wire.mjs";

const MIB = 1024 * 1024;

before(async () => {
  const bytes = await readFile(createRequire(import.meta.url).resolve("itero-dpms/client.wasm"));
  await load(await WebAssembly.compile(withAtMost(8 * MIB, bytes)));
});

const small = () => Response.json(envelope(wireOrder()));
const huge = () => new Response(new Uint8Array(16 * MIB).fill(0x20));

/** A client whose `fetch` returns what `respond` does. */
async function clientOf(respond) {
  return createClient({
    endpoints: { baseUrl: "https://dpms.invalid" },
    accessToken: "token",
    fetch: async () => respond(),
  });
}

test("a response that does not fit into memory rejects as an internal error, and the client's next call works", async () => {
  let respond = huge;
  const client = await clientOf(() => respond());
  for (let count = 0; count < 3; count++) {
    respond = huge;
    const error = await rejection(client.getOrder(RX_ID));
    assert.deepEqual([error.kind, error.retryable], ["internal", false]);
    respond = small;
    assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
  }
  assert.ok((await procedures()).length > 0);
});

test("all calls under way are rejected, whatever they wait for", async () => {
  const never = new Promise(() => {});
  const waiting = await clientOf(() => never);
  const outcomes = [waiting.getOrder(RX_ID), waiting.getOrder(RX_ID), waiting.listOrders()].map((call) =>
    rejection(call),
  );
  const client = await clientOf(huge);
  outcomes.push(rejection(client.getOrder(RX_ID)));
  const kinds = (await Promise.all(outcomes)).map((error) => error.kind);
  assert.deepEqual(kinds, ["internal", "internal", "internal", "internal"]);
});

test("an iteration ends with its instance, and a new iteration works", async () => {
  const page = (hasMore) => Response.json(wirePage([wireOrder()], { hasMore }));
  const pages = [page(true), new Promise(() => {}), page(false)];
  const walking = await clientOf(() => pages.shift());
  const walk = walking.orders();
  assert.equal((await walk.next()).value.rxId, RX_ID);
  const client = await clientOf(huge);
  await rejection(client.getOrder(RX_ID));
  assert.equal((await rejection(walk.next())).kind, "internal");
  for await (const order of walking.orders()) assert.equal(order.rxId, RX_ID);
});

test("pages ahead end with their instance as well, without an unhandled rejection", async () => {
  const pages = [Response.json(wirePage([wireOrder(), wireOrder({ RxId: guid(1) })], { hasMore: true }))];
  const walking = await clientOf(() => pages.shift() ?? new Promise(() => {}));
  const walk = walking.orders(null, { pagesAhead: 4 });
  assert.equal((await walk.next()).value.rxId, RX_ID);
  assert.equal((await walk.next()).value.rxId, guid(1));
  const waiting = rejection(walk.next());
  const client = await clientOf(huge);
  await rejection(client.getOrder(RX_ID));
  assert.equal((await waiting).kind, "internal");
  pages.push(Response.json(wirePage([wireOrder()])));
  for await (const order of walking.orders(null, { pagesAhead: 4 })) assert.equal(order.rxId, RX_ID);
});

test("a page requested after the instance is gone is an internal error, too", async () => {
  const walking = await clientOf(() => Response.json(wirePage([wireOrder()])));
  const walk = walking.orders();
  const client = await clientOf(huge);
  await rejection(client.getOrder(RX_ID));
  assert.equal((await rejection(walk.next())).kind, "internal");
});

test("a client keeps its refreshed token and the numbers of its calls", async () => {
  const sent = [];
  const calls = [];
  let respond = small;
  const client = await createClient({
    endpoints: { baseUrl: "https://dpms.invalid" },
    accessToken: "old",
    refresh: async () => "new",
    fetch: async (request) => {
      const token = request.headers.get("authorization");
      sent.push(token);
      return token === "Bearer old" ? new Response("", { status: 401 }) : respond();
    },
    onEvent: ({ type, callId }) => type === "request" && calls.push(callId),
  });
  await client.getOrder(RX_ID);
  respond = huge;
  assert.equal((await rejection(client.getOrder(RX_ID))).kind, "internal");
  respond = small;
  await client.getOrder(RX_ID);
  assert.deepEqual(sent, ["Bearer old", "Bearer new", "Bearer new", "Bearer new"]);
  assert.deepEqual(calls, [1, 1, 2, 3]);
});

test("a broken instance leaves no memory behind", async () => {
  const memories = followMemories();
  try {
    const client = await clientOf(huge);
    for (let count = 0; count < 5; count++) await rejection(client.getOrder(RX_ID));
  } finally {
    memories.stop();
  }
  assert.equal(memories.made(), 5);
  assert.equal((await memories.left()).length, 1, "only the one in use");
});

test("a call that ended just before a trap does no harm to the instance after it", async () => {
  const good = await clientOf(small);
  const bad = await clientOf(huge);
  for (let count = 0; count < 20; count++) {
    const ends = Array.from({ length: 5 }, () => good.getOrder(RX_ID));
    await Promise.allSettled([...ends, rejection(bad.getOrder(RX_ID)), ...ends]);
  }
  assert.equal((await good.getOrder(RX_ID)).rxId, RX_ID);
});
