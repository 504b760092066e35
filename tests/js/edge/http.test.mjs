// What is read of bodies: no more than is allowed, for no longer than is allowed, and the sender learns when nobody reads on.
import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";

import { makeCall, readBody } from "../../../pkg/lib/webhook/http.js";
import { test, within } from "../support/test.mjs";

const KB = 1024;
const READING = { maxBytes: 16 * KB + 1, timeoutMs: 10_000 };

/** A body of parts, which then ends, or sends nothing more. Says how many parts were taken, and whether it was cancelled. */
function bodyOf(parts, { ends }) {
  const state = { taken: 0, cancelled: false };
  const stream = new ReadableStream(
    {
      pull(controller) {
        if (state.taken < parts.length) controller.enqueue(parts[state.taken++]);
        else if (ends) controller.close();
        else return new Promise(() => {});
      },
      cancel: () => void (state.cancelled = true),
    },
    { highWaterMark: 0 },
  );
  return { stream, state };
}

const requestWith = (body, headers = {}) => ({ body, headers: new Headers(headers) });
const parts = (count, size = KB) => Array.from({ length: count }, () => new Uint8Array(size));
const call = {
  id: "1",
  method: "GET",
  url: "https://api.invalid/",
  headers: {},
  body: null,
  timeoutMs: 10_000,
  maxBytes: 100 * KB,
};

test("a body that stalls is not taken for one that has ended, and its sender is let go", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const log = t.mock.method(console, "log", () => {});
  const { stream, state } = bodyOf([new TextEncoder().encode('{"whole":"but perhaps not all of it"}')], {
    ends: false,
  });
  const reading = readBody(requestWith(stream), READING, false);
  await nextTurn();
  t.mock.timers.tick(READING.timeoutMs);
  assert.equal(await within(reading, 5_000, "the body"), undefined);
  assert.ok(state.cancelled);
  assert.match(log.mock.calls[0].arguments[0], /request\.incomplete/);
});

test("of a body that is too long, no more is read than shows that", async () => {
  const { stream, state } = bodyOf(parts(1_000), { ends: true });
  assert.equal((await readBody(requestWith(stream), READING, false)).length, READING.maxBytes);
  assert.deepEqual(state, { taken: 17, cancelled: true });
});

test("a body whose length the platform enforces ends with its last byte", async () => {
  const { stream, state } = bodyOf(parts(2), { ends: false });
  const body = await readBody(requestWith(stream, { "content-length": `${2 * KB}` }), READING);
  assert.equal(body.length, 2 * KB);
  assert.deepEqual(state, { taken: 2, cancelled: false });
});

test("of a response that is too long, no more is read than shows that, and the API is let go", async (t) => {
  const { stream, state } = bodyOf(parts(1_000), { ends: true });
  let signal;
  t.mock.method(globalThis, "fetch", async (url, init) => {
    ({ signal } = init);
    return new Response(stream);
  });
  assert.deepEqual(await makeCall(call), { failure: { call: "1", reason: "too-large" } });
  assert.equal(state.taken, 101);
  assert.ok(signal.aborted);
});
