// The status codes of every section of the document: for each call and status, the error's kind and what its message advises.
import assert from "node:assert/strict";
import { isDpmsError } from "itero-dpms";
import { calls } from "../support/calls.mjs";
import { json, noContent, text } from "../support/faulty-server.mjs";
import { rejection, test } from "../support/test.mjs";
import { scripted } from "../support/wire.mjs";

const TOKEN_REFUSED = [401, "unauthorized", /token/i, false];
const FAILED = [500, "server", /again/i, true];

/** For each call: the status, the kind, what the message says, and whether a retry can succeed. */
const TABLES = [
  ["practiceConfiguration", "§4.1.2", [TOKEN_REFUSED, FAILED]],
  [
    "createScanRequest",
    "§4.2.2",
    [
      [400, "bad-request", /doctorId/i, false],
      TOKEN_REFUSED,
      [409, "conflict", /chart number.*updates?/is, false],
      FAILED,
    ],
  ],
  ["deleteScanRequest", "§4.3.3", [[400, "bad-request", /RX/i, false], TOKEN_REFUSED, FAILED]],
  ["listOrders", "§4.4.3", [TOKEN_REFUSED, FAILED]],
  ["orders", "§4.4.3", [TOKEN_REFUSED, FAILED]],
  ["pollOrders", "§4.4.3", [TOKEN_REFUSED, FAILED]],
  [
    "getOrder",
    "§4.6.3",
    [[400, "bad-request", /rxId.*format/is, false], TOKEN_REFUSED, [404, "not-found", /RX/, false], FAILED],
  ],
  [
    "downloadScan",
    "§4.7.3",
    [[400, "bad-request", /asset/i, false], TOKEN_REFUSED, [404, "not-ready", /minute/i, true], FAILED],
  ],
  ["listScreenCaptures", "§4.8.3", [TOKEN_REFUSED, FAILED]],
  [
    "downloadScreenCapture",
    "§4.9 (R90)",
    [[400, "bad-request", /./, false], TOKEN_REFUSED, [404, "not-found", /order|capture/i, false], FAILED],
  ],
  ["searchPatients", "§5.1 (R105, R132)", [[400, "bad-request", /./, false], TOKEN_REFUSED, FAILED]],
  ["listPatients", "§5.2.4", [[400, "bad-request", /./, false], TOKEN_REFUSED, FAILED]],
  ["patients", "§5.2.4", [[400, "bad-request", /./, false], TOKEN_REFUSED, FAILED]],
  [
    "updatePatient",
    "§5.3.4",
    [
      [
        400,
        "bad-request",
        /patient.*(chang|updat|differ|same|equal)|(chang|updat|differ|same|equal).*patient/is,
        false,
      ],
      TOKEN_REFUSED,
      [404, "not-found", /patientId|GUID/i, false],
      FAILED,
    ],
  ],
  [
    "updatePatientByChartNumber",
    "§5.4.3",
    [
      [400, "bad-request", /chart ?number/i, false],
      TOKEN_REFUSED,
      [404, "not-found", /chart ?number/i, false],
      [409, "conflict", /chart ?number/i, false],
      FAILED,
    ],
  ],
];

for (const [name, section, rows] of TABLES) {
  const [call] = calls(name);

  for (const [status, kind, recommendation, retryable] of rows) {
    test(`${name}: a ${status} has kind ${kind} and says what to do (${section})`, async (t) => {
      const { client, server } = await scripted(t, () => text(status, ""), { retry: false });
      const error = await rejection(call.run(client));
      assert.ok(isDpmsError(error), String(error));
      assert.equal(error.kind, kind);
      assert.equal(error.status, status);
      assert.equal(error.retryable, retryable);
      assert.equal(error.method, call.method);
      assert.equal(error.endpoint, call.endpoint);
      assert.equal(error.attempts, 1);
      assert.ok(error.message.startsWith(`${call.method} ${call.endpoint}: `), error.message);
      const advice = error.message.slice(`${call.method} ${call.endpoint}: `.length);
      assert.match(advice, recommendation);
      assert.ok(advice.length >= 20, `too short to help: ${advice}`);
      assert.equal(server.requests.length, 1);
    });
  }
}

test("a 404 for a patient search means no match, not a failure (§5.2.4, R110)", async (t) => {
  const { client } = await scripted(t, () => text(404, ""));
  assert.deepEqual((await client.listPatients()).patients, []);
});

test("a download's 404 is not-found, except that 3D files are waited for (§4.7.3, R80)", async (t) => {
  const { client } = await scripted(t, () => text(404, ""));
  assert.equal((await rejection(client.downloadScan(1, "IDE", { waitMs: 0 }))).kind, "not-ready");
  for (const asset of ["IMAGE_GALLERY", "SCREEN_CAPTURE"]) {
    const error = await rejection(client.downloadScan(1, asset));
    assert.equal(error.kind, "not-found");
    assert.match(error.message, /order/i);
  }
});

test("a 204 is null for an order's zips and not-found for a single capture (§4.7.3)", async (t) => {
  const { client } = await scripted(t, () => noContent());
  assert.equal(await client.downloadScan(1, "SCREEN_CAPTURE"), null);
  const error = await rejection(client.downloadScreenCapture(1, "capture-7"));
  assert.equal(error.kind, "not-found");
  assert.equal(error.status, 204);
});

for (const name of ["searchPatients", "listPatients", "updatePatient", "updatePatientByChartNumber"]) {
  test(`${name}: a 403 says that patient management may not be enabled (R10)`, async (t) => {
    const { client } = await scripted(t, () => text(403, ""));
    const error = await rejection(calls(name)[0].run(client));
    assert.equal(error.kind, "unauthorized");
    assert.equal(error.status, 403);
    assert.match(error.message, /enable/i);
    assert.match(error.message, /patient/i);
  });
}

test("a 403 never asks for a new token", async (t) => {
  let refreshes = 0;
  const { client } = await scripted(t, () => text(403, ""), { refresh: async () => `token-${(refreshes += 1)}` });
  for (const call of calls("searchPatients", "updatePatient", "deleteScanRequest", "listScreenCaptures")) {
    await rejection(call.run(client));
  }
  assert.equal(refreshes, 0);
});

for (const [name, body] of [
  ["updatePatient", { Status: 0 }],
  ["searchPatients", { Status: 0 }],
  ["listPatients", { Status: 2, Message: "x", Code: "Y", Errors: [] }],
  ["deleteScanRequest", { Data: null, Status: 0 }],
  ["listScreenCaptures", { Data: null, Status: 0 }],
]) {
  test(`${name}: a 200 whose envelope says failure is an error (R22, R115)`, async (t) => {
    const { client } = await scripted(t, () => json(200, body), { retry: false });
    const error = await rejection(calls(name)[0].run(client));
    assert.ok(["server", "decode"].includes(error.kind), error.kind);
    assert.equal(error.status, 200);
  });
}
