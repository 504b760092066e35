// No message, event, log or URL holds a token, a query string, a body or a patient's data (§2.3 of the design).
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

/** Where the document itself wants a patient in a query (§4.4.2, §5.1.2, §5.2.2). */
const PATIENT_KEYS = ["chartNumber", "firstName", "lastName", "ChartNumber", "FirstName", "LastName"];

/** Everything that a logger could print of a value. */
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

/** Every way an answer can fail. */
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
  ["a redirect in a circle", () => redirect("/again?chartNumber=CHART-SECRET")],
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

/** Every call, with secrets wherever a secret can be. */
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
        ["request", "response", "retry", "refresh", "wait", "unexpected-value", "failure", "cancelled"].includes(event.type),
        event.type,
      );
      assert.ok(!event.endpoint || !event.endpoint.includes(RX_ID), "an event's endpoint is the template");
    }
    for (const request of server.requests) {
      if (request.path === "/again") continue; // the server's own doing
      for (const key of PATIENT_KEYS) request.query.delete(key);
      assertPrivate([request.path, String(request.query)], "a URL");
    }
  });
}

test("an unreachable host's error shows no secret, its cause included", async () => {
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

test("a cross-origin redirect's target gets neither token nor patient", async (t) => {
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

test("a platform that quotes the URL in its error does not reveal the query through the cause", async () => {
  for (const quote of [
    (url) => new TypeError(`error sending request for url (${url})`),
    (url) => Object.assign(new TypeError("unable to connect"), { path: url }),
    (url) => new TypeError("fetch failed", { cause: new Error(`connect to ${url}`) }),
  ]) {
    const client = await createClient({
      endpoints: { baseUrl: "https://dpms.invalid" },
      accessToken: "TOKEN-SECRET",
      retry: false,
      fetch: async (request) => Promise.reject(quote(request.url)),
    });
    const { reason } = await settled(client.listOrders({ chartNumber: "CHART-SECRET" }));
    assert.equal(reason.kind, "network");
    assertPrivate(reason, "the error");
  }
});

test("a network failure keeps the platform's error as its cause where that reveals nothing", async () => {
  const cause = new TypeError("fetch failed");
  const client = await createClient({
    endpoints: { baseUrl: "https://dpms.invalid" },
    accessToken: "TOKEN-SECRET",
    retry: false,
    fetch: async () => Promise.reject(cause),
  });
  const { reason } = await settled(client.listOrders({ chartNumber: "CHART-SECRET" }));
  assert.equal(reason.cause, cause);
});
