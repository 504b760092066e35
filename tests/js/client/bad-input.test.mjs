// What a network can do to a response, and the DpmsError that each case becomes.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { createClient, isDpmsError } from "itero-dpms";
import { CALLS as EVERY_CALL } from "../support/calls.mjs";
import { cutChunked, cutShort, html, json, raw, redirect, reset, stall, text } from "../support/faulty-server.mjs";
import { startSandbox } from "../support/sandbox-cli.mjs";
import { closedPort, rejection, settled, test, within } from "../support/test.mjs";
import {
  RX_ID,
  TOKEN,
  endpointsOf,
  envelope,
  scanRequest,
  scripted,
  wireOrder,
  wirePage,
  without,
} from "../support/wire.mjs";

const ORDER = JSON.stringify(envelope(wireOrder()));
const NO_RETRY = { retry: false };

/** @type {Awaited<ReturnType<typeof startSandbox>>} */
let sandbox;
before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox?.stop());

/** Every call that reads a documented body. */
const CALLS = EVERY_CALL.filter(({ reads, name }) => reads === "json" && name !== "request").map(
  ({ name, endpoint, run }) => [name, endpoint, run],
);

/** Whether the call's body is an envelope with `Data` and a numeric `Status`. */
const ENVELOPED = (name) => !["searchPatients", "listPatients", "patients", "updatePatient"].includes(name);

/** JSON that is not a documented body of most calls. */
const OTHER_FORMS = [
  "[]",
  "null",
  "17",
  '"text"',
  "{}",
  '{"Data":17,"Status":1}',
  '{"Data":[],"Status":1}',
  '{"Data":{},"Status":1}',
  '{"data":{"results":[]},"status":1}',
  `${ORDER}x`,
];

/** Those that are a documented body of one call. */
const OWN_FORMS = {
  searchPatients: ["[]", "null"],
  listPatients: ['{"Data":[],"Status":1}'],
  patients: ['{"Data":[],"Status":1}'],
};

for (const [name, endpoint, call] of CALLS) {
  test(`${name}: HTML with a 200 is a decode error, and its message shows none of the page`, async (t) => {
    const { client, server } = await scripted(t, () => html(200));
    const error = await rejection(call(client));
    assert.ok(isDpmsError(error), String(error));
    assert.equal(error.kind, "decode");
    assert.equal(error.status, 200);
    assert.equal(error.endpoint, endpoint);
    assert.doesNotMatch(error.message, /hotel|Wi-Fi|<p>/);
    assert.equal(server.requests.length, 1);
  });

  test(`${name}: an empty body with a 200 is a decode error`, async (t) => {
    const { client } = await scripted(t, () => json(200, ""));
    assert.equal((await rejection(call(client))).kind, "decode");
  });

  test(`${name}: a body shorter than its Content-Length is truncated`, async (t) => {
    const { client } = await scripted(t, () => cutShort(ORDER), NO_RETRY);
    const error = await rejection(call(client));
    assert.equal(error.kind, "truncated");
    assert.equal(error.endpoint, endpoint);
  });

  test(`${name}: a chunked body whose connection breaks is truncated`, async (t) => {
    const { client } = await scripted(t, () => cutChunked(ORDER.slice(0, 200)), NO_RETRY);
    assert.equal((await rejection(call(client))).kind, "truncated");
  });

  const ifEnveloped = ENVELOPED(name) ? test : () => {};
  ifEnveloped(`${name}: an envelope with Status 0 is a server error even with HTTP status 200 (R22)`, async (t) => {
    const { client } = await scripted(t, () => json(200, { Data: null, Status: 0 }));
    const error = await rejection(call(client));
    assert.equal(error.kind, "server");
    assert.equal(error.status, 200);
  });

  test(`${name}: JSON of another shape is a decode error`, async (t) => {
    for (const body of OTHER_FORMS) {
      if (OWN_FORMS[name]?.includes(body)) continue;
      const { client } = await scripted(t, () => json(200, body));
      const { reason } = await settled(call(client));
      assert.equal(reason?.kind, "decode", body);
    }
  });

  test(`${name}: bytes that are not UTF-8 are a decode error`, async (t) => {
    const { client } = await scripted(t, () => raw(200, Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])));
    assert.equal((await rejection(call(client))).kind, "decode");
  });
}

test("JSON that ends too early is truncated, even if the Content-Length matches", async (t) => {
  const { client } = await scripted(t, () => json(200, ORDER.slice(0, -20)), NO_RETRY);
  assert.equal((await rejection(client.getOrder(RX_ID))).kind, "truncated");
});

test("a page without Results or HasMore is a decode error: a list never ends silently", async (t) => {
  const whole = wirePage([wireOrder()]);
  const { client } = await scripted(t, (_, index) =>
    json(200, envelope(without(whole.Data, ["Results", "HasMore"][index]))),
  );
  for (const name of ["Results", "HasMore"]) {
    const error = await rejection(client.listOrders());
    assert.equal(error.kind, "decode");
    assert.match(error.message, new RegExp(name, "i"));
  }
});

test("a byte order mark before the JSON is accepted, whatever the call", async (t) => {
  for (const { name, run, body } of EVERY_CALL) {
    if (!body) continue;
    const plain = await scripted(t, () => json(200, body()));
    const marked = await scripted(t, () => json(200, `\uFEFF${JSON.stringify(body())}`));
    assert.deepEqual(await run(marked.client), await run(plain.client), name);
  }
});

test("the content type does not matter, the body does (R1)", async (t) => {
  const { client } = await scripted(t, () => text(200, ORDER));
  assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
});

test("an error status decides, whatever the body (R3)", async (t) => {
  const bodies = ["", "<html>", "{", ORDER, '{"Status":1,"Data":null}'];
  const { client } = await scripted(t, (_, index) => text(404, bodies[index]));
  for (const body of bodies) assert.equal((await rejection(client.getOrder(RX_ID))).kind, "not-found", body);
});

test("an error status whose body is cut is still that status's kind", async (t) => {
  const { client } = await scripted(t, () => cutShort("the rest of this text is lost", { status: 404 }));
  assert.equal((await rejection(client.getOrder(RX_ID))).kind, "not-found");
});

test(
  "an error status rejects at once even if its body never ends, and the connection is closed",
  { timeout: 45_000 },
  async (t) => {
    const { client, server } = await scripted(t, () => stall("the rest", { status: 404, length: 1_000_000 }), {
      timeoutMs: 20_000,
    });
    const started = performance.now();
    assert.equal((await rejection(client.getOrder(RX_ID))).kind, "not-found");
    assert.ok(performance.now() - started < 10_000, "it did not wait for the body");
    await within(server.requests[0].closed, 25_000, "the connection to be let go");
  },
);

for (const [status, kind] of [
  [400, "bad-request"],
  [401, "unauthorized"],
  [403, "unauthorized"],
  [404, "not-found"],
  [405, "bad-request"],
  [409, "conflict"],
  [418, "bad-request"],
  [429, "rate-limited"],
  [500, "server"],
  [502, "server"],
  [503, "server"],
  [504, "server"],
]) {
  test(`a ${status} has kind ${kind}, with its status, method and endpoint`, async (t) => {
    const { client } = await scripted(t, () => text(status, ""), NO_RETRY);
    const error = await rejection(client.getOrder(RX_ID));
    assert.equal(error.kind, kind);
    assert.equal(error.status, status);
    assert.equal(error.method, "GET");
    assert.equal(error.endpoint, "orders/:rxId");
  });
}

test("a connection reset before any header is a network error, with its cause", async (t) => {
  const { client } = await scripted(t, () => reset(), NO_RETRY);
  const error = await rejection(client.getOrder(RX_ID));
  assert.equal(error.kind, "network");
  assert.equal(error.status, null);
  assert.equal(error.retryable, true);
  assert.equal(error.code, error.cause.code);
});

test("an unreachable host is a network error, and the message says what to check", async () => {
  const client = await createClient({
    endpoints: endpointsOf(`http://127.0.0.1:${await closedPort()}`),
    accessToken: TOKEN,
    retry: false,
  });
  for (const [, , call] of CALLS) {
    const error = await rejection(call(client));
    assert.equal(error.kind, "network");
    assert.match(error.message, /address|URL|connect|reach/i);
  }
});

test("redirects in a circle are bad-request", async (t) => {
  const { client } = await scripted(t, () => redirect("/again"), NO_RETRY);
  assert.equal((await rejection(client.getOrder(RX_ID))).kind, "bad-request");
});

test("the sandbox refuses a wrong token as unauthorized, on every call", async () => {
  const client = await createClient({ endpoints: endpointsOf(sandbox.baseUrl), accessToken: "wrong" });
  for (const { name, run } of EVERY_CALL) {
    if (name === "request") continue;
    const error = await rejection(run(client));
    assert.equal(error.kind, "unauthorized", name);
    assert.equal(error.status, 401, name);
    assert.match(error.message, /token/i);
  }
});

test("the sandbox responds not-found to a made-up RX or order", async () => {
  const client = await createClient({ endpoints: { baseUrl: sandbox.baseUrl }, accessToken: sandbox.accessToken });
  const error = await rejection(client.getOrder(RX_ID));
  assert.equal(error.kind, "not-found");
  assert.match(error.message, /RX/);
  assert.equal((await rejection(client.downloadScan(1, "IMAGE_GALLERY"))).kind, "not-found");
});

test("the sandbox refuses a doctor of another practice as bad-request (§4.2.2)", async () => {
  const client = await createClient({ endpoints: { baseUrl: sandbox.baseUrl }, accessToken: sandbox.accessToken });
  const { companyId } = await client.practiceConfiguration();
  const error = await rejection(client.createScanRequest(scanRequest({ companyId, doctorId: 1 })));
  assert.equal(error.kind, "bad-request");
  assert.equal(error.status, 400);
});

test("a client stays usable after every kind of failure", async (t) => {
  const { client } = await scripted(
    t,
    [
      html(200),
      cutShort(ORDER),
      json(200, ""),
      text(404, ""),
      reset(),
      text(401, ""),
      json(200, { Status: 0 }),
      json(200, ORDER),
    ],
    NO_RETRY,
  );
  for (let i = 0; i < 7; i += 1) await rejection(client.getOrder(RX_ID));
  assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
});
