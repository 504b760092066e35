// What a server sends takes only so much memory, however it is put: a response that is too large, or whose values are, is an error
// like any other, and the client goes on.
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { createClient, isDpmsError } from "itero-dpms";
import { CALLS, calls } from "../support/calls.mjs";
import { raw } from "../support/faulty-server.mjs";
import { rejection, test } from "../support/test.mjs";
import { FAST, RX_ID, TOKEN, endpointsOf, envelope, scripted, wireOrder } from "../support/wire.mjs";

const MIB = 1024 * 1024;
const ORDER = JSON.stringify(envelope(wireOrder()));

/** A body that gives chunk after chunk for as long as it is read, and how many it gave. */
function endless(chunk) {
  const seen = { chunks: 0, cancelled: false };
  const body = new ReadableStream(
    {
      pull(controller) {
        seen.chunks += 1;
        controller.enqueue(chunk);
      },
      cancel() {
        seen.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { seen, body };
}

/** A client whose `fetch` gives what `respond` does. */
const clientOf = (respond, options = {}) =>
  createClient({
    endpoints: endpointsOf("https://dpms.invalid"),
    accessToken: TOKEN,
    retry: FAST,
    fetch: async (request) => respond(request),
    ...options,
  });

const JSON_CALLS = CALLS.filter(({ reads }) => reads === "json");

for (const call of JSON_CALLS) {
  test(`${call.name}: an endless body is too-large after maxResponseBytes, asked for once and let go`, async () => {
    const { seen, body } = endless(new Uint8Array(1_000).fill(0x20));
    let asked = 0;
    let request;
    const client = await clientOf((sent) => {
      asked += 1;
      request = sent;
      return new Response(body);
    });
    const error = await rejection(call.run(client, { maxResponseBytes: 10_000 }));
    assert.ok(isDpmsError(error), String(error));
    assert.deepEqual([error.kind, error.status, error.retryable, error.attempts], ["too-large", 200, false, 1]);
    assert.match(error.message, /maxResponseBytes/);
    assert.ok(seen.chunks <= 11, `${seen.chunks} chunks were read`);
    assert.equal(asked, 1);
    assert.equal(request.signal.aborted, true, "the connection is cut");
  });
}

test("maxResponseBytes is the client's or the call's, and what fits exactly is read", async () => {
  const { length } = ORDER;
  const client = await clientOf(() => new Response(ORDER), { maxResponseBytes: length });
  assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
  assert.equal((await rejection(client.getOrder(RX_ID, { maxResponseBytes: length - 1 }))).kind, "too-large");
  const strict = await clientOf(() => new Response(ORDER), { maxResponseBytes: length - 1 });
  assert.equal((await rejection(strict.getOrder(RX_ID))).kind, "too-large");
  assert.equal((await strict.getOrder(RX_ID, { maxResponseBytes: length })).rxId, RX_ID);
});

test("a maxResponseBytes that is none is refused", async () => {
  const client = await clientOf(() => new Response(ORDER));
  for (const maxResponseBytes of [0, -1, 1.5, Infinity, 2 ** 31, "10", NaN]) {
    const error = await rejection(client.getOrder(RX_ID, { maxResponseBytes }));
    assert.deepEqual([error.kind, error.fieldErrors[0].field], ["invalid-argument", "maxResponseBytes"]);
  }
});

test("a body in many chunks is put together, whatever their sizes", async () => {
  const bytes = Buffer.from(ORDER);
  for (const size of [1, 7, 100, bytes.length - 1, bytes.length]) {
    const chunks = [];
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
    const client = await clientOf(() => new Response(ReadableStream.from(chunks)), { maxResponseBytes: bytes.length });
    assert.equal((await client.getOrder(RX_ID)).notes, "a note", `chunks of ${size}`);
  }
});

test("a small gzip that holds millions of rows is too-large, not a trap", async (t) => {
  const rows = Buffer.from(
    `{"Data":{"RxId":"${RX_ID}","OrderId":1,"Preps":[{}${",{}".repeat(9_000_000)}]},"Status":1}`,
  );
  const headers = { "Content-Type": "application/json", "Content-Encoding": "gzip" };
  const { client } = await scripted(t, (_, index) =>
    index === 0 ? raw(200, gzipSync(rows), headers) : raw(200, ORDER),
  );
  const error = await rejection(client.getOrder(RX_ID));
  assert.deepEqual([error.kind, error.retryable], ["too-large", false]);
  assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
});

test("what request() gives holds only so many values, too", async () => {
  const list = `[[]${",[]".repeat(9_000_000)}]`;
  const client = await clientOf(() => new Response(list));
  assert.equal((await rejection(client.request("GET", "anything"))).kind, "too-large");
});

test("the body of a failure is bounded, too, and its status counts all the same", async () => {
  const { seen, body } = endless(new Uint8Array(1_000).fill(0x20));
  const client = await clientOf(() => new Response(body, { status: 409 }));
  const [call] = calls("updatePatientByChartNumber");
  const error = await rejection(call.run(client, { maxResponseBytes: 10_000 }));
  assert.deepEqual([error.kind, error.matches], ["conflict", null]);
  assert.ok(seen.chunks <= 11, `${seen.chunks} chunks were read`);
});

test("a download may be of any length", async () => {
  const client = await clientOf(() => new Response(new Uint8Array(2 * MIB)), { maxResponseBytes: MIB });
  const response = await client.downloadScan(1, "IMAGE_GALLERY");
  assert.equal((await response.arrayBuffer()).byteLength, 2 * MIB);
});
