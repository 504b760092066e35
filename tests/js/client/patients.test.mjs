// listPatients and patients (§5.2): filters, paging by the rows received, and the 404 that means no match.
import assert from "node:assert/strict";
import { html, json, text } from "../support/faulty-server.mjs";
import * as shapes from "../support/shapes.mjs";
import { collect, rejection, test } from "../support/test.mjs";
import { PATIENT_ID, patientGuid, scripted, wirePatient, wirePatients, without } from "../support/wire.mjs";

/** Returns the page that the client reads from rows, or from a whole body. */
async function page(t, rows, options) {
  const body = Array.isArray(rows) ? wirePatients(rows, options) : rows;
  const { client } = await scripted(t, () => json(200, body));
  const got = await client.listPatients();
  shapes.patientsPage(got, "page");
  return got;
}

const patient = async (t, changes) => (await page(t, [wirePatient(changes)])).patients[0];

// ---- on the wire -------------------------------------------------------------------------------------------------

const FILTER = {
  firstName: "Pa*",
  lastName: "%ample",
  chartNumber: "C-17",
  updatedDateFrom: "2025-01-01",
  updatedDateTo: "2025-02-01",
  lastScanDateFrom: "2025-03-01",
  lastScanDateTo: "2025-04-01",
};
const FILTER_ON_THE_WIRE = {
  FirstName: "Pa*",
  LastName: "%ample",
  ChartNumber: "C-17",
  UpdatedDateFrom: "2025-01-01",
  UpdatedDateTo: "2025-02-01",
  LastScanDateFrom: "2025-03-01",
  LastScanDateTo: "2025-04-01",
};

test("filters are sent under the names of §5.2.2, with wildcards unchanged (R11, R116, R123)", async (t) => {
  const { client, server } = await scripted(t, () => json(200, wirePatients([])));
  await client.listPatients({ ...FILTER, offset: 200, limit: 50 });
  assert.deepEqual(Object.fromEntries(server.requests[0].query), {
    Offset: "200",
    Limit: "50",
    ...FILTER_ON_THE_WIRE,
  });
});

test("patients() sends the same filters with every page", async (t) => {
  const { client, server } = await scripted(t, practiceOf(5));
  await collect(client.patients({ ...FILTER, limit: 2 }));
  assert.equal(server.requests.length, 3);
  for (const request of server.requests) {
    const { Offset, Limit, ...filter } = Object.fromEntries(request.query);
    assert.deepEqual(filter, FILTER_ON_THE_WIRE);
    assert.equal(Limit, "2");
    assert.ok(Offset >= 0);
  }
});

test("without a query the first hundred patients are requested, and no filter is sent", async (t) => {
  for (const query of [undefined, null, {}]) {
    const { client, server } = await scripted(t, () => json(200, wirePatients([])));
    await client.listPatients(query);
    const { Offset = "0", Limit = "100", ...filters } = Object.fromEntries(server.requests[0].query);
    assert.deepEqual([Offset, Limit, filters], ["0", "100", {}]);
  }
});

test("empty and null filters are left out (R121)", async (t) => {
  const { client, server } = await scripted(t, () => json(200, wirePatients([])));
  await client.listPatients({ firstName: "", lastName: null, chartNumber: undefined, updatedDateFrom: null });
  const names = [...server.requests[0].query.keys()].filter((name) => !["Offset", "Limit"].includes(name));
  assert.deepEqual(names, []);
});

// ---- rows -------------------------------------------------------------------------------------------------------

test("a row keeps every value under its camelCase name, its Id as patientId (R107)", async (t) => {
  assert.deepEqual(await patient(t, {}), {
    patientId: PATIENT_ID,
    firstName: "Pat",
    lastName: "Example",
    chartNumber: "C-17",
    dateOfBirth: "1990-02-28",
    gender: "female",
    creationDate: "2024-01-02T03:04:05Z",
    updatedDate: "2025-06-07T08:09:10Z",
    lastScanDate: "2025-03-04T00:00:00Z",
  });
});

test("everything but the GUID may be missing or null (R118, R120)", async (t) => {
  const nulls = Object.fromEntries(Object.keys(wirePatient()).map((name) => [name, null]));
  const { patients } = await page(t, [{ Id: PATIENT_ID }, { ...nulls, Id: PATIENT_ID.toUpperCase() }]);
  assert.deepEqual(patients[0], patients[1]);
  const { patientId, ...rest } = patients[0];
  assert.equal(patientId, PATIENT_ID);
  for (const [name, value] of Object.entries(rest)) assert.equal(value, null, name);
});

test("Male, Female and null are the genders (§5.2.3)", async (t) => {
  assert.equal((await patient(t, { Gender: "Male" })).gender, "male");
  assert.equal((await patient(t, { Gender: "Female" })).gender, "female");
  assert.equal((await patient(t, { Gender: null })).gender, null);
});

test("a row without its Id is a decode error, named by its index and field", async (t) => {
  const { client } = await scripted(t, () =>
    json(200, wirePatients([wirePatient(), without(wirePatient({ LastName: "Zzyzx" }), "Id")])),
  );
  const error = await rejection(client.listPatients());
  assert.equal(error.kind, "decode");
  assert.match(error.message, /Data\[1\]\.Id/);
  assert.doesNotMatch(error.message, /Zzyzx/);
});

// ---- what a page says --------------------------------------------------------------------------------------------

test("a page has its total, count, offset and next offset", async (t) => {
  const { client } = await scripted(t, practiceOf(5));
  const first = await client.listPatients({ limit: 2 });
  assert.deepEqual(without(first, "patients"), { total: 5, count: 2, offset: 0, nextOffset: 2 });
  const last = await client.listPatients({ limit: 2, offset: 4 });
  assert.deepEqual(without(last, "patients"), { total: 5, count: 1, offset: 4, nextOffset: null });
});

test("the last page has no next, whatever NextOffset says (R112)", async (t) => {
  const rows = [wirePatient()];
  for (const NextOffset of [100, 1, 0, null, undefined]) {
    const body = { ...wirePatients(rows), Meta: { Total: 1, Count: 1, NextOffset } };
    assert.equal((await page(t, body)).nextOffset, null, String(NextOffset));
  }
});

test("the next page begins after the rows received, not after the limit (R111)", async (t) => {
  const { nextOffset } = await page(t, [wirePatient(), wirePatient()], { total: 9, limit: 100 });
  assert.equal(nextOffset, 2);
});

test("Links, which may be missing, null or anything, are not followed (R109, R113, R114)", async (t) => {
  const expected = await page(t, [wirePatient()]);
  for (const Links of [undefined, null, {}, { Self: null, Next: "https://evil.invalid/", Prev: 7 }, []]) {
    assert.deepEqual(await page(t, { ...wirePatients([wirePatient()]), Links }), expected);
  }
});

test("Status may be the word or the number of a success (R115)", async (t) => {
  for (const Status of ["Success", 1]) {
    assert.equal((await page(t, { ...wirePatients([wirePatient()]), Status })).patients.length, 1, String(Status));
  }
});

test("a 404 is an empty page at the requested offset (§5.2.4, R110)", async (t) => {
  const { client } = await scripted(t, () => text(404, "no match"));
  for (const [query, offset] of [
    [null, 0],
    [{ offset: 300, firstName: "Nobody" }, 300],
  ]) {
    assert.deepEqual(await client.listPatients(query), { patients: [], total: 0, count: 0, offset, nextOffset: null });
  }
  assert.deepEqual(await collect(client.patients({ firstName: "Nobody" })), []);
});

test("a 404 that is a web page is not-found: the URL is wrong, which must not look like no patients", async (t) => {
  const { client } = await scripted(t, () => html(404));
  for (const call of [() => client.listPatients(), () => client.patients().next()]) {
    assert.equal((await rejection(call)).kind, "not-found");
  }
});

test("an empty page is a page", async (t) => {
  assert.deepEqual(await page(t, [], { total: 0 }), {
    patients: [],
    total: 0,
    count: 0,
    offset: 0,
    nextOffset: null,
  });
});

test("a page without Data is a decode error: a list never ends silently", async (t) => {
  const { client } = await scripted(t, () => json(200, without(wirePatients([wirePatient()]), "Data")));
  const error = await rejection(client.listPatients());
  assert.equal(error.kind, "decode");
  assert.match(error.message, /Data/);
});

// ---- the 400's details -------------------------------------------------------------------------------------------

const REFUSAL = {
  Status: 2,
  Message: "some parameters are wrong",
  Code: "INVALID_REQUEST_PARAMETERS",
  Errors: [{ Field: "LastScanDateTo", Message: "LastScanDateTo: '2025-04-01' is no date." }],
};

test("a 400's Errors become fieldErrors under the client's names, its Code the code (§5.2.4)", async (t) => {
  const { client } = await scripted(t, () => json(400, REFUSAL));
  const error = await rejection(client.listPatients({ lastScanDateTo: "2025-04-01" }));
  assert.equal(error.kind, "bad-request");
  assert.equal(error.code, "INVALID_REQUEST_PARAMETERS");
  assert.equal(error.fieldErrors.length, 1);
  assert.equal(error.fieldErrors[0].field, "lastScanDateTo");
  assert.equal(error.fieldErrors[0].message, "was refused by the API; it must be a date as YYYY-MM-DD");
  assert.equal(error.retryable, false);
});

test("a 400's Errors never repeat a value that was sent, however it is quoted", async (t) => {
  const secrets = { firstName: "Zzyzx-First", lastName: "Zzyzx-Last", chartNumber: "CHART-SECRET" };
  const Errors = [
    { Field: "FirstName", Message: "'Zzyzx-First' cannot be searched." },
    { Field: "LastName", Message: "zzyzx-last? ZZYZX-LAST! Zzyzx-Last, Zzyzx%2DLast, Z\u200bzyzx-Last" },
    { Field: "ChartNumber", Message: "CHART-SECRETCHART-SECRET" },
    { Field: "Zzyzx-First", Message: "is no parameter" },
  ];
  const { client } = await scripted(t, () => json(400, { ...REFUSAL, Errors, Code: "CHART-SECRET" }));
  for (const call of [() => client.listPatients(secrets), () => client.patients(secrets).next()]) {
    const error = await rejection(call);
    assert.deepEqual(
      error.fieldErrors.map((each) => each.field),
      ["firstName", "lastName", "chartNumber"],
    );
    for (const { message } of error.fieldErrors) assert.match(message, /^was refused by the API; it must be /);
    assert.equal(error.code, null);
    assert.doesNotMatch(JSON.stringify(error) + error.message + error.stack, /zzyzx|-last|CHART-SECRET/i);
  }
});

test("every Error of a 400 is returned, in order", async (t) => {
  const Errors = ["Offset", "Limit", "UpdatedDateFrom"].map((Field) => ({ Field, Message: `${Field} is wrong.` }));
  const { client } = await scripted(t, () => json(400, { ...REFUSAL, Errors }));
  const error = await rejection(client.listPatients());
  assert.deepEqual(
    error.fieldErrors.map((each) => each.field),
    ["offset", "limit", "updatedDateFrom"],
  );
});

test("a 400 with another body, or none, is still bad-request, without details (R3)", async (t) => {
  for (const body of [
    "",
    "<html>",
    "{",
    "[]",
    "null",
    "7",
    JSON.stringify({ Errors: null }),
    JSON.stringify({ Errors: {} }),
    JSON.stringify({ Errors: [7, null, {}] }),
    JSON.stringify({ Errors: [{ Field: 7, Message: {} }], Code: 7 }),
  ]) {
    const { client } = await scripted(t, () => text(400, body));
    const error = await rejection(client.listPatients());
    assert.equal(error.kind, "bad-request", body);
    assert.ok(Array.isArray(error.fieldErrors), body);
    for (const { field, message } of error.fieldErrors) {
      assert.equal(typeof field, "string", body);
      assert.equal(typeof message, "string", body);
    }
    assert.ok(error.code === null || typeof error.code === "string", body);
  }
});

// ---- the iterator ------------------------------------------------------------------------------------------------

/** A practice with `total` patients; `rows` makes pages shorter than requested. */
function practiceOf(total, rows = Infinity) {
  return (request) => {
    const offset = Number(request.query.get("Offset") ?? 0);
    const limit = Number(request.query.get("Limit") ?? 100);
    const end = Math.min(total, offset + Math.min(limit, rows));
    if (offset >= total) return text(404, "");
    const patients = [];
    for (let n = offset; n < end; n += 1) patients.push(wirePatient({ Id: patientGuid(n) }));
    return json(200, wirePatients(patients, { offset, limit, total }));
  };
}

const offsets = (server) => server.requests.map((request) => Number(request.query.get("Offset") ?? 0));
const all = (n) => Array.from({ length: n }, (_, i) => patientGuid(i));
const ids = (patients) => patients.map((each) => each.patientId);

test("patients() lists every patient once, with any limit", async (t) => {
  for (const limit of [1, 3, 10, 100, undefined]) {
    const { client } = await scripted(t, practiceOf(10));
    const patients = await collect(client.patients({ limit }));
    shapes.listOf(shapes.patient)(patients, "patients");
    assert.deepEqual(ids(patients), all(10), `limit ${limit}`);
  }
});

test("patients() advances by the rows received when a page is shorter than requested", async (t) => {
  const { client, server } = await scripted(t, practiceOf(10, 3));
  assert.deepEqual(ids(await collect(client.patients({ limit: 5 }))), all(10));
  assert.deepEqual(offsets(server), [0, 3, 6, 9]);
});

test("patients() does not request pages beyond the total", async (t) => {
  const { client, server } = await scripted(t, practiceOf(6));
  await collect(client.patients({ limit: 3 }));
  assert.deepEqual(offsets(server), [0, 3]);
});

test("patients() requests the next page while the first is still being read, and no further page", async (t) => {
  const { client, server } = await scripted(t, practiceOf(100));
  const iterator = client.patients({ limit: 5 });
  await iterator.next();
  await server.seen(2);
  await client.listPatients({ offset: 99, limit: 1 }); // a full round trip in which a third page could be asked for
  assert.deepEqual(offsets(server), [0, 5, 99]);
  await iterator.return();
});

test("patients() drops a patient that moved to the next page while reading (R122)", async (t) => {
  const rows = (...numbers) => numbers.map((n) => wirePatient({ Id: patientGuid(n) }));
  const pages = [
    wirePatients(rows(1, 2), { total: 4, limit: 2 }),
    wirePatients(rows(2, 3), { offset: 2, total: 4, limit: 2 }),
  ];
  const { client } = await scripted(t, (_, index) => json(200, pages[index]));
  assert.deepEqual(ids(await collect(client.patients({ limit: 2 }))), [1, 2, 3].map(patientGuid));
});

test("patients() ends at a page that is empty or 404 before the total", async (t) => {
  const first = wirePatients([wirePatient()], { total: 1000, limit: 1 });
  for (const second of [json(200, wirePatients([], { offset: 1, total: 1000 })), text(404, "")]) {
    const { client, server } = await scripted(t, (_, index) => (index === 0 ? json(200, first) : second));
    assert.equal((await collect(client.patients({ limit: 1 }))).length, 1);
    assert.ok(server.requests.length <= 3, `${server.requests.length} requests`);
  }
});

test("a server that repeats a page forever is an error after the first page's patients, not an end", async (t) => {
  const { client, server } = await scripted(t, () => json(200, wirePatients([wirePatient()], { total: 40, limit: 1 })));
  const iterator = client.patients({ limit: 1 });
  assert.equal((await iterator.next()).value.patientId, PATIENT_ID);
  assert.equal((await rejection(iterator.next())).kind, "server");
  assert.ok(server.requests.length < 10, `${server.requests.length} requests`);
});

test("an error on a later page is thrown after the earlier page's patients and ends the iteration", async (t) => {
  const { client } = await scripted(t, (_, index) =>
    index === 0 ? json(200, wirePatients([wirePatient()], { total: 9, limit: 1 })) : json(400, "{}"),
  );
  const iterator = client.patients({ limit: 1 });
  assert.equal((await iterator.next()).value.patientId, PATIENT_ID);
  assert.equal((await rejection(iterator.next())).kind, "bad-request");
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
});

test("leaving a for-await loop over patients early ends the paging", async (t) => {
  const { client, server } = await scripted(t, practiceOf(100));
  const iterator = client.patients({ limit: 5 });
  for await (const patient of iterator) {
    assert.equal(patient.patientId, patientGuid(0));
    break;
  }
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  assert.ok(server.requests.length <= 2, `${server.requests.length} requests`);
});

// ---- refused before sending --------------------------------------------------------------------------------------

const DATES = ["updatedDateFrom", "updatedDateTo", "lastScanDateFrom", "lastScanDateTo"];

for (const [field, values] of [
  ["limit", [0, -1, 101, 1.5, NaN, "10", {}]],
  ["offset", [-1, 0.5, NaN, 2 ** 53, "0", {}]],
  ["firstName", [7, {}, true]],
  ["lastName", [7, []]],
  ["chartNumber", [17, {}]],
  ...DATES.map((field) => [field, ["2024-01-1199", "2023-02-30", "01/02/2023", "yesterday", 20240101, new Date(0)]]),
]) {
  test(`listPatients and patients refuse a bad ${field} before anything is sent`, async (t) => {
    const { client, server } = await scripted(t, () => json(200, wirePatients([])));
    for (const value of values) {
      for (const call of [
        () => client.listPatients({ [field]: value }),
        async () => client.patients({ [field]: value }).next(),
      ]) {
        const error = await rejection(call);
        assert.equal(error.kind, "invalid-argument", `${field} = ${String(value)}`);
        assert.match(error.message, new RegExp(field));
      }
    }
    assert.equal(server.requests.length, 0);
  });
}

test("patients() refuses an offset, which it manages itself, and unknown keys", async (t) => {
  const { client, server } = await scripted(t, () => json(200, wirePatients([])));
  assert.match((await rejection(async () => client.patients({ offset: 5 }).next())).message, /offset/);
  for (const key of ["FirstName", "pageSize", "dateOfBirth"]) {
    assert.match((await rejection(() => client.listPatients({ [key]: "x" }))).message, new RegExp(key));
  }
  assert.equal(server.requests.length, 0);
});
