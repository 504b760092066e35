// Before an RX is sent, the portal checks whether the practice knows the patient. While it waits, it can be deleted.
import assert from "node:assert/strict";
import { json, reset, startFaultyServer } from "../support/faulty-server.mjs";
import { portalForThisFile } from "../support/portal.mjs";
import { test } from "../support/test.mjs";
import { RX_ID, envelope, wirePage, wirePractice } from "../support/wire.mjs";

const portals = portalForThisFile();

/** Opens the form with a patient filled in. In the sandbox SB-1001 is Noah Sample, and two patients share SB-1008. */
async function fill(t, patient) {
  const portal = await portals.open(t, { path: "#/new-scan" });
  await portal.fillScanRequest({ birth: "", ...patient });
  return portal;
}

const sent = (portal) => portal.calls(/^POST scan-request$/).length;

test("a patient whom the practice does not know is sent at once", { timeout: 60_000 }, async (t) => {
  const portal = await fill(t, { chart: "E2E-NEW" });
  await portal.$("rx-submit").click();
  await portal.sentRx();
  assert.deepEqual(portal.calls(/patient\/search|POST scan-request/), ["GET patient/search", "POST scan-request"]);
  portal.assertNoProblems();
});

test("a patient whom the practice knows by all three details is sent at once", { timeout: 60_000 }, async (t) => {
  const portal = await fill(t, { firstName: "Noah", lastName: "Sample", chart: "SB-1001" });
  await portal.$("rx-submit").click();
  await portal.sentRx();
  portal.assertNoProblems();
});

test("another patient's chart number is queried, and their details can be used", { timeout: 60_000 }, async (t) => {
  const portal = await fill(t, { firstName: "Noa", lastName: "Sample", chart: "SB-1001" });
  await portal.$("rx-submit").click();
  await portal.$("patient-found").waitFor();
  assert.match(await portal.$("patient-found").innerText(), /another name[\s\S]*Noah Sample/);
  assert.equal(
    await portal
      .$("patient-found")
      .getByRole("heading")
      .evaluate((h) => h === document.activeElement),
    true,
  );
  assert.equal(sent(portal), 0);
  await portal.$("use-patient").click();
  assert.equal(await portal.field("patientFirstName").inputValue(), "Noah");
  assert.notEqual(await portal.field("dateOfBirth").inputValue(), "", "other details that the practice knows");
  assert.equal(await portal.hasFocus(portal.$("rx-submit")), true);
  await portal.$("rx-submit").click();
  await portal.sentRx();
  assert.equal(portal.bodies("scan-request")[0].PatientFirstName, "Noah");
  portal.assertNoProblems();
});

test(
  "a known name with another chart number is queried, and can be sent as entered",
  { timeout: 60_000 },
  async (t) => {
    const portal = await fill(t, { firstName: "Noah", lastName: "Sample", chart: "E2E-OTHER" });
    await portal.$("rx-submit").click();
    await portal.$("patient-found").waitFor();
    assert.match(await portal.$("patient-found").innerText(), /another chart number[\s\S]*SB-1001/);
    await portal.$("send-anyway").click();
    await portal.sentRx();
    assert.equal(portal.bodies("scan-request")[0].PatientChartNumber, "E2E-OTHER");
    assert.equal(await portal.$("patient-found").count(), 0);
    portal.assertNoProblems();
  },
);

test("a date of birth that differs from the practice's is queried", { timeout: 60_000 }, async (t) => {
  const portal = await fill(t, { firstName: "Noah", lastName: "Sample", chart: "SB-1001", birth: "1900-01-01" });
  await portal.$("rx-submit").click();
  await portal.$("patient-found").waitFor();
  assert.match(await portal.$("patient-found").innerText(), /date of birth/);
  assert.equal(sent(portal), 0);
  portal.assertNoProblems();
});

test(
  "a shared chart number is queried, and if it is still refused no input is lost",
  { timeout: 60_000 },
  async (t) => {
    const portal = await fill(t, { firstName: "Somebody", lastName: "Else", chart: "SB-1008" });
    await portal.field("notes").fill("keep me");
    await portal.$("rx-submit").click();
    await portal.$("patient-found").waitFor();
    assert.equal(await portal.$("known-patient").count(), 2);
    portal.expect(409, /\/scan-request$/);
    await portal.$("send-anyway").click();
    await portal.$("rx-form-error").waitFor();
    assert.match(await portal.$("rx-form-error").innerText(), /chart number/i);
    assert.equal(await portal.field("notes").inputValue(), "keep me");
    assert.equal(await portal.field("patientFirstName").inputValue(), "Somebody");
    await portal.$("rx-form-error").getByRole("link").click();
    await portal.$("patient-row").first().waitFor();
    await portal.$("nav-new-scan").click();
    assert.equal(await portal.field("notes").inputValue(), "keep me");
    portal.assertNoProblems();
  },
);

test("existing patients are found by name or by chart number, either is enough", { timeout: 60_000 }, async (t) => {
  const portal = await fill(t, { firstName: "Noah", lastName: "Sample", chart: "SB-1008" });
  await portal.$("find-patient").click();
  await portal.$("patient-found").waitFor();
  assert.equal(await portal.$("known-patient").count(), 3, "one with this name, two with this number");
  await portal.$("patient-found").getByText("How patients are found").click();
  assert.match(await portal.$("patient-found").innerText(), /either is enough/);

  await portal.field("patientFirstName").fill("");
  await portal.field("patientLastName").fill("");
  await portal.field("patientChartNumber").fill("");
  await portal.$("find-patient").click();
  await portal.$("known-patient").filter({ hasText: "no chart number" }).first().waitFor();
  assert.equal(sent(portal), 0);
  portal.assertNoProblems();
});

/** A practice with a scripted patient search. */
async function practiceWith(t, search) {
  const server = await startFaultyServer((request) => {
    if (request.path.endsWith("/practice-configuration")) return json(200, envelope(wirePractice()));
    if (request.path.endsWith("/orders/practice")) return json(200, wirePage([]));
    if (request.path.endsWith("/scan-request")) return json(200, envelope(RX_ID));
    return search();
  });
  t.after(() => server.close());
  const portal = await portals.open(t);
  await portal.connectTo(server.baseUrl, "SOME-TOKEN");
  await portal.connected("Own practice");
  await portal.$("nav-new-scan").click();
  await portal.fillScanRequest({ chart: "E2E-CHECK" });
  return portal;
}

test("without patient management the RX is sent without a check", { timeout: 60_000 }, async (t) => {
  const portal = await practiceWith(t, () => json(403, ""));
  portal.expect(403, /\/patient\/search$/);
  await portal.$("rx-submit").click();
  assert.equal(await portal.sentRx(), RX_ID);
  portal.assertNoProblems();
});

test("a check that fails says that nothing was sent; the RX can be sent without it", { timeout: 60_000 }, async (t) => {
  const portal = await practiceWith(t, () => reset());
  portal.expect("lost", /\/patient\/search$/);
  await portal.$("rx-submit").click();
  await portal.$("patient-check-error").waitFor();
  assert.match(await portal.$("patient-check-error").innerText(), /not sent/i);
  assert.equal(sent(portal), 0);
  assert.equal(await portal.field("patientFirstName").inputValue(), "Maria");
  await portal.$("send-anyway").click();
  assert.equal(await portal.sentRx(), RX_ID);
  portal.assertNoProblems();
});

test("a waiting RX is deleted permanently after confirmation", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t);
  const kept = await portal.pushScanRequest({ chart: "E2E-KEPT" });
  const rxId = await portal.pushScanRequest({ firstName: "Moritz", chart: "E2E-DELETED" });
  const remove = portal.pendingScan(rxId).getByTestId("delete-rx");

  await remove.focus();
  await portal.page.keyboard.press("Enter");
  const dialog = portal.$("delete-dialog");
  await dialog.waitFor();
  assert.match(await dialog.innerText(), /Moritz Jansen/);
  assert.equal(await portal.hasFocus(portal.$("delete-cancel")), true, "Cancel has the focus");
  await portal.page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  assert.equal(await portal.hasFocus(remove), true, "the focus is back where it was");
  await remove.click();
  await portal.$("delete-cancel").click();
  await dialog.waitFor({ state: "detached" });
  assert.equal(portal.calls(/^DELETE/).length, 0);

  await remove.click();
  await portal.$("delete-confirm").click();
  await portal.pendingScan(rxId).waitFor({ state: "detached" });
  assert.deepEqual(portal.calls(/^DELETE/), [`DELETE scan-request/${rxId}`]);
  await portal.$("delete-dialog").waitFor({ state: "detached" });
  assert.equal(await portal.page.evaluate(() => document.activeElement?.id), "pending-heading");
  assert.equal(await portal.pendingScan(kept).isVisible(), true);

  await portal.page.reload();
  await portal.connected();
  await portal.pendingScan(kept).waitFor();
  assert.equal(await portal.pendingScan(rxId).count(), 0);
  await portal.completeScan(kept);
  portal.assertNoProblems();
});

test(
  "an RX that the practice no longer has shows an error in the dialog and can be removed from the list",
  { timeout: 60_000 },
  async (t) => {
    const portal = await portals.open(t);
    const rxId = await portal.pushScanRequest({ chart: "E2E-GONE" });
    await portal.page.evaluate(
      (id) =>
        fetch(`/sandbox-practice/api/third-party/v2/scan-request/${id}`, {
          method: "DELETE",
          headers: { Authorization: "Bearer sandbox-access-token" },
        }),
      rxId,
    );
    portal.expect(400, /\/scan-request\/[0-9a-f-]+$/);
    await portal.pendingScan(rxId).getByTestId("delete-rx").click();
    await portal.$("delete-confirm").click();
    await portal.$("delete-error").waitFor();
    assert.match(await portal.$("delete-error").innerText(), /not deleted/i);
    assert.equal(await portal.pendingScan(rxId).count(), 1);
    await portal.$("delete-forget").click();
    await portal.pendingScan(rxId).waitFor({ state: "detached" });
    portal.assertNoProblems();
  },
);

test("a deletion that fails shows an error in the dialog and can be retried", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t);
  const rxId = await portal.pushScanRequest({ chart: "E2E-RETRY" });
  await portal.control("fault", { method: "DELETE", status: 500, times: 3 });
  portal.expect(500, /\/scan-request\/[0-9a-f-]+$/);
  await portal.pendingScan(rxId).getByTestId("delete-rx").click();
  await portal.$("delete-confirm").click();
  await portal.$("delete-error").waitFor();
  await portal.$("delete-confirm").click();
  await portal.pendingScan(rxId).waitFor({ state: "detached" });
  assert.equal(portal.calls(/^DELETE/).length, 4);
  portal.assertNoProblems();
});
