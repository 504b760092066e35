// createScanRequest (§4.2): the body, the result, and every way in which a request is refused before it is sent.
import assert from "node:assert/strict";
import { json, text } from "../support/faulty-server.mjs";
import { rejection, test } from "../support/test.mjs";
import { RX_ID, envelope, scanRequest, scripted } from "../support/wire.mjs";

const accepting = () => json(200, envelope(RX_ID));

/** Returns the JSON body that is sent for a request. */
async function sent(t, request) {
  const { client, server } = await scripted(t, accepting);
  await client.createScanRequest(request);
  assert.equal(server.requests.length, 1);
  assert.match(server.requests[0].headers["content-type"], /^application\/json\b/);
  return JSON.parse(server.requests[0].body);
}

test("a complete request is sent with the keys of §4.2.2 and the values unchanged", async (t) => {
  const request = scanRequest({
    licenseNumber: "LIC-9",
    gender: "female",
    dateOfBirth: "1990-02-28",
    notes: "two\nlines – “ü”",
    labId: 31,
    procedureMapId: 30,
  });
  assert.deepEqual(await sent(t, request), {
    CompanyId: 9001,
    DoctorId: 501,
    LicenseNumber: "LIC-9",
    PatientFirstName: "Pat",
    PatientLastName: "Example",
    PatientChartNumber: "C-17",
    Gender: "Female",
    DateOfBirth: "1990-02-28",
    Notes: "two\nlines – “ü”",
    labId: 31,
    procedureMapId: 30,
  });
});

const MANDATORY = {
  CompanyId: 9001,
  DoctorId: 501,
  PatientFirstName: "Pat",
  PatientLastName: "Example",
  PatientChartNumber: "C-17",
};

test("absent and null optional fields are left out (R30, R31)", async (t) => {
  assert.deepEqual(await sent(t, scanRequest()), MANDATORY);
  const nulls = {
    licenseNumber: null,
    gender: null,
    dateOfBirth: null,
    notes: null,
    labId: null,
    procedureMapId: null,
  };
  assert.deepEqual(await sent(t, scanRequest(nulls)), MANDATORY);
  const missing = Object.fromEntries(Object.keys(nulls).map((name) => [name, undefined]));
  assert.deepEqual(await sent(t, scanRequest(missing)), MANDATORY);
});

test("male is sent as the word Male (R24)", async (t) => {
  assert.equal((await sent(t, scanRequest({ gender: "male" }))).Gender, "Male");
});

test("ids given as digits are sent as numbers", async (t) => {
  const request = scanRequest({ companyId: "9001", doctorId: "501", labId: "31", procedureMapId: "30" });
  assert.deepEqual(await sent(t, request), { ...MANDATORY, labId: 31, procedureMapId: 30 });
});

test("a birth date is never shifted through a time zone, leap day included", async (t) => {
  assert.equal((await sent(t, scanRequest({ dateOfBirth: "2024-02-29" }))).DateOfBirth, "2024-02-29");
});

test("createScanRequest returns the RX id in lower case (R68)", async (t) => {
  const { client } = await scripted(t, () => json(200, envelope(RX_ID.toUpperCase())));
  assert.equal(await client.createScanRequest(scanRequest()), RX_ID);
});

test("a response without a GUID is a decode error", async (t) => {
  const { client } = await scripted(t, (_, index) => json(200, envelope(["not a guid", 17, null][index])));
  for (let i = 0; i < 3; i += 1)
    assert.equal((await rejection(client.createScanRequest(scanRequest()))).kind, "decode");
});

test("a 400 is bad-request and says what to check (R27)", async (t) => {
  const { client } = await scripted(t, () => text(400, "nope"));
  const error = await rejection(client.createScanRequest(scanRequest()));
  assert.equal(error.kind, "bad-request");
  assert.equal(error.status, 400);
  assert.equal(error.retryable, false);
  assert.match(error.message, /doctor/i);
});

test("a 409 is a conflict, whatever its body is (R32)", async (t) => {
  const bodies = ["", "more than one", "[]", '{"Status":0}', "<html>"];
  const { client } = await scripted(t, (_, index) => text(409, bodies[index]));
  for (const body of bodies) {
    const error = await rejection(client.createScanRequest(scanRequest()));
    assert.equal(error.kind, "conflict", body);
    assert.match(error.message, /chart number/i);
  }
});

// ---- refused before sending --------------------------------------------------------------------------------------

const refused = [
  ["companyId", [undefined, null, "", "12a", 1.5, {}, true, 2 ** 53]],
  ["doctorId", [undefined, null, "", "x"]],
  ["patientFirstName", [undefined, null, "", 7, {}]],
  ["patientLastName", [undefined, null, "", 7]],
  ["patientChartNumber", [undefined, null, "", 7]],
  ["gender", ["Male", "m", 109, 0, "unknown"]],
  [
    "dateOfBirth",
    [
      "2023-02-30",
      "2023-02-29",
      "2023-13-01",
      "2023-00-10",
      "2023-04-31",
      "30-02-2023",
      "2023-2-3",
      "yesterday",
      "",
      20230101,
      new Date(0),
    ],
  ],
  ["notes", [7, {}]],
  ["licenseNumber", [7]],
  ["labId", ["x", 1.5, {}]],
  ["procedureMapId", ["x", 1.5]],
];

for (const [field, values] of refused) {
  test(`a bad ${field} is refused before anything is sent, by name`, async (t) => {
    const { client, server } = await scripted(t, accepting);
    for (const value of values) {
      const error = await rejection(() => client.createScanRequest(scanRequest({ [field]: value })));
      const shown = `${field} = ${JSON.stringify(value)}`;
      assert.equal(error.kind, "invalid-argument", shown);
      assert.deepEqual(
        error.fieldErrors.map((each) => each.field),
        [field],
        shown,
      );
      assert.ok(error.fieldErrors[0].message.length > 0, shown);
      assert.match(error.message, new RegExp(`\\b${field}\\b`), shown);
    }
    assert.equal(server.requests.length, 0);
  });
}

test("every bad field is reported at once, each once", async (t) => {
  const { client, server } = await scripted(t, accepting);
  const error = await rejection(() =>
    client.createScanRequest({
      companyId: "x",
      gender: "other",
      dateOfBirth: "2023-02-30",
      labId: 1.5,
      patientLastName: "",
    }),
  );
  assert.equal(error.kind, "invalid-argument");
  assert.deepEqual(error.fieldErrors.map((each) => each.field).sort(), [
    "companyId",
    "dateOfBirth",
    "doctorId",
    "gender",
    "labId",
    "patientChartNumber",
    "patientFirstName",
    "patientLastName",
  ]);
  assert.equal(error.attempts, 0);
  assert.equal(error.retryable, false);
  assert.equal(server.requests.length, 0);
});

test("an unknown key is refused by name, along with the other bad fields", async (t) => {
  const { client, server } = await scripted(t, accepting);
  const error = await rejection(() =>
    client.createScanRequest(scanRequest({ patientFirstname: "Pat", dateOfBirth: "2023-02-30" })),
  );
  assert.equal(error.kind, "invalid-argument");
  assert.deepEqual(error.fieldErrors.map((each) => each.field).sort(), ["dateOfBirth", "patientFirstname"]);
  assert.equal(server.requests.length, 0);
});

test("something that is not an object is refused", async (t) => {
  const { client, server } = await scripted(t, accepting);
  for (const value of [undefined, null, 7, "x", []]) {
    assert.equal((await rejection(() => client.createScanRequest(value))).kind, "invalid-argument");
  }
  assert.equal(server.requests.length, 0);
});
