// searchPatients (§5.1): how the three criteria are sent, and how a row is read.
import assert from "node:assert/strict";
import { json } from "../support/faulty-server.mjs";
import * as shapes from "../support/shapes.mjs";
import { rejection, test } from "../support/test.mjs";
import { PATIENT_ID, patientGuid, scripted, wireMatch, without } from "../support/wire.mjs";

const CRITERIA = { firstName: "Pat", lastName: "Example", chartNumber: "C-17" };

/** Returns the matches that the client reads from a body. */
async function matches(t, body) {
  const { client } = await scripted(t, () => json(200, body));
  const found = await client.searchPatients(CRITERIA);
  shapes.listOf(shapes.patientMatch)(found, "matches");
  return found;
}

/** Returns the patient that the client reads from a row. */
const match = async (t, changes) => (await matches(t, [wireMatch(changes)]))[0];

test("the criteria are sent as firstName, lastName and chartNumber, spelled as in §5.1.2 (R11)", async (t) => {
  const { client, server } = await scripted(t, () => json(200, []));
  await client.searchPatients(CRITERIA);
  assert.equal(server.requests[0].method, "GET");
  assert.deepEqual(Object.fromEntries(server.requests[0].query), CRITERIA);
});

test("a criterion that is blank on purpose is sent blank or left out, which is the same (R99, R100)", async (t) => {
  const { client, server } = await scripted(t, () => json(200, []));
  for (const blank of [["chartNumber"], ["firstName", "lastName"], ["firstName", "lastName", "chartNumber"]]) {
    await client.searchPatients({ ...CRITERIA, ...Object.fromEntries(blank.map((name) => [name, ""])) });
    const { query } = server.requests.at(-1);
    for (const [name, value] of Object.entries(CRITERIA)) {
      assert.equal(query.get(name) ?? "", blank.includes(name) ? "" : value, `${name} with blank ${blank}`);
    }
  }
});

test("a criterion is sent with its spaces, case and accents (R103)", async (t) => {
  const { client, server } = await scripted(t, () => json(200, []));
  const criteria = { firstName: " Zoë ", lastName: "o'NEIL & Söhne+1", chartNumber: "a/b#c?d%41" };
  await client.searchPatients(criteria);
  assert.deepEqual(Object.fromEntries(server.requests[0].query), criteria);
});

test("a row keeps every value under its camelCase name, the GUID as patientId (R107)", async (t) => {
  assert.deepEqual(await match(t, {}), {
    patientId: PATIENT_ID,
    firstName: "Pat",
    lastName: "Example",
    chartNumber: "C-17",
    dateOfBirth: "1990-02-28",
    gender: "female",
  });
});

test("no match is an empty list (R105)", async (t) => {
  assert.deepEqual(await matches(t, []), []);
});

test("every row is returned, in the response's order", async (t) => {
  const rows = [3, 1, 2].map((n) => wireMatch({ UniqueId: patientGuid(n) }));
  assert.deepEqual(
    (await matches(t, rows)).map((each) => each.patientId),
    [3, 1, 2].map(patientGuid),
  );
});

for (const [wire, gender] of [
  [0, "male"],
  [1, "female"],
  ["0", "male"],
  ["1", "female"],
  [109, "male"],
  [102, "female"],
  ["Male", "male"],
  ["Female", "female"],
  ["male", "male"],
  ["FEMALE", "female"],
  [null, null],
  [undefined, null],
  ["", null],
]) {
  test(`the gender ${JSON.stringify(wire) ?? "that is missing"} is ${gender} (R24)`, async (t) => {
    assert.equal((await match(t, { Gender: wire })).gender, gender);
  });
}

for (const [wire, date] of [
  ["1990-02-28", "1990-02-28"],
  ["1990-02-28T00:00:00", "1990-02-28"],
  ["1990-02-28T23:59:59.999Z", "1990-02-28"],
  ["1990-02-28T00:30:00+02:00", "1990-02-28"],
  ["1990-02-28T23:30:00-08:00", "1990-02-28"],
  ["2024-02-29T00:00:00.0000000", "2024-02-29"],
  ["0001-01-01T00:00:00", null],
  [null, null],
  [undefined, null],
  ["", null],
]) {
  test(`the birth date ${wire} is ${date}, never shifted (R108)`, async (t) => {
    assert.equal((await match(t, { DateOfBirth: wire })).dateOfBirth, date);
  });
}

test("everything but the GUID may be missing or null (R106)", async (t) => {
  const nothing = { firstName: null, lastName: null, chartNumber: null, dateOfBirth: null, gender: null };
  const nulls = Object.fromEntries(Object.keys(wireMatch()).map((name) => [name, null]));
  assert.deepEqual(await matches(t, [{ UniqueId: PATIENT_ID }]), [{ patientId: PATIENT_ID, ...nothing }]);
  assert.deepEqual(await match(t, { ...nulls, UniqueId: PATIENT_ID }), { patientId: PATIENT_ID, ...nothing });
});

test("a row without its GUID is a decode error, named by its index and field, without its values", async (t) => {
  const { client } = await scripted(t, () =>
    json(200, [wireMatch(), wireMatch(), { ...without(wireMatch(), "UniqueId"), LastName: "Zzyzx" }]),
  );
  const error = await rejection(client.searchPatients(CRITERIA));
  assert.equal(error.kind, "decode");
  assert.match(error.message, /\[2\]\.?UniqueId/);
  assert.doesNotMatch(error.message, /Zzyzx/);
});

for (const [field, value] of [
  ["DateOfBirth", "Zzyzx-day"],
  ["DateOfBirth", "1990-02-30"],
  ["DateOfBirth", 19900228],
  ["FirstName", 7],
  ["FirstName", { first: "Zzyzx" }],
]) {
  test(`a ${field} that is ${JSON.stringify(value)} is null, and an event names the field and not the value`, async (t) => {
    const events = [];
    const { client } = await scripted(t, () => json(200, [wireMatch(), wireMatch({ [field]: value })]), {
      onEvent: (event) => events.push(event),
    });
    const [, found] = await client.searchPatients(CRITERIA);
    assert.equal(found[field[0].toLowerCase() + field.slice(1)], null);
    assert.equal(found.lastName, "Example");
    const [{ path }] = events.filter(({ type }) => type === "unexpected-value");
    assert.equal(path, `[1].${field}`);
    assert.doesNotMatch(JSON.stringify(events), /Zzyzx|1990/);
  });
}

test("a UniqueId that is no GUID is decode, naming the field and not the value", async (t) => {
  const { client } = await scripted(t, () => json(200, [wireMatch({ UniqueId: "not-a-guid" })]));
  const error = await rejection(client.searchPatients(CRITERIA));
  assert.equal(error.kind, "decode");
  assert.match(error.message, /UniqueId/);
  assert.doesNotMatch(error.message, /not-a-guid/);
});

test("an undocumented gender is null and does not fail the search", async (t) => {
  for (const Gender of ["Other", "X", 2, 7, -1])
    assert.equal((await match(t, { Gender })).gender, null, String(Gender));
});

test("a body that is not a list is a decode error", async (t) => {
  for (const body of [{}, 7, "x", { Data: "x", Status: 1 }]) {
    const { client } = await scripted(t, () => json(200, JSON.stringify(body)));
    assert.equal((await rejection(client.searchPatients(CRITERIA))).kind, "decode", JSON.stringify(body));
  }
});

// ---- refused before sending --------------------------------------------------------------------------------------

for (const field of ["firstName", "lastName", "chartNumber"]) {
  test(`searchPatients refuses a missing or malformed ${field}: a blank must be explicit (R99, R102)`, async (t) => {
    const { client, server } = await scripted(t, () => json(200, []));
    for (const value of [undefined, null, 7, {}, ["x"], true]) {
      const error = await rejection(() => client.searchPatients({ ...CRITERIA, [field]: value }));
      assert.equal(error.kind, "invalid-argument", String(value));
      assert.deepEqual(
        error.fieldErrors.map((each) => each.field),
        [field],
      );
    }
    assert.equal(server.requests.length, 0);
  });
}

test("searchPatients refuses an unknown key and a non-object", async (t) => {
  const { client, server } = await scripted(t, () => json(200, []));
  const error = await rejection(() => client.searchPatients({ ...CRITERIA, dateOfBirth: "1990-01-01" }));
  assert.match(error.message, /dateOfBirth/);
  for (const value of [undefined, null, "Pat", 7, []]) {
    assert.equal((await rejection(() => client.searchPatients(value))).kind, "invalid-argument");
  }
  assert.equal(server.requests.length, 0);
});
