// `sandbox.control`: scans, statuses, captures, tokens and the clock.
import assert from "node:assert/strict";
import { createSandbox } from "itero-dpms/sandbox";
import { rejection, test } from "../support/test.mjs";
import { openSandbox } from "../support/sandbox-practice.mjs";

const UNKNOWN = "5d0f2c4e-9a1b-4c3d-8e7f-60718293a4b5";

test("setOrderStatus sets the status and resolves to undefined", async () => {
  const { control, firstOrder, statusOf } = await openSandbox();
  const { RxId } = await firstOrder();
  assert.equal(await control.setOrderStatus(RxId.toUpperCase(), "Lab Review"), undefined);
  assert.equal(await statusOf(RxId), "Lab Review");
});

test("a screen capture is listed and is a JPEG at its URL", async () => {
  const { sandbox, control, get, firstOrder } = await openSandbox();
  const { OrderId } = await firstOrder();
  const { captureId, fileUrl } = await control.addScreenCapture(OrderId);
  assert.ok(fileUrl.endsWith(`/order/${OrderId}/download/SCREEN_CAPTURE/${captureId}`), fileUrl);
  const { Data } = await (await get("/latest-files")).json();
  const listed = Data.OrderFileUrls.find((order) => order.OrderId === String(OrderId));
  assert.deepEqual(
    listed.Urls.SCREEN_CAPTURE.map((capture) => capture.FileUrl),
    [fileUrl],
  );
  const headers = { Authorization: `Bearer ${sandbox.accessToken}` };
  const picture = await sandbox.fetch(fileUrl, { headers });
  assert.equal(picture.headers.get("content-type"), "image/jpeg");
  const bytes = new Uint8Array(await picture.arrayBuffer());
  assert.deepEqual([...bytes.subarray(0, 3), ...bytes.subarray(-2)], [0xff, 0xd8, 0xff, 0xff, 0xd9]);
});

test("an expired token is 401, and the sandbox names the next one", async () => {
  const { sandbox, control, get } = await openSandbox({ accessToken: "first" });
  const next = await control.expireToken();
  assert.notEqual(next, "first");
  assert.equal(sandbox.accessToken, next);
  assert.equal((await get("/practice-configuration")).status, 200);
  const stale = { headers: { Authorization: "Bearer first" } };
  assert.equal((await get("/practice-configuration", stale)).status, 401);
});

test("the clock runs ahead of `now`", async () => {
  const { control, get } = await openSandbox({ now: () => Date.UTC(2026, 0, 15, 12) });
  await control.advanceClock(86_400_000);
  await control.advanceClock(0.5);
  const { Data } = await (await get("/practice-configuration")).json();
  assert.equal(Data.Header.ReportDate, "2026-01-16");
});

test("without patient updates the patient calls are 403 and a differing name makes a new patient", async () => {
  const { get, push, sandbox } = await openSandbox({ patientUpdates: false });
  assert.equal((await get("/patient/search?chartNumber=SB-1001")).status, 403);
  assert.equal((await get("/v3/patient/search")).status, 403);
  await push("SB-1008"); // two patients have it
  const { get: search } = await openSandbox({ snapshot: sandbox.control.snapshot() });
  assert.equal((await (await search("/patient/search?chartNumber=SB-1008")).json()).length, 3);
});

test("with patient updates a shared chart number is 409", async () => {
  const { send } = await openSandbox();
  const patient = { PatientFirstName: "Maria", PatientLastName: "Jansen", PatientChartNumber: "SB-1008" };
  const response = await send("POST", "/scan-request", { CompanyId: 90360, DoctorId: 5201, ...patient });
  assert.equal(response.status, 409);
});

test("an unknown id is a RangeError, a wrong argument a TypeError", async () => {
  const { control, push } = await openSandbox();
  const waiting = await push();
  for (const work of [
    () => control.completeScan(UNKNOWN),
    () => control.setOrderStatus(UNKNOWN, "Completed"),
    () => control.setOrderStatus(waiting, "Completed"),
    () => control.addScreenCapture(1),
  ]) {
    const error = await rejection(work);
    assert.equal(error.constructor, RangeError, `${work}`);
    assert.match(error.message, /^(completeScan|setOrderStatus|addScreenCapture): There is no/);
  }
  for (const work of [
    () => control.completeScan("x"),
    () => control.completeScan(),
    () => control.setOrderStatus(waiting, " "),
    () => control.setOrderStatus(waiting, 7),
    () => control.addScreenCapture("one"),
    () => control.addScreenCapture(NaN),
    () => control.setCallbackUrl("nowhere"),
    () => control.setCallbackUrl(undefined),
    () => control.advanceClock(-1),
    () => control.advanceClock(NaN),
    () => control.advanceClock(Infinity),
    () => control.addFault({}),
    () => control.addFault(),
    () => control.addFault({ status: 503, times: NaN }),
    () => control.addFault({ delayMs: Infinity }),
    () => control.addFault({ status: 503, time: 1 }),
  ]) {
    assert.equal((await rejection(work)).constructor, TypeError, `${work}`);
  }
});

test("a snapshot restores statuses, captures, patients, the token, the clock and the callback URL, not the faults", async () => {
  const now = () => Date.UTC(2026, 0, 15, 12);
  const { sandbox, control, send, firstOrder } = await openSandbox({ now });
  const { RxId, OrderId } = await firstOrder();
  await control.setOrderStatus(RxId, "Lab Review");
  const { captureId } = await control.addScreenCapture(OrderId);
  const renamed = { ChartNumber: "SB-1001", FirstName: "Nova" };
  assert.equal((await send("PATCH", "/patient/by-chart-number", renamed)).status, 200);
  await control.advanceClock(3_600_000);
  await control.setCallbackUrl("http://127.0.0.1:9/callback");
  const token = await control.expireToken();
  await control.addFault({ status: 500, times: Infinity });

  const again = await openSandbox({ now, snapshot: control.snapshot() });
  assert.equal(again.sandbox.accessToken, token);
  assert.equal(again.control.snapshot(), control.snapshot());
  assert.equal((await again.firstOrder()).Status, "Lab Review");
  const captures = await (await again.get("/latest-files")).text();
  assert.ok(captures.includes(captureId));
  const [patient] = await (await again.get("/patient/search?chartNumber=SB-1001")).json();
  assert.equal(patient.FirstName, "Nova");
  await again.control.completeScan(await again.push());
  assert.match(JSON.stringify(await (await again.get("/orders/practice?Offset=336&pageSize=1")).json()), /T13:00:00/);
  await again.control.callbacksSettled(); // nobody listens there
  assert.notEqual(sandbox, again.sandbox);
});

test("a snapshot of the first version is refused", async () => {
  const error = await rejection(() => createSandbox({ snapshot: '{"format":1,"seed":1,"created":0,"events":[]}' }));
  assert.equal(error.constructor, TypeError);
  assert.match(error.message, /format is 1/);
});
