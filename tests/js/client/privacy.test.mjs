// No message, event, log or URL holds a token, a query string, a body or a patient's data.
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { createClient } from "itero-dpms";
import {
  cutShort,
  hang,
  html,
  json,
  raw,
  redirect,
  reset,
  startFaultyServer,
  text,
} from "../support/faulty-server.mjs";
import { closedPort, settled, test } from "../support/test.mjs";
import {
  FAST,
  PATIENT_ID,
  RX_ID,
  endpointsOf,
  envelope,
  scanRequest,
  scripted,
  wireOrder,
  wirePage,
  wireRecord,
} from "../support/wire.mjs";

const SECRETS = [
  "TOKEN-SECRET",
  "REFRESHED-SECRET",
  "Zzyzx",
  "CHART-SECRET",
  "NOTES-SECRET",
  "BODY-SECRET",
  "1987-06-05",
];

const PATIENT = scanRequest({
  patientFirstName: "Zzyzx-First",
  patientLastName: "Zzyzx-Patient",
  patientChartNumber: "CHART-SECRET",
  notes: "NOTES-SECRET",
  dateOfBirth: "1987-06-05",
});

const CRITERIA = { firstName: "Zzyzx-First", lastName: "Zzyzx-Patient", chartNumber: "CHART-SECRET" };

/** Query keys in which the document itself puts patient data (§4.4.2, §5.1.2, §5.2.2). */
const PATIENT_KEYS = ["chartNumber", "firstName", "lastName", "ChartNumber", "FirstName", "LastName"];

/** Returns everything that a logger could print of a value. */
function printed(value) {
  const parts = [String(value), inspect(value, { depth: 10, showHidden: true }), JSON.stringify(value) ?? ""];
  for (let error = value, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth += 1) {
    parts.push(error.message, error.stack ?? "", JSON.stringify(error), JSON.stringify(Object.entries(error)));
  }
  return parts.join("\n");
}

function assertPrivate(value, what) {
  const all = printed(value);
  for (const secret of SECRETS) assert.ok(!all.includes(secret), `${what} shows ${secret}:\n${all}`);
}

const BODY = JSON.stringify(envelope(wireOrder({ Notes: "BODY-SECRET", PatientLastName: "Zzyzx-Patient" })));
const badRow = wirePage([wireOrder({ OrderId: "BODY-SECRET" })]);

/** Every way in which a response can fail. */
const FAILURES = [
  ["HTML", () => html(200)],
  ["a cut body", () => cutShort(BODY)],
  ["a row that cannot be decoded", () => json(200, badRow)],
  ["JSON with a wrong type", () => json(200, BODY.replace("700100", '"BODY-SECRET"'))],
  [
    "a 400 that repeats what was sent",
    () =>
      json(400, {
        Status: 2,
        Message: "Zzyzx-First Zzyzx-Patient CHART-SECRET are not valid",
        Code: "INVALID_REQUEST_PARAMETERS",
        Errors: [
          { Field: "FirstName", Message: "'Zzyzx-First' cannot be searched." },
          { Field: "ChartNumber", Message: "CHART-SECRET (of Zzyzx-Patient, ZZYZX-FIRST) is not valid." },
        ],
      }),
  ],
  [
    "a patient that cannot be decoded",
    () => {
      const patient = wireRecord({ UID: "Zzyzx", UniqueId: "Zzyzx", LastName: "Zzyzx-Patient" });
      return json(200, { ...patient, Data: [{ ...patient, Id: "Zzyzx" }], Meta: { Total: 1, Count: 1 } });
    },
  ],
  ["broken JSON", () => json(200, BODY.slice(0, -3))],
  ["Status 0", () => json(200, { Status: 0, Data: "BODY-SECRET", Message: "BODY-SECRET" })],
  ["a reset", () => reset()],
  ["silence", () => hang()],
  ["a redirect loop", () => redirect("/again?chartNumber=CHART-SECRET")],
  ["Retry-After", () => raw(429, "BODY-SECRET", { "Retry-After": "3600" })],
  ...[400, 401, 403, 404, 409, 418, 500, 503].map((status) => [
    String(status),
    () =>
      json(status, {
        Message: "BODY-SECRET",
        PatientLastName: "Zzyzx-Patient",
        Errors: [{ Field: "x", Message: "CHART-SECRET" }],
      }),
  ]),
];

/** Every call, with secrets wherever possible. */
const CALLS = [
  (client) => client.practiceConfiguration(),
  (client) => client.createScanRequest(PATIENT),
  (client) => client.listOrders({ chartNumber: "CHART-SECRET" }),
  (client) => client.orders({ chartNumber: "CHART-SECRET" }).next(),
  (client) => client.getOrder(RX_ID),
  (client) => client.downloadScan(1, "IDE", { waitMs: 0 }),
  (client) => client.deleteScanRequest(RX_ID),
  (client) => client.pollOrders(),
  (client) => client.listScreenCaptures({ dateFrom: "2026-01-01" }),
  (client) => client.downloadScreenCapture(1, "capture-7"),
  (client) => client.searchPatients(CRITERIA),
  (client) => client.listPatients(CRITERIA),
  (client) => client.patients(CRITERIA).next(),
  (client) => client.updatePatient({ patientId: PATIENT_ID, ...CRITERIA }),
  (client) =>
    client.updatePatientByChartNumber({
      ...CRITERIA,
      dateOfBirth: "1987-06-05",
      gender: "female",
    }),
  (client) =>
    client.request("POST", "patient/search", {
      version: 3,
      query: CRITERIA,
      body: { ...CRITERIA, notes: "NOTES-SECRET" },
    }),
];

for (const [what, script] of FAILURES) {
  test(`neither errors nor events show secrets: ${what}`, async (t) => {
    const events = [];
    const { client, server } = await scripted(t, script, {
      accessToken: "TOKEN-SECRET",
      refresh: async () => "REFRESHED-SECRET",
      onEvent: (event) => events.push(event),
      timeoutMs: 150,
      retry: { ...FAST, attempts: 2 },
    });
    for (const call of CALLS) {
      const { reason } = await settled(call(client));
      if (reason) {
        assertPrivate(reason, `the ${reason.kind} error`);
        assert.doesNotMatch(printed(reason), /Offset=|Name=|chartNumber=/i, "a query string is in the error");
      }
    }
    assert.ok(events.length > 0);
    assertPrivate(events, "an event");
    for (const event of events) {
      const known = ["type", "callId", "method", "endpoint", "attempt", "status", "durationMs", "delayMs", "kind"];
      if (event.type === "unexpected-value") known.push("path", "count");
      assert.deepEqual(
        Object.keys(event).filter((key) => !known.includes(key)),
        [],
      );
      assert.ok(
        ["request", "response", "retry", "refresh", "wait", "unexpected-value", "failure", "cancelled"].includes(
          event.type,
        ),
        event.type,
      );
      assert.ok(!event.endpoint || !event.endpoint.includes(RX_ID), "an event's endpoint is the template");
    }
    for (const request of server.requests) {
      if (request.path === "/again") continue; // the server chose this URL
      for (const key of PATIENT_KEYS) request.query.delete(key);
      assertPrivate([request.path, String(request.query)], "a URL");
    }
  });
}

test("an unreachable host's error and its cause show no secret", async () => {
  const client = await createClient({
    endpoints: endpointsOf(`http://127.0.0.1:${await closedPort()}`),
    accessToken: "TOKEN-SECRET",
    retry: false,
  });
  for (const call of CALLS) {
    const { reason } = await settled(call(client));
    assertPrivate(reason, "the network error");
  }
});

test("refused arguments are named without their values", async (t) => {
  const { client } = await scripted(t, []);
  for (const call of [
    () =>
      client.createScanRequest({ ...PATIENT, gender: "Zzyzx", dateOfBirth: "1987-06-05T", doctorId: "CHART-SECRET" }),
    () => client.listOrders({ chartNumber: ["CHART-SECRET"], dateFrom: "1987-06-05x" }),
    () => client.listOrders({ dateFrom: "CHART-SECRET" }),
    () => client.getOrder("CHART-SECRET"),
    () => client.downloadScan("CHART-SECRET", "IDE"),
    () => client.downloadScan(1, "CHART-SECRET"),
    () => client.deleteScanRequest("CHART-SECRET"),
    () => client.listScreenCaptures({ dateFrom: "CHART-SECRET" }),
    () => client.downloadScreenCapture("CHART-SECRET", "x"),
    () => client.searchPatients({ ...CRITERIA, chartNumber: ["CHART-SECRET"] }),
    () => client.listPatients({ ...CRITERIA, updatedDateTo: "CHART-SECRET" }),
    () => client.updatePatient({ ...CRITERIA, patientId: "CHART-SECRET" }),
    () => client.updatePatientByChartNumber({ ...CRITERIA, dateOfBirth: "1987-06-05T", gender: "Zzyzx" }),
    () => client.pollOrders({ version: 1, since: "CHART-SECRET", orders: {} }),
    () => client.pollOrders({ version: 1, since: "2026-01-01", orders: [{ rxId: "CHART-SECRET", status: "Zzyzx" }] }),
    () => client.request("CHART-SECRET", "x"),
    () => client.request("GET", "x", { query: { x: ["CHART-SECRET"] } }),
    () => createClient({ endpoints: { baseUrl: "x" }, accessToken: { a: "TOKEN-SECRET" } }),
  ]) {
    const { reason } = await settled(call);
    assert.equal(reason?.kind, "invalid-argument");
    assertPrivate(reason, "the refusal");
  }
});

test("a token that cannot be a header is refused without being shown", async (t) => {
  const { client } = await scripted(t, [], { accessToken: () => "TOKEN-SECRET\r\nX-Evil: 1" });
  const { reason } = await settled(client.getOrder(RX_ID));
  assert.ok(reason, "the call rejects");
  assertPrivate(reason, "the error");
});

test("nothing is written to the console", async (t) => {
  const written = [];
  for (const name of ["log", "info", "warn", "error", "debug", "trace"]) {
    t.mock.method(console, name, (...args) => written.push([name, ...args]));
  }
  const { client } = await scripted(t, (_, index) => FAILURES[index % FAILURES.length][1](), {
    timeoutMs: 100,
    retry: { ...FAST, attempts: 2 },
  });
  for (let round = 0; round < 4; round += 1) for (const call of CALLS) await settled(call(client));
  assert.deepEqual(written, []);
});

test("a client shows neither its token nor its options when it is printed", async (t) => {
  const { client } = await scripted(t, []);
  assertPrivate(client, "the client");
});

test("a cross-origin redirect's target receives neither token nor patient data", async (t) => {
  const elsewhere = await startFaultyServer(() => text(200, ""));
  t.after(() => elsewhere.close());
  for (const status of [301, 302, 303, 307, 308]) {
    const { client } = await scripted(t, () => redirect(`${elsewhere.baseUrl}/stolen`, status));
    for (const call of CALLS) {
      await settled(call(client));
    }
  }
  for (const request of elsewhere.requests)
    assertPrivate([request.headers, request.url, request.body], "the redirected request");
});

/** What libraries and people throw, each with all there is. */
const THROWN = [
  ["an error that quotes", (secret) => new TypeError(`error sending request for url (${secret})`)],
  ["an error with a path", (secret) => Object.assign(new TypeError("unable to connect"), { path: secret })],
  ["an error with a cause", (secret) => new TypeError("fetch failed", { cause: new Error(`connect to ${secret}`) })],
  ["an error of several", (secret) => new AggregateError([new Error(secret)], "all failed")],
  [
    "axios's error",
    (secret) =>
      Object.assign(new Error("Request failed with status code 400"), {
        ...{ name: "AxiosError", code: "ERR_BAD_REQUEST", isAxiosError: true },
        ...{ config: { headers: { Authorization: secret }, data: secret }, request: { path: secret } },
        response: { status: 400, data: { refresh_token: secret }, headers: {} },
      }),
  ],
  [
    "an error with a secret for a name and a code",
    (secret) => Object.assign(new Error("x"), { name: secret, code: secret }),
  ],
  ["an object", (secret) => ({ message: secret, body: secret })],
  ["a string", (secret) => secret],
  ["a symbol", (secret) => Symbol(secret)],
  [
    "a Request",
    (secret) => new Request("https://dpms.invalid", { method: "POST", body: secret, headers: { a: secret } }),
  ],
  ["a Response", (secret) => new Response(secret, { headers: { a: secret } })],
  ["a function", (secret) => Object.assign(() => secret, { secret })],
  [
    "an error whose getters throw",
    (secret) => Object.defineProperty(new Error(secret), "code", { get: () => assert.fail(secret), enumerable: true }),
  ],
  [
    "an error that is its own cause",
    (secret) => {
      const error = new Error(secret);
      error.cause = error;
      return error;
    },
  ],
];

for (const [what, thrown] of THROWN) {
  for (const [name, kind] of [
    ["fetch", "network"],
    ["refresh", "unauthorized"],
    ["accessToken", "unauthorized"],
  ]) {
    for (const how of ["throws", "rejects with"]) {
      test(`a ${name} that ${how} ${what} leaves of it a class and a code at most`, async () => {
        const fail = (secret) => {
          if (how === "throws") throw thrown(secret);
          return Promise.reject(thrown(secret));
        };
        const client = await createClient({
          endpoints: { baseUrl: "https://dpms.invalid" },
          accessToken: "TOKEN-SECRET",
          retry: false,
          fetch: async () => new Response(null, { status: 401 }),
          ...{ [name]: () => fail("BODY-SECRET chartNumber=CHART-SECRET") },
        });
        const { reason } = await settled(client.listOrders({ chartNumber: "CHART-SECRET" }));
        assert.equal(reason.kind, kind);
        assertPrivate(reason, "the error");
        assert.deepEqual(Object.keys(reason.cause), ["name", "code"]);
      });
    }
  }
}

test("a body that breaks with an error of the caller's leaves of it a class and a code at most", async () => {
  const thrown = () => Object.assign(new TypeError("BODY-SECRET"), { code: "ECONNRESET", token: "TOKEN-SECRET" });
  const client = await createClient({
    endpoints: { baseUrl: "https://dpms.invalid" },
    accessToken: "TOKEN-SECRET",
    retry: false,
    fetch: async () => new Response(new ReadableStream({ pull: () => Promise.reject(thrown()) })),
  });
  const download = () => client.downloadScan(1, "IDE").then((response) => response.arrayBuffer());
  for (const work of [() => client.getOrder(RX_ID), download]) {
    const { reason } = await settled(work);
    assert.equal(reason.kind, "truncated");
    assertPrivate(reason, "the error");
    assert.deepEqual(reason.cause, { name: "TypeError", code: "ECONNRESET" });
  }
});

for (const [cause, name, code] of [
  [
    new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "ECONNREFUSED" }) }),
    "TypeError",
    "ECONNREFUSED",
  ],
  [Object.assign(new Error(), { code: "ERR_HTTP2_STREAM_CANCEL" }), "Error", "ERR_HTTP2_STREAM_CANCEL"],
  [Object.assign(new Error(), { name: "AxiosError", code: "ERR_NETWORK" }), "AxiosError", "ERR_NETWORK"],
  [Object.assign(new Error(), { code: "ConnectionRefused" }), "Error", "ConnectionRefused"],
  [new DOMException("", "NetworkError"), "NetworkError", null],
  [new TypeError("Failed to fetch"), "TypeError", null],
  ["offline", "string", null],
]) {
  test(`a network failure's cause is the class ${name} with the code ${code}`, async () => {
    const client = await createClient({
      endpoints: { baseUrl: "https://dpms.invalid" },
      accessToken: "TOKEN-SECRET",
      retry: false,
      fetch: async () => Promise.reject(cause),
    });
    const { reason } = await settled(client.getOrder(RX_ID));
    assert.deepEqual(reason.cause, { name, code });
    assert.equal(reason.code, code);
    assert.ok(!Object.keys(reason).includes("cause"));
  });
}
