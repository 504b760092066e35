// The sandbox's callbacks (§4.5): which changes send one, and what happens if one fails.
import assert from "node:assert/strict";
import { closedPort, test, within } from "../support/test.mjs";
import { startReceiver } from "../support/callback-receiver.mjs";
import { openSandbox } from "../support/sandbox-practice.mjs";

test("each change of an order is POSTed as the document shows it", async (t) => {
  const receiver = await startReceiver(t);
  const { control, push } = await openSandbox();
  await control.setCallbackUrl(receiver.url);
  const rxId = await push();
  await control.completeScan(rxId);
  await control.callbacksSettled();
  assert.deepEqual(receiver.received, [
    {
      method: "POST",
      url: "/callback?practice=1",
      type: "application/json",
      body: JSON.stringify({ Id: rxId, CompanyId: "90360" }),
    },
  ]);
  await control.setOrderStatus(rxId, "iTero Modeling");
  await control.setOrderStatus(rxId, "Lab Review");
  await control.callbacksSettled();
  assert.equal(receiver.received.length, 3);
});

test("nothing is POSTed without a change, for a capture, or after the URL is removed", async (t) => {
  const receiver = await startReceiver(t);
  const { control, push, firstOrder } = await openSandbox();
  await control.setCallbackUrl(receiver.url);
  const { RxId, OrderId, Status } = await firstOrder();
  await control.setOrderStatus(RxId, Status);
  await control.addScreenCapture(OrderId);
  const rxId = await push();
  await control.setCallbackUrl(null);
  await control.completeScan(rxId);
  await control.callbacksSettled();
  assert.deepEqual(receiver.received, []);
});

test("a receiver that is down, refuses, redirects or hangs up causes no error", async (t) => {
  const unhandled = [];
  const record = (error) => unhandled.push(error);
  process.on("unhandledRejection", record);
  t.after(() => process.off("unhandledRejection", record));
  const { control, firstOrder } = await openSandbox();
  const { RxId } = await firstOrder();
  const refusing = await startReceiver(t, (response) => response.writeHead(500).end("no"));
  const closing = await startReceiver(t, (response) => response.destroy());
  const elsewhere = await startReceiver(t);
  const redirecting = await startReceiver(t, (response) => response.writeHead(302, { Location: elsewhere.url }).end());
  const down = `http://127.0.0.1:${await closedPort()}/`;
  for (const url of [down, refusing.url, closing.url, redirecting.url, "http://%zz.invalid/"]) {
    await control.setCallbackUrl(url);
    await control.setOrderStatus(RxId, `after ${url}`);
    await within(control.callbacksSettled(), 5_000, `the callback to ${url}`);
  }
  assert.deepEqual(
    [refusing, closing, redirecting, elsewhere].map(({ received }) => received.length),
    [1, 1, 1, 0],
    "each is tried once, and nothing is followed",
  );
  assert.deepEqual(unhandled, []);
});

test("the change itself does not wait for its callback", async (t) => {
  const responses = [];
  const receiver = await startReceiver(t, (response) => responses.push(response));
  const { control, firstOrder, statusOf } = await openSandbox();
  const { RxId } = await firstOrder();
  await control.setCallbackUrl(receiver.url);
  await within(control.setOrderStatus(RxId, "Scanning"), 2_000, "the change");
  assert.equal(await statusOf(RxId), "Scanning");
  const settled = control.callbacksSettled();
  while (responses.length === 0) await new Promise((wait) => setTimeout(wait, 5));
  assert.equal(await Promise.race([settled.then(() => "settled"), "still waiting"]), "still waiting");
  responses[0].end();
  await settled;
});

test("many callbacks are sent a few at a time, and none is lost", async (t) => {
  const receiver = await startReceiver(t, (response) => setTimeout(() => response.end(), 5));
  const { control, firstOrder } = await openSandbox();
  const { RxId } = await firstOrder();
  await control.setCallbackUrl(receiver.url);
  for (let n = 0; n < 50; n += 1) await control.setOrderStatus(RxId, `step ${n}`);
  await control.callbacksSettled();
  assert.equal(receiver.received.length, 50);
  assert.ok(receiver.mostAtOnce <= 4, `${receiver.mostAtOnce} at once`);
});

test("a global fetch that was replaced may give or throw anything: it costs its callback and nothing else", async (t) => {
  const { fetch } = globalThis;
  t.after(() => (globalThis.fetch = fetch));
  const { control, firstOrder } = await openSandbox();
  const { RxId } = await firstOrder();
  await control.setCallbackUrl("http://127.0.0.1:9/callback");
  const fails = () => {
    throw null;
  };
  const called = [];
  const replacements = [
    () => undefined,
    () => ({ ok: true, body: { cancel: () => assert.fail("of nobody's business") } }),
    async () => "a response",
    () => Promise.reject("no reason at all"),
    fails,
    () => new Proxy({}, { get: fails }),
    () => Object.defineProperty(new Response("body"), "body", { get: fails }),
    async () => new Response(new ReadableStream({ cancel: () => Promise.reject("not now") })),
  ];
  for (const [at, replacement] of replacements.entries()) {
    globalThis.fetch = (request) => {
      called.push(`${request.method} ${request.url}`);
      return replacement();
    };
    await control.setOrderStatus(RxId, `replacement ${at}`);
    await within(control.callbacksSettled(), 5_000, `replacement ${at}`);
  }
  globalThis.fetch = undefined;
  await control.setOrderStatus(RxId, "none at all");
  await within(control.callbacksSettled(), 5_000, "no fetch");
  assert.deepEqual(
    called,
    replacements.map(() => "POST http://127.0.0.1:9/callback"),
  );
  const receiver = await startReceiver(t);
  globalThis.fetch = fetch;
  await control.setCallbackUrl(receiver.url);
  await control.setOrderStatus(RxId, "as before");
  await control.callbacksSettled();
  assert.equal(receiver.received.length, 1);
});
