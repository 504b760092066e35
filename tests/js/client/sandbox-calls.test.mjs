// Every call of the client with the in-process sandbox: what one call writes another reads, in V2 and V3.
import assert from "node:assert/strict";
import { createClient } from "itero-dpms";
import { createSandbox } from "itero-dpms/sandbox";
import { push } from "../support/practices.mjs";
import { collect, rejection, test } from "../support/test.mjs";

const NOW = Date.UTC(2026, 0, 15, 12);

async function connect(options) {
  const sandbox = await createSandbox({ now: () => NOW, ...options });
  const client = await createClient({
    endpoints: sandbox.endpoints,
    accessToken: () => sandbox.accessToken,
    fetch: sandbox.fetch,
    retry: { baseDelayMs: 1, maxDelayMs: 2 },
  });
  return { sandbox, control: sandbox.control, client };
}

test("a pushed RX is deleted once", async () => {
  const { client, control } = await connect();
  const rxId = await push(client);
  assert.equal(await client.deleteScanRequest(rxId.toUpperCase()), rxId);
  assert.equal((await rejection(client.deleteScanRequest(rxId))).kind, "bad-request");
  assert.equal((await rejection(control.completeScan(rxId))).constructor, RangeError);
});

test("a deletion whose response was lost succeeds when it is repeated", async () => {
  const { client, control } = await connect();
  const rxId = await push(client);
  await control.addFault({ method: "DELETE", reset: true, applied: true });
  assert.equal(await client.deleteScanRequest(rxId), rxId);
  assert.equal((await rejection(control.completeScan(rxId))).constructor, RangeError);
});

test("polling reports a new order and a changed status once each", async () => {
  const { client, control } = await connect();
  let { cursor, changes } = await client.pollOrders();
  assert.equal(changes.length, 336);
  const rxId = await push(client);
  await control.completeScan(rxId);
  ({ cursor, changes } = await client.pollOrders(cursor));
  assert.deepEqual(
    changes.map(({ kind, order }) => [kind, order.rxId]),
    [["new", rxId]],
  );
  await control.setOrderStatus(rxId, "Lab Review");
  ({ cursor, changes } = await client.pollOrders(cursor));
  assert.deepEqual(
    changes.map(({ kind, order, previousStatus }) => [kind, order.status, previousStatus]),
    [["status", "Lab Review", "Completed"]],
  );
  assert.deepEqual((await client.pollOrders(cursor)).changes, []);
});

test("screen captures are listed and downloaded one by one and as a zip", async () => {
  const { client } = await connect();
  const { orders, companyId, since } = await client.listScreenCaptures();
  assert.equal(companyId, 90360);
  assert.equal(Date.parse(since), NOW - 14 * 86_400_000);
  const [{ orderId, captures }] = orders;
  const jpeg = await client.downloadScreenCapture(orderId, captures[0].captureId);
  assert.deepEqual([...new Uint8Array(await jpeg.arrayBuffer()).subarray(0, 3)], [0xff, 0xd8, 0xff]);
  const link = await client.downloadLink(captures[0].fileUrl);
  assert.equal(link.headers.get("content-type"), "image/jpeg");
  const zip = await client.downloadScan(orderId, "SCREEN_CAPTURE");
  assert.equal(zip.headers.get("content-type"), "application/zip");
  const [{ orderId: without }] = (await client.listOrders({ offset: 0, pageSize: 1 })).orders;
  assert.equal(await client.downloadScan(without, "SCREEN_CAPTURE"), null);
  assert.ok((await client.listScreenCaptures({ dateFrom: "2025-11-01" })).orders.length > orders.length);
});

test("every patient is listed once, with any page size, and keeps every field", async () => {
  const { client } = await connect();
  const all = await collect(client.patients());
  assert.equal(all.length, 66);
  assert.deepEqual(await collect(client.patients({ limit: 7 })), all);
  for (const text of ["דוגמה", "مثال", "見本", "d’Exemple"]) assert.ok(all.some(({ lastName }) => lastName === text));
  assert.ok(all.some(({ chartNumber }) => chartNumber === null));
  assert.ok(all.some(({ lastScanDate }) => lastScanDate === null));
  assert.ok(all.some(({ gender }) => gender === "female") && all.some(({ gender }) => gender === null));
  assert.deepEqual((await client.listPatients({ firstName: "Nobody" })).patients, []);
});

test("both searches return the same values of a patient", async () => {
  const { client } = await connect();
  const same = ({ patientId, firstName, lastName, chartNumber, dateOfBirth, gender }) => [
    patientId,
    firstName,
    lastName,
    chartNumber,
    dateOfBirth,
    gender,
  ];
  for (const chartNumber of ["SB-1000", "SB-1009", "SB-1064"]) {
    const { patients } = await client.listPatients({ chartNumber });
    const matches = await client.searchPatients({ firstName: "", lastName: "", chartNumber });
    assert.equal(matches.length, 1);
    assert.deepEqual(matches.map(same), patients.map(same));
  }
});

test("a patient is updated by id and by chart number", async () => {
  const { client } = await connect();
  const [{ patientId }] = (await client.listPatients({ chartNumber: "SB-1001" })).patients;
  const record = await client.updatePatient({ patientId, firstName: "Zoë", lastName: "名" });
  assert.deepEqual([record.patientId, record.firstName, record.lastName], [patientId, "Zoë", "名"]);
  assert.equal(Date.parse(record.dateUpdated), NOW);
  const update = { chartNumber: "SB-1001", dateOfBirth: "1990-02-28", gender: "female" };
  await client.updatePatientByChartNumber(update);
  const [patient] = (await client.listPatients({ chartNumber: "SB-1001" })).patients;
  assert.deepEqual([patient.firstName, patient.dateOfBirth, patient.gender], ["Zoë", "1990-02-28", "female"]);
});

test("a shared chart number is a conflict that lists the patients who share it", async () => {
  const { client } = await connect();
  const error = await rejection(client.updatePatientByChartNumber({ chartNumber: "SB-1023", firstName: "X" }));
  assert.equal(error.kind, "conflict");
  const sharing = (await client.listPatients({ chartNumber: "SB-1023" })).patients;
  assert.deepEqual(
    error.matches.map(({ patientId }) => patientId),
    sharing.map(({ patientId }) => patientId),
  );
  assert.equal((await rejection(push(client, { patientChartNumber: "SB-1023" }))).kind, "conflict");
});

test("patient calls are unauthorized where patient management is not enabled", async () => {
  const { client } = await connect({ patientUpdates: false });
  for (const work of [
    client.searchPatients({ firstName: "", lastName: "", chartNumber: "" }),
    client.listPatients(),
    client.updatePatientByChartNumber({ chartNumber: "SB-1001", firstName: "X" }),
  ]) {
    const error = await rejection(work);
    assert.deepEqual([error.kind, error.status], ["unauthorized", 403]);
  }
});

test("an expired token is refreshed with the one that the sandbox issues", async () => {
  const sandbox = await createSandbox();
  let refreshed = 0;
  const client = await createClient({
    endpoints: sandbox.endpoints,
    accessToken: sandbox.accessToken,
    fetch: sandbox.fetch,
    refresh: async () => {
      refreshed += 1;
      return sandbox.accessToken;
    },
  });
  await sandbox.control.expireToken();
  await Promise.all([client.practiceConfiguration(), client.listPatients(), client.listScreenCaptures()]);
  assert.equal(refreshed, 1);
});
