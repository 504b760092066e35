// The calls that an inbox makes: each has an outcome, and leaves nothing behind.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";

import { makeCall } from "../../../pkg/lib/webhook/http.js";

const CALL = { id: "call", method: "GET", headers: {}, body: null, timeoutMs: 300, maxBytes: 1000 };

/** @param {import("node:test").TestContext} t */
async function startServer(t) {
  const server = createServer((request, response) => {
    if (request.url === "/silent") return;
    response.write("a".repeat(request.url === "/long" ? 2000 : 10));
    if (request.url === "/cut") setTimeout(() => response.destroy(), 20);
    else if (request.url !== "/stopped") response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
}

test("a call has an outcome whatever the server does, and keeps no timer", async (t) => {
  const origin = await startServer(t);
  const timers = new Set();
  const { setTimeout, clearTimeout } = globalThis;
  t.mock.method(globalThis, "setTimeout", (run, ms, ...given) => {
    const timer = setTimeout(run, ms, ...given);
    if (ms === CALL.timeoutMs) timers.add(timer);
    return timer;
  });
  t.mock.method(globalThis, "clearTimeout", (timer) => {
    timers.delete(timer);
    clearTimeout(timer);
  });
  const lasting = t.mock.method(AbortSignal, "timeout");
  const outcomes = {};
  for (const path of ["/good", "/long", "/cut", "/stopped", "/silent"]) {
    const outcome = await makeCall({ ...CALL, url: origin + path });
    outcomes[path] = "failure" in outcome ? outcome.failure.reason : outcome.response.status;
  }
  outcomes.nobody = (await makeCall({ ...CALL, url: "http://127.0.0.1:1/" })).failure.reason;
  assert.deepEqual(outcomes, {
    "/good": 200,
    "/long": "too-large",
    "/cut": "network",
    "/stopped": "timeout",
    "/silent": "timeout",
    nobody: "network",
  });
  assert.equal(timers.size, 0, "10,000 that wait for nothing would keep a Worker from making calls");
  assert.equal(lasting.mock.callCount(), 0);
});
