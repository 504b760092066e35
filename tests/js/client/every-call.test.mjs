// Every call with the sandbox, in process and over HTTP: what one call changes, the others see.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { inProcess, overHttp, push } from "../support/practices.mjs";
import * as shapes from "../support/shapes.mjs";
import { collect, rejection, test } from "../support/test.mjs";
import { FAST, PATIENT_ID, RX_ID } from "../support/wire.mjs";

const HOUR = 3_600_000;

for (const [where, start] of [
  ["in the process", inProcess],
  ["over HTTP", overHttp],
]) {
  /** @type {import("../support/practices.mjs").Practice} */
  let practice;
  /** @type {import("itero-dpms").DpmsClient} */
  let client;
  let number = 0;
  before(async () => {
    practice = await start();
    client = practice.client;
  });
  after(() => practice?.stop());

  /** A patient with a unique chart number. */
  const newPatient = (changes) => ({
    patientFirstName: "Ada",
    patientLastName: `Lovelace ${(number += 1)}`,
    patientChartNumber: `EVERY-${number}`,
    ...changes,
  });

  /** Pushes an RX for a new patient and returns what was sent with the RX's id. */
  async function pushed(changes) {
    const patient = newPatient(changes);
    return { ...patient, rxId: await push(client, patient) };
  }

  async function scanned(changes) {
    const rx = await pushed(changes);
    return { ...rx, ...(await practice.control.completeScan(rx.rxId)) };
  }

  const only = (list) => {
    assert.equal(list.length, 1);
    return list[0];
  };

  // ---- RXs and orders --------------------------------------------------------------------------------------------

  test(`${where}: a deleted RX can no longer be scanned or deleted (§4.3)`, async () => {
    const { rxId } = await pushed();
    assert.equal(await client.deleteScanRequest(rxId.toUpperCase()), rxId);
    await assert.rejects(practice.control.completeScan(rxId));
    const error = await rejection(client.deleteScanRequest(rxId));
    assert.equal(error.kind, "bad-request");
    assert.equal(error.status, 400);
  });

  test(`${where}: deleting an unknown RX is bad-request (§4.3.3)`, async () => {
    assert.equal((await rejection(client.deleteScanRequest(RX_ID))).kind, "bad-request");
  });

  test(`${where}: polling reports a completed scan and a changed status, each once (§4.4.6)`, async () => {
    const mine = (changes, rxId) => changes.filter(({ order }) => order.rxId === rxId);
    let stored = JSON.stringify((await client.pollOrders()).cursor);
    const poll = async () => {
      const { changes, cursor } = await client.pollOrders(JSON.parse(stored));
      stored = JSON.stringify(cursor);
      return changes;
    };
    const { rxId, orderId } = await scanned();
    const { kind, order, previousStatus } = only(mine(await poll(), rxId));
    assert.deepEqual([kind, order.orderId, previousStatus], ["new", orderId, null]);
    assert.deepEqual(await poll(), []);
    await practice.control.setOrderStatus(rxId, "Lab Review");
    const change = only(await poll());
    assert.deepEqual(
      [change.kind, change.order.rxId, change.order.status, change.previousStatus],
      ["status", rxId, "Lab Review", "Completed"],
    );
    assert.deepEqual(await poll(), []);
  });

  test(`${where}: the first poll reports each order that orders() lists`, async () => {
    const { changes } = await client.pollOrders();
    shapes.listOf(shapes.orderChange)(changes, "changes");
    const listed = await collect(client.orders());
    assert.deepEqual(
      changes.map(({ order }) => order),
      listed,
    );
    assert.ok(changes.every(({ kind }) => kind === "new"));
  });

  // ---- screen captures -------------------------------------------------------------------------------------------

  test(`${where}: a new screen capture is listed, can be downloaded by id and by link, and is in the order's zip`, async () => {
    const { orderId } = await scanned();
    assert.equal(await client.downloadScan(orderId, "SCREEN_CAPTURE"), null);
    const { captureId, fileUrl } = await practice.control.addScreenCapture(orderId);
    const list = await client.listScreenCaptures();
    shapes.screenCaptures(list, "captures");
    const listed = only(list.orders.filter((order) => order.orderId === orderId));
    const capture = only(listed.captures);
    assert.deepEqual([capture.captureId, capture.fileUrl], [captureId, fileUrl]);

    const byId = await client.downloadScreenCapture(orderId, captureId);
    const byLink = await client.downloadLink(fileUrl);
    const bytes = Buffer.from(await byId.arrayBuffer());
    assert.deepEqual([...bytes.subarray(0, 3)], [0xff, 0xd8, 0xff]);
    assert.deepEqual(Buffer.from(await byLink.arrayBuffer()), bytes);
    const zip = Buffer.from(await (await client.downloadScan(orderId, "SCREEN_CAPTURE")).arrayBuffer());
    assert.deepEqual([...zip.subarray(0, 2)], [0x50, 0x4b]);
  });

  test(`${where}: captures are sorted by order id and time and filtered by dateFrom (R92, R98)`, async () => {
    const first = await scanned();
    const second = await scanned();
    const at = [];
    for (const { orderId } of [second, first, second]) {
      at.push((await practice.control.addScreenCapture(orderId)).captureId);
      await practice.control.advanceClock(1_000);
    }
    const { orders } = await client.listScreenCaptures();
    const ids = orders.map((order) => order.orderId);
    assert.deepEqual(
      ids,
      [...ids].sort((a, b) => a - b),
    );
    const of = ({ orderId }) => only(orders.filter((order) => order.orderId === orderId)).captures;
    assert.deepEqual(
      of(second).map((capture) => capture.captureId),
      [at[0], at[2]],
    );
    assert.equal(only(of(first)).captureId, at[1]);
    const future = await client.listScreenCaptures({ dateFrom: "2999-01-01" }).catch((error) => error.kind);
    if (typeof future === "object")
      assert.deepEqual(
        future.orders.flatMap((order) => order.captures),
        [],
      );
  });

  test(`${where}: an unknown capture, or one of another order, is not-found`, async () => {
    const [mine, other] = [await scanned(), await scanned()];
    const { captureId } = await practice.control.addScreenCapture(mine.orderId);
    for (const [orderId, id] of [
      [other.orderId, captureId],
      [mine.orderId, "nothing"],
      [1, captureId],
    ]) {
      assert.equal((await rejection(client.downloadScreenCapture(orderId, id))).kind, "not-found");
    }
  });

  // ---- patients --------------------------------------------------------------------------------------------------

  test(`${where}: the patient of an RX is found by names or by chart number, with the same GUID in both searches`, async () => {
    const { patientFirstName, patientLastName, patientChartNumber } = await pushed({
      gender: "female",
      dateOfBirth: "2024-02-29",
    });
    const none = { firstName: "No", lastName: "Body", chartNumber: "none of these" };
    const names = { firstName: patientFirstName, lastName: patientLastName };
    const byName = only(await client.searchPatients({ ...none, ...names }));
    shapes.patientMatch(byName, "match");
    assert.deepEqual(only(await client.searchPatients({ ...none, chartNumber: patientChartNumber })), byName);
    assert.deepEqual([byName.gender, byName.dateOfBirth], ["female", "2024-02-29"]);
    const { patients, total, nextOffset } = await client.listPatients({ chartNumber: patientChartNumber });
    assert.deepEqual([total, nextOffset], [1, null]);
    const { creationDate, updatedDate, lastScanDate, ...person } = only(patients);
    assert.deepEqual(person, byName);
    assert.ok(creationDate && updatedDate, "it was created and updated today");
    assert.equal(lastScanDate, null, "and never scanned");
  });

  test(`${where}: patients() lists everybody once with any limit, supports wildcards, and lists nobody without a match`, async () => {
    const everybody = await collect(client.patients());
    shapes.listOf(shapes.patient)(everybody, "patients");
    assert.ok(everybody.length >= 60);
    assert.equal(new Set(everybody.map((each) => each.patientId)).size, everybody.length);
    assert.deepEqual(await collect(client.patients({ limit: 7 })), everybody);
    const { total, count } = await client.listPatients({ limit: 5 });
    assert.deepEqual([total, count], [everybody.length, 5]);

    const mine = (await pushed()).patientLastName;
    for (const lastName of ["Lovelace*", "love%", "*LACE *", `${mine.slice(0, 4)}*${mine.slice(-2)}`]) {
      const found = await collect(client.patients({ lastName }));
      assert.ok(
        found.some((each) => each.lastName === mine),
        lastName,
      );
      assert.ok(
        found.every((each) => /lovelace/i.test(each.lastName)),
        lastName,
      );
    }
    assert.deepEqual(await client.listPatients({ lastName: "Nobody of this name" }), {
      patients: [],
      total: 0,
      count: 0,
      offset: 0,
      nextOffset: null,
    });
  });

  test(`${where}: an update by GUID changes what it names, and the patient's order shows the new name`, async () => {
    const { rxId, patientFirstName, patientChartNumber } = await scanned();
    const before = only((await client.listPatients({ chartNumber: patientChartNumber })).patients);
    const record = await client.updatePatient({ patientId: before.patientId, lastName: "Byron" });
    shapes.patientRecord(record, "record");
    assert.deepEqual(
      [record.patientId, record.firstName, record.lastName, record.chartNumber],
      [before.patientId, patientFirstName, "Byron", patientChartNumber],
    );
    const after = only((await client.listPatients({ chartNumber: patientChartNumber })).patients);
    assert.deepEqual({ ...after, updatedDate: null }, { ...before, lastName: "Byron", updatedDate: null });
    assert.equal((await client.getOrder(rxId)).patientLastName, "Byron");
  });

  test(`${where}: an update of an unknown GUID is bad-request (§5.3.4)`, async () => {
    const error = await rejection(client.updatePatient({ patientId: PATIENT_ID, firstName: "x" }));
    assert.equal(error.kind, "bad-request");
    assert.equal(error.status, 400);
  });

  test(`${where}: an update by chart number changes names, birth date and gender (§5.4)`, async () => {
    const { patientChartNumber } = await pushed({ gender: "male", dateOfBirth: "1990-01-01" });
    const updated = await client.updatePatientByChartNumber({
      chartNumber: patientChartNumber,
      firstName: "Augusta",
      dateOfBirth: "1815-12-10",
      gender: "female",
    });
    assert.equal(updated, undefined);
    const { firstName, dateOfBirth, gender } = only(
      (await client.listPatients({ chartNumber: patientChartNumber })).patients,
    );
    assert.deepEqual([firstName, dateOfBirth, gender], ["Augusta", "1815-12-10", "female"]);
    const error = await rejection(client.updatePatientByChartNumber({ chartNumber: "nobody's", firstName: "x" }));
    assert.equal(error.kind, "not-found");
  });

  test(`${where}: a chart number of two patients is a conflict that names both, by update and by RX (§5.4.3, §4.2)`, async () => {
    const [one, two] = [await pushed(), await pushed()];
    const { patientId } = only((await client.listPatients({ chartNumber: two.patientChartNumber })).patients);
    await client.updatePatient({ patientId, chartNumber: one.patientChartNumber });
    const both = await client.searchPatients({ firstName: "", lastName: "", chartNumber: one.patientChartNumber });
    const ids = both.filter((each) => each.chartNumber === one.patientChartNumber).map((each) => each.patientId);
    assert.equal(ids.length, 2);

    const error = await rejection(
      client.updatePatientByChartNumber({ chartNumber: one.patientChartNumber, firstName: "x" }),
    );
    assert.equal(error.kind, "conflict");
    shapes.listOf(shapes.patientRecord)(error.matches, "matches");
    assert.deepEqual(error.matches.map((match) => match.patientId).sort(), [...ids].sort());
    const { rxId, ...patient } = one;
    const pushing = await rejection(push(client, { ...patient, patientFirstName: "New" }));
    assert.equal(pushing.kind, "conflict", `${pushing.message} (beside ${rxId})`);

    await client.updatePatient({ patientId, chartNumber: two.patientChartNumber });
    await client.updatePatientByChartNumber({ chartNumber: one.patientChartNumber, firstName: "Resolved" });
  });

  // ---- the rest --------------------------------------------------------------------------------------------------

  test(`${where}: request() reaches the raw API of both versions`, async () => {
    const { Data, Status } = await client.request("GET", "practice-configuration");
    assert.equal(Status, 1);
    assert.equal(Data.Header.CompanyId, (await client.practiceConfiguration()).companyId);
    const found = await client.request("GET", "/patient/search", { version: 3, query: { Limit: 1 } });
    assert.equal(found.Data.length, 1);
    assert.equal(found.Meta.Count, 1);
  });

  test(`${where}: the V3 400 of a parameter names it and repeats no value`, async () => {
    const error = await rejection(
      client.request("GET", "patient/search", { version: 3, query: { LastScanDateTo: "2024-01-1199" } }),
    );
    assert.equal(error.kind, "bad-request");
    assert.equal(error.status, 400);
    assert.ok(!JSON.stringify(error).includes("2024-01-1199"));
  });

  test(`${where}: an expired token is refused on every call until it is refreshed, once`, async () => {
    let refreshes = 0;
    let next;
    const patient = newPatient();
    const other = await practice.connect({
      refresh: async () => {
        refreshes += 1;
        return next;
      },
    });
    next = await practice.control.expireToken();
    await Promise.all([other.listPatients(), other.listScreenCaptures(), other.listOrders()]);
    assert.equal(refreshes, 1);
    const stale = await rejection(client.searchPatients({ firstName: "", lastName: "", chartNumber: "x" }));
    assert.equal(stale.kind, "unauthorized");
    const rxId = await push(other, patient);
    assert.equal(await other.deleteScanRequest(rxId), rxId);
    client = await practice.connect({ accessToken: next });
  });

  test(`${where}: a delete whose response is lost succeeds`, async () => {
    const patient = newPatient();
    const retrying = await practice.connect({ accessToken: await practice.control.expireToken(), retry: FAST });
    client = retrying;
    const rxId = await push(retrying, patient);
    await practice.control.addFault({ endpoint: "scan-request", method: "DELETE", reset: true, applied: true });
    assert.equal(await retrying.deleteScanRequest(rxId), rxId);
    await assert.rejects(practice.control.completeScan(rxId));
  });

  test(`${where}: each injected fault is the same failure as on a real network`, async () => {
    const { control } = practice;
    const once = (fault) => control.addFault({ endpoint: "patient/search", ...fault });
    const search = (options) =>
      client.searchPatients({ firstName: "", lastName: "", chartNumber: "EVERY-1" }, { retry: false, ...options });
    for (const [fault, kind, options] of [
      [{ status: 429, retryAfterSeconds: 7 }, "rate-limited"],
      [{ status: 503 }, "server"],
      [{ status: 401 }, "unauthorized"],
      [{ reset: true }, "network"],
      [{ truncateAfterBytes: 5 }, "truncated"],
      [{ delayMs: 2_000 }, "timeout", { timeoutMs: 200 }],
    ]) {
      await once(fault);
      const error = await rejection(search(options));
      assert.equal(error.kind, kind, JSON.stringify(fault));
      if (fault.retryAfterSeconds) assert.equal(error.retryAfterMs, 7_000);
    }
    await control.addFault({ endpoint: "patient/search", status: 500, times: 2 });
    assert.ok(Array.isArray(await search({ retry: FAST })), "it succeeds after two failures");
    await control.addFault({ status: 503 });
    await control.clearFaults();
    assert.ok(Array.isArray(await search()));
  });

  test(`${where}: a fault for one version or method does not affect others`, async () => {
    const { control } = practice;
    await control.addFault({ endpoint: "patients", method: "PATCH", status: 503, times: 9 });
    assert.ok((await client.listPatients({ limit: 1 })).total > 0);
    assert.ok((await client.practiceConfiguration()).companyId > 0);
    const update = client.updatePatient({ patientId: PATIENT_ID, firstName: "x" }, { retry: false });
    assert.equal((await rejection(update)).status, 503);
    await control.clearFaults();
  });

  test(`${where}: since shows the 14 days without dateFrom and the 90 days with it (§4.8.2, R93)`, async () => {
    const days = (since) => (Date.now() - Date.parse(since)) / (24 * HOUR);
    const recent = await client.listScreenCaptures();
    assert.ok(Math.abs(days(recent.since) - 14) < 1.1, recent.since);
    const all = await client.listScreenCaptures({ dateFrom: "2015-01-01" });
    assert.ok(Math.abs(days(all.since) - 90) < 1.1, all.since);
  });
}
