// Retries: what is repeated, how often and after how long, and what never is.
import assert from "node:assert/strict";
import { json, raw, reset, text } from "../support/faulty-server.mjs";
import { closedPort, rejection, test } from "../support/test.mjs";
import { createClient } from "itero-dpms";
import { FAST, RX_ID, TOKEN, envelope, scanRequest, scripted, wireOrder } from "../support/wire.mjs";

const ok = json(200, envelope(wireOrder()));
const created = json(200, envelope(RX_ID));
const unavailable = (headers = {}) => raw(503, "", headers);

for (const status of [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529]) {
  test(`a read succeeds on the third attempt after two ${status}s`, async (t) => {
    const { client, server } = await scripted(t, [text(status, ""), text(status, ""), ok]);
    assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
    assert.equal(server.requests.length, 3);
  });
}

test("a read whose connection is reset is repeated", async (t) => {
  const { client, server } = await scripted(t, [reset(), ok]);
  assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
  assert.equal(server.requests.length, 2);
});

test("the attempts are visible as events, in order, with their delays", async (t) => {
  const events = [];
  const { client } = await scripted(t, [unavailable(), unavailable(), ok], { onEvent: (event) => events.push(event) });
  await client.getOrder(RX_ID);
  assert.deepEqual(
    events.map((event) => [event.type, event.attempt, event.status ?? null]),
    [
      ["request", 1, null],
      ["response", 1, 503],
      ["retry", events[2].attempt, events[2].status ?? null],
      ["request", 2, null],
      ["response", 2, 503],
      ["retry", events[5].attempt, events[5].status ?? null],
      ["request", 3, null],
      ["response", 3, 200],
    ],
  );
  for (const event of events) {
    assert.equal(event.method, "GET");
    assert.equal(event.endpoint, "orders/:rxId");
    if (event.type === "response") assert.ok(event.durationMs >= 0);
    if (event.type === "retry")
      assert.ok(event.delayMs >= 0 && event.delayMs <= FAST.maxDelayMs, `${event.delayMs} ms`);
  }
});

test("an onEvent that throws does not disturb the call", async (t) => {
  const { client } = await scripted(t, [ok], {
    onEvent: () => {
      throw new Error("telemetry is broken");
    },
  });
  assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
});

test("three attempts in total are the default, and the error counts them", async (t) => {
  const { client, server } = await scripted(t, () => unavailable());
  const error = await rejection(client.getOrder(RX_ID));
  assert.equal(error.kind, "server");
  assert.equal(error.status, 503);
  assert.equal(error.attempts, 3);
  assert.equal(error.retryable, true);
  assert.equal(server.requests.length, 3);
});

test("attempts may be set for the client and for one call", async (t) => {
  const { client, server } = await scripted(t, () => unavailable(), { retry: { ...FAST, attempts: 2 } });
  assert.equal((await rejection(client.getOrder(RX_ID))).attempts, 2);
  assert.equal(server.requests.length, 2);
  assert.equal((await rejection(client.getOrder(RX_ID, { retry: { ...FAST, attempts: 5 } }))).attempts, 5);
  assert.equal(server.requests.length, 7);
});

test("retry: false sends once, for the client and for one call", async (t) => {
  const never = await scripted(t, () => unavailable(), { retry: false });
  assert.equal((await rejection(never.client.getOrder(RX_ID))).attempts, 1);
  assert.equal(never.server.requests.length, 1);
  const once = await scripted(t, () => unavailable());
  assert.equal((await rejection(once.client.getOrder(RX_ID, { retry: false }))).attempts, 1);
  assert.equal(once.server.requests.length, 1);
});

test("an unreachable host is retried, then is a network error", async () => {
  const events = [];
  const client = await createClient({
    endpoints: { baseUrl: `http://127.0.0.1:${await closedPort()}` },
    accessToken: TOKEN,
    retry: FAST,
    onEvent: (event) => events.push(event),
  });
  const error = await rejection(client.getOrder(RX_ID));
  assert.equal(error.kind, "network");
  assert.equal(error.attempts, 3);
  assert.equal(error.retryable, true);
  assert.equal(events.filter((event) => event.type === "request").length, 3);
});

for (const status of [400, 403, 404, 405, 409, 410, 418, 422, 501, 505, 525, 526, 530]) {
  test(`a ${status} is final`, async (t) => {
    const { client, server } = await scripted(t, () => text(status, ""));
    const error = await rejection(client.getOrder(RX_ID));
    assert.equal(error.status, status);
    assert.equal(error.retryable, false);
    assert.equal(error.attempts, 1);
    assert.equal(server.requests.length, 1);
  });
}

for (const status of [429, 503]) {
  test(`a ${status}'s Retry-After in seconds is honoured, past maxDelayMs too`, async (t) => {
    const { client, server } = await scripted(t, [raw(status, "", { "Retry-After": "1" }), ok]);
    await client.getOrder(RX_ID);
    const waited = server.requests[1].at - server.requests[0].at;
    assert.ok(waited >= 900, `waited ${waited} ms`);
  });
}

test("a Retry-After given as a date is honoured (R6)", async (t) => {
  const { client, server } = await scripted(t, (_, index) =>
    index === 0 ? unavailable({ "Retry-After": new Date(Date.now() + 2500).toUTCString() }) : ok,
  );
  await client.getOrder(RX_ID);
  const waited = server.requests[1].at - server.requests[0].at;
  assert.ok(waited >= 900, `waited ${waited} ms`); // whole seconds: between 1.5 and 2.5 s
});

test("a Retry-After date in the past does not delay, and an invalid one is ignored", async (t) => {
  const headers = [{ "Retry-After": new Date(0).toUTCString() }, { "Retry-After": "soon" }];
  const { client, server } = await scripted(t, (_, index) => (headers[index] ? unavailable(headers[index]) : ok));
  await client.getOrder(RX_ID);
  assert.equal(server.requests.length, 3);
});

for (const [status, kind] of [
  [429, "rate-limited"],
  [503, "server"],
]) {
  test(`a ${status}'s Retry-After above 60 s is not waited for: the error carries it`, async (t) => {
    const { client, server } = await scripted(t, () => raw(status, "", { "Retry-After": "61" }));
    const error = await rejection(client.getOrder(RX_ID));
    assert.equal(error.kind, kind);
    assert.equal(error.retryAfterMs, 61_000);
    assert.equal(error.retryable, true);
    assert.equal(server.requests.length, 1);
  });
}

for (const [header, ms] of [
  ["99999999999", 99_999_999_999_000],
  ["120.0", 120_000],
  ["90.5", 90_500],
  ["75, 75", 75_000],
]) {
  test(`a Retry-After of ${header} is ${ms} ms`, async (t) => {
    const { client, server } = await scripted(t, () => unavailable({ "Retry-After": header }));
    assert.equal((await rejection(client.getOrder(RX_ID))).retryAfterMs, ms);
    assert.equal(server.requests.length, 1);
  });
}

test("a createScanRequest that the server did not wait for, or found too early, is not repeated either", async (t) => {
  for (const [status, kind] of [
    [408, "timeout"],
    [425, "server"],
  ]) {
    const { client, server } = await scripted(t, () => text(status, ""));
    const error = await rejection(client.createScanRequest(scanRequest()));
    assert.deepEqual([error.kind, error.retryable, server.requests.length], [kind, true, 1]);
  }
});

test("retryAfterMs is null when the server asked for no wait", async (t) => {
  const { client } = await scripted(t, () => unavailable());
  assert.equal((await rejection(client.getOrder(RX_ID))).retryAfterMs, null);
});

for (const [what, step, kind] of [
  ["that gets a 503", unavailable(), "server"],
  ["that gets a 429", text(429, ""), "rate-limited"],
  ["whose connection is reset", reset(), "network"],
]) {
  test(`createScanRequest ${what} is not repeated, and its error is retryable`, async (t) => {
    const { client, server } = await scripted(t, [step, created]);
    const error = await rejection(client.createScanRequest(scanRequest()));
    assert.equal(error.kind, kind);
    assert.equal(error.retryable, true);
    assert.equal(error.attempts, 1);
    assert.equal(server.requests.length, 1);
  });

  test(`createScanRequest ${what} is repeated with retry: { create: true }`, async (t) => {
    const byClient = await scripted(t, [step, created], { retry: { ...FAST, create: true } });
    assert.equal(await byClient.client.createScanRequest(scanRequest()), RX_ID);
    assert.equal(byClient.server.requests.length, 2);
    assert.equal(byClient.server.requests[0].body, byClient.server.requests[1].body);
    const byCall = await scripted(t, [step, created]);
    assert.equal(await byCall.client.createScanRequest(scanRequest(), { retry: { ...FAST, create: true } }), RX_ID);
    assert.equal(byCall.server.requests.length, 2);
  });
}

test("a download is retried after an error status like any read", async (t) => {
  const { client, server } = await scripted(t, [unavailable(), raw(200, "zip", { "Content-Type": "application/zip" })]);
  const response = await client.downloadScan(1, "IMAGE_GALLERY");
  assert.equal(await response.text(), "zip");
  assert.equal(server.requests.length, 2);
});

test("concurrent calls count their own attempts", async (t) => {
  const seen = new Map();
  const { client } = await scripted(t, (request) => {
    const count = (seen.get(request.path) ?? 0) + 1;
    seen.set(request.path, count);
    return count <= 2 ? unavailable() : ok;
  });
  await Promise.all(Array.from({ length: 10 }, (_, n) => client.getOrder(RX_ID.replace(/b5$/, `0${n}`))));
  assert.deepEqual([...seen.values()], Array(10).fill(3));
});
