// Timeouts and cancellation: every phase of a call ends at its timeout or with the signal's own reason.
import assert from "node:assert/strict";
import { isDpmsError } from "itero-dpms";
import { CALLS } from "../support/calls.mjs";
import { hang, json, raw, stall, text, trickle } from "../support/faulty-server.mjs";
import { deferred, rejection, settled, test } from "../support/test.mjs";
import { FAST, RX_ID, envelope, scanRequest, scripted, wireOrder, wirePage } from "../support/wire.mjs";

const ORDER = JSON.stringify(envelope(wireOrder()));

// ---- timeouts ----------------------------------------------------------------------------------------------------

test("a server that never responds is a timeout", async (t) => {
  const { client, server } = await scripted(t, () => hang(), { timeoutMs: 150, retry: false });
  const error = await rejection(client.getOrder(RX_ID));
  assert.equal(error.kind, "timeout");
  assert.equal(error.retryable, true);
  assert.equal(error.status, null);
  assert.equal(server.requests.length, 1);
});

test("a timeout is retried, each attempt with its own time limit", async (t) => {
  const { client, server } = await scripted(t, [hang(), hang(), json(200, ORDER)], { timeoutMs: 400 });
  assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
  assert.equal(server.requests.length, 3);
});

test("a timed-out request is closed", async (t) => {
  const { client, server } = await scripted(t, () => hang(), { timeoutMs: 100, retry: false });
  await rejection(client.getOrder(RX_ID));
  await server.requests[0].closed;
});

test("a call's own timeoutMs wins over the client's", async (t) => {
  const { client } = await scripted(t, () => hang(), { timeoutMs: 60_000, retry: false });
  assert.equal((await rejection(client.getOrder(RX_ID, { timeoutMs: 100 }))).kind, "timeout");
});

test("createScanRequest without a response is a timeout, is sent once, and its error is retryable", async (t) => {
  const { client, server } = await scripted(t, () => hang(), { timeoutMs: 150 });
  const error = await rejection(client.createScanRequest(scanRequest()));
  assert.equal(error.kind, "timeout");
  assert.equal(error.retryable, true);
  assert.equal(server.requests.length, 1);
});

test("a JSON body that falls silent is a timeout", async (t) => {
  const { client } = await scripted(t, () => stall(ORDER.slice(0, 100)), { timeoutMs: 200, retry: false });
  assert.equal((await rejection(client.getOrder(RX_ID))).kind, "timeout");
});

test("a JSON body that keeps flowing may take longer than timeoutMs", async (t) => {
  const { client } = await scripted(t, () => trickle(ORDER, { pieces: 15, everyMs: 100 }), {
    timeoutMs: 800,
    retry: false,
  });
  assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
});

test("a download that falls silent errors its stream with timeout", async (t) => {
  const { client } = await scripted(t, () => stall("first part", { contentType: "application/zip" }), {
    timeoutMs: 200,
  });
  const response = await client.downloadScan(1, "IMAGE_GALLERY");
  const error = await rejection(drain(response));
  assert.ok(isDpmsError(error), String(error));
  assert.equal(error.kind, "timeout");
});

test("a download that keeps flowing may take longer than timeoutMs", async (t) => {
  const body = "x".repeat(1500);
  const { client } = await scripted(t, () => trickle(body, { pieces: 15, everyMs: 100 }), { timeoutMs: 800 });
  const response = await client.downloadScan(1, "IMAGE_GALLERY");
  assert.equal((await response.text()).length, 1500);
});

test("a download whose reader pauses does not time out", async (t) => {
  const body = Buffer.alloc(4_000_000, 1);
  const { client } = await scripted(t, () => raw(200, body, { "Content-Type": "application/zip" }), { timeoutMs: 200 });
  const response = await client.downloadScan(1, "IMAGE_GALLERY");
  const reader = response.body.getReader();
  let received = (await reader.read()).value.byteLength;
  await new Promise((resolve) => setTimeout(resolve, 600)); // the reader pauses for three timeouts
  for (let step = await reader.read(); !step.done; step = await reader.read()) received += step.value.byteLength;
  assert.equal(received, body.length);
});

/** Reads a response's stream to its end. */
async function drain(response) {
  const reader = response.body.getReader();
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    // only its end matters
  }
}

// ---- aborts ------------------------------------------------------------------------------------------------------

const REASONS = [
  ["an Error", () => new Error("the user closed the tab")],
  ["a string", () => "the user closed the tab"],
  ["an object", () => ({ code: 17 })],
  ["a number", () => 0],
  ["null", () => null],
];

/**
 * For each phase: `script` is the server's, `call` starts the work, and `when` resolves when the phase is reached.
 * @type {[string, { script: any, options?: object, call: (client: any, signal: AbortSignal) => Promise<unknown>,
 *   when: (seen: { server: any, event: (type: string) => Promise<void>, waiting: Promise<void> }) => Promise<unknown> }][]}
 */
const PHASES = [
  [
    "while the server thinks",
    {
      script: () => hang(),
      call: (client, signal) => client.getOrder(RX_ID, { signal }),
      when: ({ server }) => server.seen(1),
    },
  ],
  [
    "while createScanRequest waits",
    {
      script: () => hang(),
      call: (client, signal) => client.createScanRequest(scanRequest(), { signal }),
      when: ({ server }) => server.seen(1),
    },
  ],
  [
    "during the wait before a retry",
    {
      script: () => raw(503, "", { "Retry-After": "50" }),
      call: (client, signal) => client.getOrder(RX_ID, { signal }),
      when: ({ event }) => event("retry"),
    },
  ],
  [
    "while a JSON body arrives",
    {
      script: () => stall(ORDER.slice(0, 100)),
      call: (client, signal) => client.getOrder(RX_ID, { signal }),
      when: ({ event }) => event("response"),
    },
  ],
  [
    "while orders() waits for a page",
    {
      script: (_, index) => (index === 0 ? json(200, wirePage([wireOrder()], { hasMore: true })) : hang()),
      call: async (client, signal) => {
        for await (const order of client.orders({ pageSize: 1 }, { signal })) assert.equal(order.rxId, RX_ID);
      },
      when: ({ server }) => server.seen(2),
    },
  ],
  [
    "while a 3D archive is being generated",
    {
      script: () => text(404, ""),
      call: (client, signal) => client.downloadScan(1, "IDE", { signal }),
      when: ({ event }) => event("wait"),
    },
  ],
  [
    "while the token function works",
    {
      script: () => json(200, ORDER),
      options: { accessToken: () => new Promise(() => {}) },
      call: (client, signal) => client.getOrder(RX_ID, { signal }),
      when: async () => {},
    },
  ],
  [
    "while a refresh works",
    {
      script: () => text(401, ""),
      options: { refresh: () => new Promise(() => {}) },
      call: (client, signal) => client.getOrder(RX_ID, { signal }),
      when: ({ event }) => event("response"),
    },
  ],
];

for (const [phase, { script, options, call, when }] of PHASES) {
  for (const [what, makeReason] of REASONS) {
    test(`an abort ${phase} rejects with the signal's own reason: ${what}`, async (t) => {
      const events = new Map();
      const event = (type) => {
        if (!events.has(type)) events.set(type, deferred());
        return events.get(type).promise;
      };
      const onEvent = ({ type }) => {
        event(type);
        events.get(type).resolve();
      };
      const { client, server } = await scripted(t, script, { onEvent, retry: FAST, ...options });
      const controller = new AbortController();
      const reason = makeReason();
      const outcome = settled(call(client, controller.signal));
      await when({ server, event });
      controller.abort(reason);
      const result = await outcome;
      assert.ok("reason" in result, "the call rejects");
      assert.ok(Object.is(result.reason, reason), `rejected with ${String(result.reason)}`);
    });
  }
}

test("an abort without a reason rejects with the platform's AbortError", async (t) => {
  const { client, server } = await scripted(t, () => hang());
  const controller = new AbortController();
  const outcome = settled(client.getOrder(RX_ID, { signal: controller.signal }));
  await server.seen(1);
  controller.abort();
  const { reason } = await outcome;
  assert.equal(reason, controller.signal.reason);
  assert.equal(reason.name, "AbortError");
});

test("an AbortSignal.timeout rejects with its TimeoutError, which is not a DpmsError", async (t) => {
  const { client } = await scripted(t, () => hang());
  const signal = AbortSignal.timeout(100);
  const reason = await rejection(client.getOrder(RX_ID, { signal }));
  assert.equal(reason, signal.reason);
  assert.equal(isDpmsError(reason), false);
});

test("a signal that is already aborted sends nothing", async (t) => {
  const { client, server } = await scripted(t, () => json(200, ORDER));
  for (const [, makeReason] of REASONS) {
    const reason = makeReason();
    const signal = AbortSignal.abort(reason);
    for (const { name, run } of CALLS) {
      const result = await settled(() => run(client, { signal }));
      assert.ok("reason" in result && Object.is(result.reason, reason), `${name}: ${String(result.reason)}`);
    }
  }
  assert.equal(server.requests.length, 0);
});

test("an aborted request is closed at the server", async (t) => {
  const { client, server } = await scripted(t, () => hang());
  const controller = new AbortController();
  const outcome = settled(client.getOrder(RX_ID, { signal: controller.signal }));
  await server.seen(1);
  controller.abort("stop");
  await server.requests[0].closed;
  await outcome;
  assert.equal(server.requests.length, 1, "an abort is not retried");
});

for (const [what, makeReason] of REASONS) {
  test(`an abort in the middle of a download errors the stream with the signal's own reason: ${what}`, async (t) => {
    const { client, server } = await scripted(t, () =>
      stall("first part", { length: 1_000_000, contentType: "application/zip" }),
    );
    const controller = new AbortController();
    const reason = makeReason();
    const response = await client.downloadScan(1, "IMAGE_GALLERY", { signal: controller.signal });
    const reader = response.body.getReader();
    assert.equal(new TextDecoder().decode((await reader.read()).value), "first part");
    const outcome = settled(reader.read());
    controller.abort(reason);
    const result = await outcome;
    assert.ok("reason" in result && Object.is(result.reason, reason), `got ${String(result.reason)}`);
    await server.requests[0].closed;
  });
}

test("a download that is aborted while nobody reads it is closed at the server", async (t) => {
  const { client, server } = await scripted(t, () =>
    stall("first part", { length: 1_000_000, contentType: "application/zip" }),
  );
  const controller = new AbortController();
  const response = await client.downloadScan(1, "IMAGE_GALLERY", { signal: controller.signal });
  controller.abort("enough");
  await server.requests[0].closed;
  assert.equal(await settled(response.text()).then((outcome) => outcome.reason), "enough");
});

test("arrayBuffer() of an aborted download rejects", async (t) => {
  const { client } = await scripted(t, () =>
    stall("first part", { length: 1_000_000, contentType: "application/zip" }),
  );
  const controller = new AbortController();
  const response = await client.downloadScan(1, "IMAGE_GALLERY", { signal: controller.signal });
  const outcome = settled(response.arrayBuffer());
  controller.abort(new Error("enough"));
  assert.equal((await outcome).reason?.message, "enough");
});

test("an abort after the call ended changes nothing", async (t) => {
  const { client } = await scripted(t, () => json(200, ORDER));
  const controller = new AbortController();
  await client.getOrder(RX_ID, { signal: controller.signal });
  controller.abort(new Error("too late"));
  assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
});

test("one signal may cancel many calls", async (t) => {
  const { client, server } = await scripted(t, () => hang());
  const controller = new AbortController();
  const outcomes = Array.from({ length: 20 }, () => settled(client.getOrder(RX_ID, { signal: controller.signal })));
  await server.seen(20);
  controller.abort("all of you");
  for (const { reason } of await Promise.all(outcomes)) assert.equal(reason, "all of you");
});

test("a long-lived signal keeps no listeners of finished calls", async (t) => {
  const { client } = await scripted(t, () => json(200, ORDER));
  const controller = new AbortController();
  let listening = 0;
  const { signal } = controller;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args) => {
    listening += 1;
    return add(...args);
  };
  signal.removeEventListener = (...args) => {
    listening -= 1;
    return remove(...args);
  };
  for (let i = 0; i < 10; i += 1) await client.getOrder(RX_ID, { signal });
  assert.ok(listening <= 1, `${listening} listeners left`);
});
