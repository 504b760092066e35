// createReceiver and parseCallback: the checks of a callback in any runtime, with the caller's own storage.
import assert from "node:assert/strict";
import { createContext, runInContext } from "node:vm";
import { createReceiver, parseCallback } from "itero-dpms/webhook";
import { rejection, test } from "../support/test.mjs";
import { RX_ID } from "../support/wire.mjs";

const URL_ = "https://portal.example/hooks/callback/second";
const NOTIFICATION = JSON.stringify({ Id: RX_ID.toUpperCase(), CompanyId: "77" });
const request = (body = NOTIFICATION, init = {}) => new Request(URL_, { method: "POST", body, ...init });

function receiver(store = () => {}) {
  const stored = [];
  const receive = createReceiver({
    callbackSecrets: "first, second",
    store: async (callback) => {
      await store(callback);
      stored.push(callback);
    },
  });
  return { receive, stored };
}

test("a notification is stored, then acknowledged, wherever the receiver is mounted", async () => {
  let release;
  const { receive, stored } = receiver(() => new Promise((resolve) => (release = resolve)));
  const response = receive(request());
  assert.equal(await Promise.race([response, new Promise((late) => setTimeout(late, 50, "pending"))]), "pending");
  release();
  assert.equal((await response).status, 202);
  assert.deepEqual(stored, [{ rxId: RX_ID, companyId: 77 }]);
});

test("a store that fails is 503 with Retry-After, and the next notification is accepted", async () => {
  let isBroken = true;
  const { receive, stored } = receiver(() => {
    if (isBroken) throw new Error("the database is down");
  });
  const response = await receive(request());
  assert.equal(response.status, 503);
  assert.match(response.headers.get("retry-after"), /^\d+$/);
  assert.doesNotMatch(await response.text(), /database/);
  isBroken = false;
  assert.equal((await receive(request())).status, 202);
  assert.equal(stored.length, 1);
});

test("an invalid notification is refused as by the Worker, and not stored", async () => {
  const { receive, stored } = receiver();
  const post = (url) => receive(new Request(url, { method: "POST", body: NOTIFICATION }));
  assert.equal((await post("https://portal.example/callback/third")).status, 404);
  assert.equal((await post("https://portal.example/practices/77")).status, 404);
  assert.equal((await post("https://portal.example/")).status, 404);
  assert.equal((await receive(new Request(URL_))).status, 405);
  assert.equal((await receive(request("x".repeat(16 * 1024 + 1)))).status, 413);
  const refusal = await receive(request(JSON.stringify({ Id: RX_ID })));
  assert.equal(refusal.status, 400);
  assert.equal((await refusal.json()).errors[0].field, "CompanyId");
  assert.deepEqual(stored, []);
});

test("createReceiver requires secrets and a store", () => {
  for (const callbackSecrets of [undefined, "", " , ", ["a"]]) {
    assert.throws(() => createReceiver({ callbackSecrets, store() {} }), {
      name: "TypeError",
      message: /callbackSecrets/,
    });
  }
  for (const secret of ["a/b", "a b", "é", "..", "a?b"]) {
    assert.throws(() => createReceiver({ callbackSecrets: `good,${secret}`, store() {} }), {
      name: "TypeError",
      message: /callbackSecrets.*URL/,
    });
  }
  assert.throws(() => createReceiver({ callbackSecrets: "a" }), { name: "TypeError", message: /store/ });
});

test("parseCallback reads bytes and strings, and an error names the field", async () => {
  const callback = { rxId: RX_ID, companyId: 77 };
  assert.deepEqual(await parseCallback(NOTIFICATION), callback);
  assert.deepEqual(await parseCallback(new TextEncoder().encode(NOTIFICATION)), callback);
  for (const [body, field] of [
    ["{}", /^Id /],
    [JSON.stringify({ Id: RX_ID }), /^CompanyId /],
    ["not JSON", /JSON/],
    [undefined, /body/],
  ]) {
    const error = await rejection(parseCallback(body));
    assert.ok(error instanceof Error && !(error instanceof WebAssembly.RuntimeError));
    assert.match(error.message, field);
  }
  assert.deepEqual(await parseCallback(NOTIFICATION), callback);
});

test("requests and bytes of another realm do, as under jsdom", async () => {
  const realm = createContext({ NOTIFICATION });
  const bytes = () => runInContext("Uint8Array.from(NOTIFICATION, (char) => char.charCodeAt(0))", realm);
  assert.ok(!(bytes() instanceof Uint8Array));
  assert.deepEqual(await parseCallback(bytes()), { rxId: RX_ID, companyId: 77 });
  const chunks = [bytes().subarray(0, 9), bytes().subarray(9)];
  const read = async () => ({ value: chunks.shift() });
  const { receive, stored } = receiver();
  const body = { getReader: () => ({ read, cancel: async () => {} }) };
  const response = await receive({ method: "POST", url: URL_, headers: new Headers(), body });
  assert.equal(response.status, 202);
  assert.deepEqual(stored, [{ rxId: RX_ID, companyId: 77 }]);
});

test("parseCallback takes nothing else than bytes and strings", async () => {
  for (const body of [null, 7, {}, new Uint16Array(2), new DataView(new ArrayBuffer(2)), new ArrayBuffer(2)])
    assert.match((await rejection(() => parseCallback(body))).message, /Uint8Array or a string/);
});
