// deleteScanRequest (§4.3): what is sent, what is returned, and when a lost response was a success.
import assert from "node:assert/strict";
import { cutShort, hang, json, reset, text } from "../support/faulty-server.mjs";
import { rejection, test } from "../support/test.mjs";
import { FAST, RX_ID, envelope, guid, scripted } from "../support/wire.mjs";

const deleted = json(200, envelope(RX_ID));
const unknown = text(400, "");

test("deleting sends DELETE to the RX's path, the id in lower case, and nothing else (§4.3.2)", async (t) => {
  const { client, server } = await scripted(t, () => deleted);
  await client.deleteScanRequest(RX_ID.toUpperCase());
  const [{ method, url, body }] = server.requests;
  assert.equal(`${method} ${url}`, `DELETE /api/third-party/v2/scan-request/${RX_ID}`);
  assert.equal(body, "");
});

test("deleting returns the RX id in lower case (§4.3.3)", async (t) => {
  const { client } = await scripted(t, () => json(200, envelope(RX_ID.toUpperCase())));
  assert.equal(await client.deleteScanRequest(RX_ID.toUpperCase()), RX_ID);
});

test("a response that is not a GUID is a decode error", async (t) => {
  const values = ["x", 17, null, {}, `{${RX_ID}}`];
  const { client } = await scripted(t, (_, index) => json(200, envelope(values[index])));
  for (const value of values) {
    assert.equal((await rejection(client.deleteScanRequest(RX_ID))).kind, "decode", JSON.stringify(value));
  }
});

for (const [what, step, options] of [
  ["whose connection was reset", reset(), {}],
  ["that timed out", hang(), { timeoutMs: 1_000 }],
  ["whose response was cut", cutShort(JSON.stringify(envelope(RX_ID))), {}],
]) {
  test(`a 400 after an attempt ${what} means that the RX was already deleted`, async (t) => {
    const { client, server } = await scripted(t, [step, unknown], options);
    assert.equal(await client.deleteScanRequest(RX_ID.toUpperCase()), RX_ID);
    assert.equal(server.requests.length, 2);
  });
}

test("a 400 after a lost response and a 503 still means that the RX was deleted", async (t) => {
  const { client } = await scripted(t, [reset(), text(503, ""), unknown]);
  assert.equal(await client.deleteScanRequest(RX_ID), RX_ID);
});

test("a 400 on the first attempt is bad-request: the RX does not exist, or its id is malformed (R40)", async (t) => {
  const { client, server } = await scripted(t, () => unknown);
  const error = await rejection(client.deleteScanRequest(RX_ID));
  assert.equal(error.kind, "bad-request");
  assert.equal(error.attempts, 1);
  assert.equal(server.requests.length, 1);
});

test("a 400 after a response that arrived is bad-request: nothing was deleted before", async (t) => {
  const busy = await scripted(t, [text(429, ""), unknown]);
  assert.equal((await rejection(busy.client.deleteScanRequest(RX_ID))).kind, "bad-request");
  const refused = await scripted(t, [text(401, ""), unknown], { refresh: async () => "new-token" });
  assert.equal((await rejection(refused.client.deleteScanRequest(RX_ID))).kind, "bad-request");
});

test("one call's lost response does not excuse another call's 400", async (t) => {
  const { client } = await scripted(t, [reset(), json(200, envelope(RX_ID)), unknown]);
  await client.deleteScanRequest(RX_ID);
  assert.equal((await rejection(client.deleteScanRequest(guid(2)))).kind, "bad-request");
});

test("other failures after a lost response stay failures", async (t) => {
  for (const [status, kind] of [
    [401, "unauthorized"],
    [404, "not-found"],
    [409, "conflict"],
  ]) {
    const { client } = await scripted(t, [reset(), text(status, "")]);
    assert.equal((await rejection(client.deleteScanRequest(RX_ID))).kind, kind);
  }
});

for (const status of [429, 500, 502, 503, 504]) {
  test(`a delete is repeated after a ${status} (R5)`, async (t) => {
    const { client, server } = await scripted(t, [text(status, ""), deleted]);
    assert.equal(await client.deleteScanRequest(RX_ID), RX_ID);
    assert.equal(server.requests.length, 2);
  });
}

test("retry: false does not repeat a delete", async (t) => {
  const { client, server } = await scripted(t, [reset(), unknown], { retry: false });
  const error = await rejection(client.deleteScanRequest(RX_ID));
  assert.equal(error.kind, "network");
  assert.equal(error.retryable, true);
  assert.equal(server.requests.length, 1);
});

test("an aborted delete rejects with the signal's reason", async (t) => {
  const { client } = await scripted(t, () => hang(), { retry: FAST });
  const signal = AbortSignal.abort("changed my mind");
  assert.equal(await rejection(client.deleteScanRequest(RX_ID, { signal })), "changed my mind");
});
