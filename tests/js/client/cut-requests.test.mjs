// A Worker's request can be cut at any time: its timers never fire, and what it waited for never comes. What other calls share with
// it must not wait for that. In a file of its own, since it plays with the timers that servers need.
import assert from "node:assert/strict";
import { createClient } from "itero-dpms";
import { rejection, test } from "../support/test.mjs";
import { RX_ID, envelope, wireOrder } from "../support/wire.mjs";

test("a refresh that never ends, as when its Worker's request was cut, is given up: the next call begins another", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const idle = () => new Promise(setImmediate);
  const token = (request) => request.headers.get("authorization").slice("Bearer ".length);
  const asked = [];
  const { setTimeout } = globalThis;
  const client = await createClient({
    endpoints: { baseUrl: "https://dpms.invalid" },
    accessToken: "old",
    // A cut request's timers never fire, and what it waited for never comes.
    refresh: () => (asked.push(Date.now()), asked.length === 1 ? new Promise(() => {}) : "new"),
    fetch: async (request) =>
      token(request) === "new" ? Response.json(envelope(wireOrder())) : new Response(null, { status: 401 }),
    timeoutMs: 5_000,
  });
  globalThis.setTimeout = () => 0;
  void client.getOrder(RX_ID);
  await idle();
  globalThis.setTimeout = setTimeout;
  assert.deepEqual(asked, [0]);

  t.mock.timers.tick(4_000);
  const waiting = rejection(client.getOrder(RX_ID));
  await idle();
  t.mock.timers.tick(1_000); // the refresh's own time is over, whenever this call came
  const error = await waiting;
  assert.equal(error.kind, "unauthorized");
  assert.match(error.message, /refresh gave nothing/);

  assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
  assert.deepEqual(asked, [0, 5_000]);
});
