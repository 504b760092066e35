// What all calls have in common: each can be aborted and times out, recovers from an expired token and a failing server, and
// reports the same events.
import assert from "node:assert/strict";
import { isDpmsError } from "itero-dpms";
import { CALLS } from "../support/calls.mjs";
import { hang, reset, text } from "../support/faulty-server.mjs";
import { rejection, settled, test } from "../support/test.mjs";
import { scripted } from "../support/wire.mjs";

for (const call of CALLS) {
  const { name, method, endpoint, run, ok } = call;

  test(`${name}: an abort while it waits for a response rejects with the signal's own reason`, async (t) => {
    const { client, server } = await scripted(t, () => hang());
    const controller = new AbortController();
    const outcome = settled(() => run(client, { signal: controller.signal }));
    await server.seen(1);
    const reason = { not: "an error" };
    controller.abort(reason);
    assert.equal((await outcome).reason, reason);
    await server.requests[0].closed;
    assert.equal(server.requests.length, 1);
  });

  test(`${name}: silence is a timeout, as its own timeoutMs says`, async (t) => {
    const { client } = await scripted(t, () => hang(), { timeoutMs: 60_000 });
    const error = await rejection(() => run(client, { timeoutMs: 100, retry: false }));
    assert.ok(isDpmsError(error), String(error));
    assert.deepEqual([error.kind, error.method, error.endpoint, error.retryable], ["timeout", method, endpoint, true]);
  });

  test(`${name}: a refused token is renewed once, and the call is sent again unchanged`, async (t) => {
    const rejected = [];
    const { client, server } = await scripted(t, [text(401, ""), ok()], {
      refresh: async (token) => {
        rejected.push(token);
        return "renewed";
      },
    });
    await run(client);
    assert.deepEqual(rejected, ["TOKEN-SECRET"]);
    const [first, second] = server.requests;
    assert.equal(second.headers.authorization, "Bearer renewed");
    assert.deepEqual([second.method, second.url, second.body], [first.method, first.url, first.body]);
  });

  test(`${name}: a 503 and a lost connection are retried, unless it creates something`, async (t) => {
    for (const failure of [text(503, ""), reset()]) {
      const { client, server } = await scripted(t, [failure, ok()]);
      const { reason } = await settled(() => run(client));
      if (method === "POST") {
        assert.equal(reason?.attempts, 1);
        assert.equal(server.requests.length, 1);
      } else {
        assert.equal(reason, undefined);
        assert.equal(server.requests.length, 2);
        assert.equal(server.requests[1].url, server.requests[0].url);
      }
    }
  });

  test(`${name}: its events show only the method and the endpoint template`, async (t) => {
    const events = [];
    const { client, server } = await scripted(t, () => ok(), { onEvent: (event) => events.push(event) });
    await run(client);
    assert.equal(server.requests.length, 1);
    const [request, response, ...more] = events;
    assert.deepEqual(more, []);
    assert.deepEqual(request, { type: "request", callId: 1, method, endpoint, attempt: 1 });
    const { durationMs, status, ...rest } = response;
    assert.deepEqual(rest, { type: "response", callId: 1, method, endpoint, attempt: 1 });
    assert.ok(durationMs >= 0);
    assert.ok(status >= 200 && status < 300);
  });
}
