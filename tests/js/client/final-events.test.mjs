// Whoever watches a client's events learns how each call ended: a failure and a cancellation are events of their own, also when they
// come after a download's response.
import assert from "node:assert/strict";
import { CALLS } from "../support/calls.mjs";
import { cutShort, hang, json, raw, stall, text } from "../support/faulty-server.mjs";
import { rejection, settled, test } from "../support/test.mjs";
import { FAST, RX_ID, envelope, scripted, wireOrder, wirePage } from "../support/wire.mjs";

const ZIP = { contentType: "application/zip" };
const ORDER = JSON.stringify(envelope(wireOrder()));

/** A client whose events are kept, and a wait for one of them. */
async function watched(t, script, options = {}) {
  const events = [];
  const waiting = [];
  const onEvent = (event) => {
    events.push(event);
    for (const { type, resolve } of waiting) if (type === event.type) resolve();
  };
  const happens = (type) => new Promise((resolve) => waiting.push({ type, resolve }));
  return { ...(await scripted(t, script, { onEvent, retry: FAST, ...options })), events, happens };
}

const shown = (events) => events.map(({ type, status, kind }) => `${type} ${status ?? "-"} ${kind ?? "-"}`);

for (const { name, run, method, endpoint } of CALLS) {
  test(`${name}: an abort while the server thinks ends in one cancelled event`, async (t) => {
    const { client, events, happens } = await watched(t, () => hang());
    const controller = new AbortController();
    const sent = happens("request");
    const outcome = settled(() => run(client, { signal: controller.signal }));
    await sent;
    controller.abort("enough");
    assert.equal((await outcome).reason, "enough");
    assert.deepEqual(events, [
      { type: "request", callId: 1, method, endpoint, attempt: 1 },
      { type: "cancelled", callId: 1, method, endpoint, attempt: 1 },
    ]);
  });
}

for (const [phase, script, reached, options] of [
  ["a body arrives", () => stall(ORDER.slice(0, 50)), "response"],
  ["it waits for the next try", () => raw(503, "", { "Retry-After": "50" }), "retry"],
  ["a refresh works", () => text(401, ""), "refresh", { refresh: () => new Promise(() => {}) }],
]) {
  test(`an abort while ${phase} ends in one cancelled event`, async (t) => {
    const { client, events, happens } = await watched(t, script, options);
    const controller = new AbortController();
    const there = happens(reached);
    const outcome = settled(client.getOrder(RX_ID, { signal: controller.signal }));
    await there;
    controller.abort();
    await outcome;
    assert.deepEqual(
      events.filter(({ type }) => type === "cancelled" || type === "failure").map(({ type }) => type),
      ["cancelled"],
    );
    assert.equal(events.at(-1).type, "cancelled");
  });
}

test("leaving a walk while the next page is on its way ends in a cancelled event", async (t) => {
  const page = wirePage([wireOrder()], { hasMore: true });
  const { client, server, events, happens } = await watched(t, (_, index) => (index === 0 ? json(200, page) : hang()));
  const cancelled = happens("cancelled");
  for await (const order of client.orders()) {
    assert.ok(order);
    await server.seen(2);
    break;
  }
  await cancelled;
  assert.deepEqual(
    events.map(({ type, callId }) => [type, callId]),
    ["request", "response", "request", "cancelled"].map((type) => [type, 1]),
  );
});

for (const [what, step, options, expected] of [
  ["breaks off", () => cutShort("half of a zip", ZIP), {}, "failure 200 truncated"],
  ["falls silent", () => stall("half of a zip", ZIP), { timeoutMs: 100 }, "failure 200 timeout"],
]) {
  test(`a download that ${what} after its headers ends in a failure event`, async (t) => {
    const { client, events } = await watched(t, step, options);
    const response = await client.downloadScan(1, "IMAGE_GALLERY");
    const error = await rejection(response.arrayBuffer());
    assert.deepEqual(shown(events), ["request - -", "response 200 -", expected]);
    assert.equal(error.kind, events.at(-1).kind);
  });
}

for (const [what, leave] of [
  ["its signal aborts", (_, controller) => controller.abort(new Error("enough"))],
  ["its reader leaves", (reader) => reader.cancel("enough")],
]) {
  test(`a download whose body is left because ${what} ends in one cancelled event`, async (t) => {
    const { client, events } = await watched(t, () => stall("first part", { length: 1_000_000, ...ZIP }));
    const controller = new AbortController();
    const response = await client.downloadScan(1, "IMAGE_GALLERY", { signal: controller.signal });
    const reader = response.body.getReader();
    await reader.read();
    await leave(reader, controller);
    await settled(reader.read());
    assert.deepEqual(shown(events), ["request - -", "response 200 -", "cancelled - -"]);
  });
}

test("a download that its onProgress ends is cancelled", async (t) => {
  const { client, events } = await watched(t, () => raw(200, "zip"));
  const onProgress = ({ receivedBytes }) => assert.equal(receivedBytes, 0, "enough");
  const response = await client.downloadScan(1, "IMAGE_GALLERY", { onProgress });
  await rejection(response.text());
  assert.equal(events.at(-1).type, "cancelled");
});

test("what goes well ends in its response", async (t) => {
  const { client, events } = await watched(t, () => raw(200, "zip"));
  await (await client.downloadScan(1, "IMAGE_GALLERY")).text();
  await settled(client.getOrder(RX_ID));
  assert.deepEqual(
    events.map(({ type }) => type),
    ["request", "response", "request", "response", "failure"],
  );
});
