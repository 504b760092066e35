// WebAssembly's memory never shrinks: an instance that has grown is given back as soon as nothing needs it.
import assert from "node:assert/strict";
import { createClient } from "itero-dpms";
import { followMemories } from "../support/memories.mjs";
import { test } from "../support/test.mjs";
import { RX_ID, TOKEN, envelope, guid, wireOrder, wirePage } from "../support/wire.mjs";

const MIB = 1024 * 1024;

const memories = followMemories();

/** The sizes of the memories that are still there, in MiB. */
const sizes = async () => (await memories.left()).map(({ buffer }) => buffer.byteLength / MIB);

const small = () => Response.json(envelope(wireOrder()));
const large = () =>
  new Response(new Blob([new Uint8Array(100 * MIB).fill(0x20), JSON.stringify(envelope(wireOrder()))]));
const ROOM = { maxResponseBytes: 200 * MIB };

async function clientOf(respond, options = {}) {
  const fetch = async (request) => respond(request);
  return createClient({ endpoints: { baseUrl: "https://dpms.invalid" }, accessToken: TOKEN, fetch, ...options });
}

const total = (all) => all.reduce((sum, each) => sum + each, 0);

test("a large response leaves no large memory behind, and the client goes on", async () => {
  const calls = [];
  let respond = large;
  const onEvent = ({ type, callId }) => type === "request" && calls.push(callId);
  const client = await clientOf(() => respond(), { onEvent });
  assert.equal((await client.getOrder(RX_ID, ROOM)).rxId, RX_ID);
  const left = await sizes();
  assert.ok(total(left) < 20, `${left} MiB are left`);
  respond = small;
  assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
  assert.deepEqual(calls, [1, 2]);
});

test("usual responses keep their instance", async () => {
  const client = await clientOf(small);
  const before = memories.made();
  for (let count = 0; count < 50; count++) await client.getOrder(RX_ID);
  assert.equal(memories.made(), before);
});

test("a call under way and a walk between its pages keep theirs, whatever else is large", async () => {
  let finish;
  const slow = new Promise((resolve) => {
    finish = () => resolve(small());
  });
  const waiting = await clientOf(() => slow);
  const outcome = waiting.getOrder(RX_ID);
  let page = 0;
  const listing = await clientOf(() =>
    Response.json(wirePage([wireOrder({ RxId: guid(page) })], { hasMore: (page += 1) < 3 })),
  );
  const walk = listing.orders();
  const unbegun = listing.orders();
  assert.equal((await walk.next()).value.rxId, guid(0));

  const client = await clientOf(large);
  await client.getOrder(RX_ID, ROOM);
  assert.ok(total(await sizes()) > 100, "it is still needed");
  assert.equal((await walk.next()).value.rxId, guid(1));
  finish();
  assert.equal((await outcome).rxId, RX_ID);
  assert.equal((await walk.next()).value.rxId, guid(2));
  assert.equal((await walk.next()).done, true);
  await unbegun.return();
  const left = await sizes();
  assert.ok(total(left) < 20, `${left} MiB are left`);
});

test("walks that are dropped keep nothing", async () => {
  const listing = await clientOf(() => Response.json(wirePage([wireOrder()], { hasMore: true })));
  const begin = async () => {
    listing.orders();
    assert.equal((await listing.orders().next()).value.rxId, RX_ID);
  };
  await begin();
  const client = await clientOf(large);
  await client.getOrder(RX_ID, ROOM);
  const left = await sizes();
  assert.ok(total(left) < 20, `${left} MiB are left`);
});
