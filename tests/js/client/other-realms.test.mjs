// What callers and platforms give is known by what it can do: with jsdom, a vm, an iframe or a library's own Response, it is
// an instance of none of the classes that this module knows.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createContext, runInContext } from "node:vm";
import { createClient, isDpmsError } from "itero-dpms";
import { deferred, rejection, test } from "../support/test.mjs";
import { FAST, RX_ID, envelope, wireOrder } from "../support/wire.mjs";

const realm = createContext({ setTimeout, queueMicrotask });

/** Evaluates an expression in another realm. */
const foreign = (expression) => runInContext(`(${expression})`, realm);

/** A Response's shape, of nothing but the other realm's objects. */
const responseOf = foreign(`(status, bytes, headers = {}) => {
  const chunks = [Uint8Array.from(bytes)];
  const read = async () => (chunks.length > 0 ? { done: false, value: chunks.shift() } : { done: true });
  return {
    status, statusText: "", type: "default", url: "", redirected: false, bodyUsed: false,
    headers: { get: (name) => headers[name] ?? null },
    body: { getReader: () => ({ read, cancel: async () => {} }) },
  };
}`);

const ORDER = [...Buffer.from(JSON.stringify(envelope(wireOrder())))];
const OPTIONS = `{ endpoints: { baseUrl: "https://dpms.invalid" }, accessToken: async () => "token", retry: false }`;

const clientOf = (options) => createClient(Object.assign(foreign(OPTIONS), options));

test("options, functions, promises, Responses and bytes of another realm do", async () => {
  assert.ok(!(responseOf(200, ORDER) instanceof Object), "it is of another realm");
  const fetch = foreign("(respond) => async () => respond()")(() => responseOf(200, ORDER));
  const events = foreign("[]");
  const client = await clientOf({ fetch, onEvent: foreign("(events) => async (event) => events.push(event)")(events) });
  assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
  assert.equal((await client.request("GET", "x", foreign(`{ query: { a: 1 }, version: 2 }`))).Status, 1);
  assert.deepEqual([...events].map(({ type }) => type).slice(0, 2), ["request", "response"]);
});

test("a body of several chunks of another realm is read whole", async () => {
  const respond = () => {
    const chunks = [ORDER.slice(0, 9), ORDER.slice(9)].map((bytes) => responseOf(200, bytes).body.getReader());
    const read = async () => {
      const { value } = (await chunks.shift()?.read()) ?? {};
      return { done: value === undefined, value };
    };
    return Object.assign(responseOf(200, []), { body: { getReader: () => ({ read, cancel() {} }) } });
  };
  const client = await clientOf({ fetch: async () => respond() });
  assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
});

test("a download of another realm's Response is the platform's own", async () => {
  const client = await clientOf({ fetch: async () => responseOf(200, [80, 75, 3, 4], { "content-length": "4" }) });
  const response = await client.downloadScan(1, "IDE");
  assert.ok(response instanceof Response);
  assert.deepEqual([...new Uint8Array(await response.arrayBuffer())], [80, 75, 3, 4]);
});

test("a signal of another realm aborts a call, with its own reason", async () => {
  const signal = foreign(`{
    aborted: false, reason: undefined, listeners: new Set(),
    addEventListener(_, listener) { this.listeners.add(listener); },
    removeEventListener(_, listener) { this.listeners.delete(listener); },
    abort(reason) { this.aborted = true; this.reason = reason; for (const listener of this.listeners) listener(); },
  }`);
  const sent = deferred();
  const client = await clientOf({ fetch: () => (sent.resolve(), new Promise(() => {})) });
  const call = rejection(client.getOrder(RX_ID, { signal }));
  await sent.promise;
  signal.abort("enough");
  assert.equal(await call, "enough");
});

test("an error of another realm is a network failure with its class and code", async () => {
  const fail = foreign(`async () => { throw Object.assign(new TypeError("x"), { code: "ECONNRESET" }); }`);
  const error = await rejection((await clientOf({ fetch: fail })).getOrder(RX_ID));
  assert.equal(error.kind, "network");
  assert.deepEqual(error.cause, { name: "TypeError", code: "ECONNRESET" });
});

test("a DpmsError of another realm is one, and what only looks like one is not", () => {
  const fields = `{ name: "DpmsError", kind: "network" }`;
  assert.equal(isDpmsError(foreign(`Object.assign(new Error("x"), ${fields})`)), true);
  assert.equal(isDpmsError(foreign(fields)), false);
});

test("a module that another realm compiled loads", async () => {
  const { load, unitTypes } = await import("itero-dpms/slim");
  const bytes = await readFile(new URL("../../../pkg/wasm/client/itero_dpms_bg.wasm", import.meta.url));
  const module = foreign("(bytes) => new WebAssembly.Module(bytes)")(bytes);
  assert.ok(!(module instanceof WebAssembly.Module));
  await load(module);
  assert.ok((await unitTypes()).length > 0);
});

/** Runs with another global, as test environments and older runtimes have it. */
async function withGlobal(name, value, work) {
  const original = globalThis[name];
  globalThis[name] = value;
  try {
    return await work();
  } finally {
    globalThis[name] = original;
  }
}

test("an AbortController that the platform's Request does not know, as in jsdom, costs no call, and a limit cuts all the same", async () => {
  class ForeignController {
    signal = new EventTarget();
    abort() {
      this.signal.dispatchEvent(new Event("abort"));
    }
  }
  await withGlobal("AbortController", ForeignController, async () => {
    const cancelled = deferred();
    const slow = new ReadableStream({ cancel: () => cancelled.resolve() });
    let give = Response.json(envelope(wireOrder()));
    const client = await clientOf({ fetch: async (request) => (assert.equal(request.cache, "no-store"), give) });
    assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
    give = new Response(slow);
    assert.equal((await rejection(client.getOrder(RX_ID, { timeoutMs: 50 }))).kind, "timeout");
    await cancelled.promise;
  });
});

test("no HTTP cache may give one practice another's response", async () => {
  const caches = [];
  const client = await clientOf({
    fetch: async (request) => (caches.push(request.cache), Response.json(envelope(wireOrder()))),
    retry: FAST,
  });
  await client.getOrder(RX_ID);
  await client.request("POST", "x", { body: {} });
  assert.deepEqual(caches, ["no-store", "no-store"]);
});

test("a runtime whose Request throws on the cache option, as older workerd does, gets requests without it", async () => {
  const { Request } = globalThis;
  class OldRequest extends Request {
    constructor(input, init = {}) {
      if (init.cache !== undefined)
        throw new Error("The 'cache' field on 'RequestInitializerDict' is not implemented.");
      super(input, init);
    }
  }
  await withGlobal("Request", OldRequest, async () => {
    const sent = [];
    const client = await clientOf({
      fetch: async (request) => (sent.push(request), Response.json(envelope(wireOrder()))),
    });
    assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
    assert.equal(sent[0].headers.get("authorization"), "Bearer token");
    assert.ok(sent[0].signal, "it can still be cut");
  });
});
