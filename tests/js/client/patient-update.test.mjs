// updatePatient (§5.3) and updatePatientByChartNumber (§5.4): bodies, records, and the patients of a 409.
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { createClient } from "itero-dpms";
import { cutShort, hang, html, json, noContent, reset, stall, text } from "../support/faulty-server.mjs";
import * as shapes from "../support/shapes.mjs";
import { deferred, rejection, settled, test } from "../support/test.mjs";
import { PATIENT_ID, endpointsOf, patientGuid, scripted, wireRecord, without } from "../support/wire.mjs";

const ok = () => json(200, wireRecord());

/** Returns the JSON body that a call sends. */
async function sent(t, call) {
  const { client, server } = await scripted(t, ok);
  await call(client);
  assert.equal(server.requests.length, 1);
  return JSON.parse(server.requests[0].body);
}

/** Returns the record that the client reads from a response. */
async function record(t, changes) {
  const { client } = await scripted(t, () => json(200, wireRecord(changes)));
  const got = await client.updatePatient({ patientId: PATIENT_ID, firstName: "x" });
  shapes.patientRecord(got, "record");
  return got;
}

// ---- by GUID -----------------------------------------------------------------------------------------------------

test("an update is a PATCH of patients with the keys of §5.3.2 (R127)", async (t) => {
  const { client, server } = await scripted(t, ok);
  await client.updatePatient({
    patientId: PATIENT_ID.toUpperCase(),
    chartNumber: "C-18",
    firstName: "Zoë",
    lastName: "O'Neil & Söhne “歯医者”",
  });
  assert.equal(`${server.requests[0].method} ${server.requests[0].url}`, "PATCH /api/third-party/v2/patients");
  assert.deepEqual(JSON.parse(server.requests[0].body), {
    PatientId: PATIENT_ID,
    ChartNumber: "C-18",
    FirstName: "Zoë",
    LastName: "O'Neil & Söhne “歯医者”",
  });
});

for (const [field, key] of [
  ["chartNumber", "ChartNumber"],
  ["firstName", "FirstName"],
  ["lastName", "LastName"],
]) {
  test(`${field} alone is enough, and null or missing fields are not sent (§5.3.2, R125)`, async (t) => {
    const nothing = { chartNumber: null, firstName: undefined, lastName: null };
    const update = { patientId: PATIENT_ID, ...nothing, [field]: "new" };
    assert.deepEqual(await sent(t, (client) => client.updatePatient(update)), { PatientId: PATIENT_ID, [key]: "new" });
  });
}

test("the returned record keeps every value, the UID as patientId and the numeric Id as recordId (R107, R131)", async (t) => {
  assert.deepEqual(await record(t, { DoctorId: 42, CompanyId: 9001 }), {
    patientId: PATIENT_ID,
    recordId: 4470,
    firstName: "Pat",
    lastName: "Example",
    chartNumber: "C-17",
    dateOfBirth: "1990-02-28",
    gender: "female",
    lastScanDate: "2025-03-04T05:06:07Z",
    dateUpdated: "2025-06-07T08:09:10.0110489Z",
    rowStatus: 1,
    type: 2,
    alignPatientId: null,
    mi: "Q",
    zipCode: "1012 AB",
    doctorId: 42,
    companyId: 9001,
  });
});

test("a record's Id of 0 stays 0, and 0 is male (§5.3.3)", async (t) => {
  const { recordId, gender } = await record(t, { Id: 0, Gender: 0 });
  assert.deepEqual([recordId, gender], [0, "male"]);
});

test("every field of a record but its GUID may be missing or null", async (t) => {
  const nulls = Object.fromEntries(Object.keys(wireRecord()).map((name) => [name, null]));
  const { client } = await scripted(t, [json(200, { UID: PATIENT_ID }), json(200, { ...nulls, UID: PATIENT_ID })]);
  const update = { patientId: PATIENT_ID, firstName: "x" };
  const bare = await client.updatePatient(update);
  shapes.patientRecord(bare, "record");
  assert.deepEqual(await client.updatePatient(update), bare);
  for (const [name, value] of Object.entries(without(bare, "patientId"))) assert.equal(value, null, name);
});

test("times without a zone are UTC, with any fraction (R137)", async (t) => {
  const { lastScanDate, dateUpdated } = await record(t, {
    LastScanDate: "2021-01-14T12:13:33",
    DateUpdated: "2021-01-14T12:29:57.875966",
  });
  assert.equal(lastScanDate, "2021-01-14T12:13:33Z");
  assert.equal(dateUpdated, "2021-01-14T12:29:57.875966Z");
});

test("a record without its GUID is a decode error, naming the field", async (t) => {
  const { client } = await scripted(t, () => json(200, without(wireRecord(), "UID")));
  const error = await rejection(client.updatePatient({ patientId: PATIENT_ID, firstName: "x" }));
  assert.equal(error.kind, "decode");
  assert.match(error.message, /UID/);
});

// ---- by chart number ---------------------------------------------------------------------------------------------

test("an update by chart number is a PATCH with the keys of §5.4.2, words for gender and a plain date (R134, R135)", async (t) => {
  const { client, server } = await scripted(t, () => text(200, ""));
  await client.updatePatientByChartNumber({
    chartNumber: "C-17",
    firstName: "Zoë",
    lastName: "O'Neil",
    dateOfBirth: "2024-02-29",
    gender: "female",
  });
  const [{ method, url, body }] = server.requests;
  assert.equal(`${method} ${url}`, "PATCH /api/third-party/v2/patient/by-chart-number");
  assert.deepEqual(JSON.parse(body), {
    ChartNumber: "C-17",
    FirstName: "Zoë",
    LastName: "O'Neil",
    DateOfBirth: "2024-02-29",
    Gender: "Female",
  });
});

for (const [field, value, key, onTheWire] of [
  ["firstName", "new", "FirstName", "new"],
  ["lastName", "new", "LastName", "new"],
  ["dateOfBirth", "1990-02-28", "DateOfBirth", "1990-02-28"],
  ["gender", "male", "Gender", "Male"],
]) {
  test(`by chart number, ${field} alone is enough, and null or missing fields are not sent (§5.4.2)`, async (t) => {
    const { client, server } = await scripted(t, () => text(200, ""));
    const nothing = { firstName: null, lastName: undefined, dateOfBirth: null, gender: null };
    await client.updatePatientByChartNumber({ chartNumber: "C-17", ...nothing, [field]: value });
    assert.deepEqual(JSON.parse(server.requests[0].body), { ChartNumber: "C-17", [key]: onTheWire });
  });
}

test("a 200 needs no body, and any body is ignored (R133)", async (t) => {
  for (const step of [text(200, ""), json(200, wireRecord()), json(200, "{"), html(200), noContent()]) {
    const { client } = await scripted(t, () => step);
    assert.equal(await client.updatePatientByChartNumber({ chartNumber: "C-17", firstName: "x" }), undefined);
  }
});

// ---- the patients of a 409 ---------------------------------------------------------------------------------------

const conflict = async (t, body) => {
  const { client } = await scripted(t, () => json(409, body));
  return rejection(client.updatePatientByChartNumber({ chartNumber: "C-17", firstName: "x" }));
};

test("a 409's list is the error's matches, each a complete record (§5.4.3, R136)", async (t) => {
  const rows = [
    wireRecord({ UID: patientGuid(1), DoctorId: 42556, CompanyId: 18388, DateOfBirth: null, Gender: 0 }),
    wireRecord({ UID: patientGuid(2).toUpperCase(), LastName: "Other" }),
  ];
  const error = await conflict(t, rows);
  assert.equal(error.kind, "conflict");
  shapes.listOf(shapes.patientRecord)(error.matches, "matches");
  assert.deepEqual(
    error.matches.map((match) => [match.patientId, match.lastName, match.doctorId, match.companyId, match.gender]),
    [
      [patientGuid(1), "Example", 42556, 18388, "male"],
      [patientGuid(2), "Other", null, null, "female"],
    ],
  );
});

test("the matches are not in the error's JSON, entries, copies or what a logger prints", async (t) => {
  const error = await conflict(t, [wireRecord({ LastName: "Zzyzx-Patient", ChartNumber: "CHART-SECRET" })]);
  assert.equal(error.matches[0].lastName, "Zzyzx-Patient");
  for (const shown of [
    JSON.stringify(error),
    JSON.stringify({ ...error }),
    String(error),
    error.stack,
    error.message,
    inspect(error, { depth: 10 }),
  ]) {
    assert.doesNotMatch(shown, /Zzyzx|CHART-SECRET/);
  }
  assert.ok(!Object.keys(error).includes("matches"));
});

test("a 409 with another body, or none, is still a conflict, without matches (R3)", async (t) => {
  for (const body of ["", "<html>", "{", "{}", "7", "[7]", "[{}]", `[${JSON.stringify(wireRecord({ UID: "x" }))}]`]) {
    const error = await conflict(t, body);
    assert.equal(error.kind, "conflict", body);
    assert.equal(error.matches, null, body);
  }
});

test("an empty 409 list, or null, gives no matches", async (t) => {
  for (const body of ["[]", "null"]) {
    const error = await conflict(t, body);
    assert.equal(error.kind, "conflict");
    assert.equal((error.matches ?? []).length, 0);
  }
});

test("a 409 whose list is cut, or never ends, is still a conflict, without matches", async (t) => {
  const list = JSON.stringify([wireRecord(), wireRecord()]);
  for (const step of [
    cutShort(list, { status: 409 }),
    stall(list.slice(0, 50), { status: 409, length: list.length }),
    json(409, list, { "Content-Encoding": "gzip" }),
  ]) {
    const { client } = await scripted(t, () => step, { timeoutMs: 300, retry: false });
    const error = await rejection(client.updatePatientByChartNumber({ chartNumber: "C-17", firstName: "x" }));
    assert.equal(error.kind, "conflict");
    assert.equal(error.status, 409);
    assert.equal(error.matches, null);
  }
});

test("an abort while a 409's list is read rejects with the signal's reason", async (t) => {
  const { server } = await scripted(t, () => stall("[", { status: 409, length: 1_000 }));
  const controller = new AbortController();
  const responded = deferred();
  const client = await createClient({
    endpoints: endpointsOf(server.baseUrl),
    accessToken: "x",
    onEvent: ({ type }) => type === "response" && responded.resolve(),
  });
  const call = settled(
    client.updatePatientByChartNumber({ chartNumber: "C-17", firstName: "x" }, { signal: controller.signal }),
  );
  await responded.promise;
  controller.abort("enough");
  assert.equal((await call).reason, "enough");
});

test("matches is null on every other failure", async (t) => {
  const { client } = await scripted(t, () => json(409, [wireRecord()]));
  const { client: lost } = await scripted(t, () => text(404, ""));
  for (const work of [
    () => client.updatePatient({ patientId: PATIENT_ID, firstName: "x" }),
    () => lost.updatePatientByChartNumber({ chartNumber: "C-17", firstName: "x" }),
    () => client.updatePatientByChartNumber({ chartNumber: "" }),
  ]) {
    assert.equal((await rejection(work)).matches, null);
  }
});

// ---- repeated ----------------------------------------------------------------------------------------------------

for (const [name, call] of [
  ["updatePatient", (client, options) => client.updatePatient({ patientId: PATIENT_ID, lastName: "new" }, options)],
  [
    "updatePatientByChartNumber",
    (client, options) => client.updatePatientByChartNumber({ chartNumber: "C-17", lastName: "new" }, options),
  ],
]) {
  for (const [what, step, options] of [
    ["a 503", text(503, ""), {}],
    ["a 429", text(429, ""), {}],
    ["a lost connection", reset(), {}],
    ["a timeout", hang(), { timeoutMs: 1_000 }],
  ]) {
    test(`${name} is repeated after ${what} with the same body: its values are absolute (R5)`, async (t) => {
      const { client, server } = await scripted(t, [step, ok()], options);
      await call(client);
      assert.equal(server.requests.length, 2);
      assert.equal(server.requests[0].body, server.requests[1].body);
    });
  }

  test(`${name} is sent again with its body after a refused token`, async (t) => {
    const { client, server } = await scripted(t, [text(401, ""), ok()], { refresh: async () => "renewed" });
    await call(client);
    assert.equal(server.requests[1].headers.authorization, "Bearer renewed");
    assert.equal(server.requests[0].body, server.requests[1].body);
  });
}

// ---- refused before sending --------------------------------------------------------------------------------------

/** Asserts that each argument is refused with an error that names the field, and that nothing is sent. */
async function assertRefused(t, method, field, argumentsList) {
  const { client, server } = await scripted(t, ok);
  for (const argument of argumentsList) {
    const error = await rejection(() => client[method](argument));
    const shown = inspect(argument);
    assert.equal(error.kind, "invalid-argument", shown);
    assert.match(error.message, field, shown);
    assert.equal(error.attempts, 0);
  }
  assert.equal(server.requests.length, 0);
}

test("a patientId that is not a GUID is refused, since the API's responses to it are misleading (R126)", (t) =>
  assertRefused(
    t,
    "updatePatient",
    /patientId/,
    [undefined, null, "", "17", 17, `{${PATIENT_ID}}`, PATIENT_ID.slice(1), {}].map((patientId) => ({
      patientId,
      firstName: "x",
    })),
  ));

for (const field of ["chartNumber", "firstName", "lastName"]) {
  test(`updatePatient refuses a blank or malformed ${field} (R130)`, (t) =>
    assertRefused(
      t,
      "updatePatient",
      new RegExp(field),
      ["", " ", "\t\n", 7, {}, []].map((value) => ({ patientId: PATIENT_ID, [field]: value })),
    ));
}

test("an update of nothing is refused, and the message lists what can be changed (§5.3.4)", async (t) => {
  await assertRefused(t, "updatePatient", /chartNumber.*firstName.*lastName/s, [
    { patientId: PATIENT_ID },
    { patientId: PATIENT_ID, firstName: null, lastName: undefined },
  ]);
  await assertRefused(t, "updatePatientByChartNumber", /firstName.*lastName.*dateOfBirth.*gender/s, [
    { chartNumber: "C-17" },
    { chartNumber: "C-17", firstName: null, gender: null },
  ]);
});

for (const [field, values] of [
  ["chartNumber", [undefined, null, "", " ", 7]],
  ["firstName", ["", "  ", 7, {}]],
  ["lastName", ["", "\u00a0", 7]],
  ["dateOfBirth", ["", "2023-02-30", "1989-04-13T19:45:40.339Z", "9999-01-01", 19890413, new Date(0)]],
  ["gender", ["Male", "m", 0, 1, ""]],
]) {
  test(`updatePatientByChartNumber refuses a bad ${field}`, (t) =>
    assertRefused(
      t,
      "updatePatientByChartNumber",
      new RegExp(field),
      values.map((value) => ({ chartNumber: "C-17", lastName: "x", [field]: value })),
    ));
}

test("unknown keys and non-objects are refused", async (t) => {
  await assertRefused(t, "updatePatient", /gender/, [{ patientId: PATIENT_ID, firstName: "x", gender: "male" }]);
  await assertRefused(t, "updatePatientByChartNumber", /patientId/, [
    { chartNumber: "C-17", firstName: "x", patientId: PATIENT_ID },
  ]);
  for (const method of ["updatePatient", "updatePatientByChartNumber"]) {
    await assertRefused(t, method, /./, [undefined, null, "x", 7, []]);
  }
});
