// Searching, editing and correcting patients. The sandbox has 66, two of whom share the chart number SB-1008.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { json, startFaultyServer } from "../support/faulty-server.mjs";
import { portalForThisFile } from "../support/portal.mjs";
import { startSandbox } from "../support/sandbox-cli.mjs";
import { test } from "../support/test.mjs";
import { envelope, wirePage, wirePractice } from "../support/wire.mjs";

const portals = portalForThisFile();

/** @type {Awaited<ReturnType<typeof startSandbox>>} */
let sandbox;
before(async () => {
  sandbox = await startSandbox(["--allow-origin", "*"]);
});
after(() => sandbox?.stop());

const names = (portal) => portal.$("patient-row").locator("strong").allInnerTexts();
const ids = (portal) => portal.$("patient-row").evaluateAll((rows) => rows.map((row) => row.dataset.patientId));

/** Opens the dialog for the patient with this chart number. */
async function edit(portal, chartNumber) {
  await portal.openPatients();
  await portal.searchPatients({ chartNumber });
  await portal.$("edit-patient").first().click();
  await portal.$("patient-dialog").waitFor();
}

/** Fills in and sends the form that corrects a patient by chart number. */
async function correct(portal, details) {
  await portal.$("nav-patients").click();
  await portal.$("open-correction").click();
  for (const [name, value] of Object.entries(details)) {
    const field = portal.field(`correct-${name}`);
    if (name === "gender") await field.selectOption(value);
    else await field.fill(value);
  }
  await portal.$("correct-submit").click();
}

test("all patients are listed a page at a time, each once", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t, { path: "#/patients" });
  const total = Number(/^1–25 of (\d+)$/.exec(await portal.patientsLoaded())[1]);
  assert.ok(total >= 60, `${total} patients`);
  const seen = [];
  assert.equal(await portal.$("patients-prev").isDisabled(), true);
  for (let page = 0; page < 10; page += 1) {
    seen.push(...(await ids(portal)));
    if (await portal.$("patients-next").isDisabled()) break;
    await portal.$("patients-next").click();
    await portal.patientsLoaded();
  }
  assert.equal(new Set(seen).size, total);
  assert.equal(seen.length, total);
  assert.equal(await portal.hasFocus(portal.$("patients-prev")), true, "the focus is not lost on the last page");

  await portal.$("patients-prev").click();
  const [from, to] = /(\d+)–(\d+)/
    .exec(await portal.patientsLoaded())
    .slice(1)
    .map(Number);
  assert.deepEqual(await ids(portal), seen.slice(from - 1, to));
  assert.ok(
    portal.requests.some((url) => /third-party\/v3\/patient\/search\?.*Offset=25/.test(url)),
    "V3 was called",
  );
  portal.assertNoProblems();
});

test("a row shows the chart number, the birth date and the last scan", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t, { path: "#/patients" });
  await portal.patientsLoaded();
  const row = portal.patientRow("SB-1001");
  assert.match(await row.innerText(), /SB-1001[\s\S]*\b(19|20)\d\d\b/);
  assert.equal(await row.locator("time").count(), 1);
  portal.assertNoProblems();
});

test("names and chart numbers are searched with wildcards", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t, { path: "#/patients" });
  await portal.patientsLoaded();

  await portal.searchPatients({ lastName: "SAMP*" });
  const found = await names(portal);
  assert.ok(found.length > 1, found.join());
  for (const name of found) assert.match(name, /Samp/);

  await portal.searchPatients({ lastName: "%e", chartNumber: "SB-100*" });
  for (const row of await portal.$("patient-row").allInnerTexts()) assert.match(row, /e\b[\s\S]*SB-100\d/);

  // Without a wildcard the whole value must match. The page offers to widen the search.
  portal.expect(404, /\/third-party\/v3\/patient\/search$/);
  assert.equal(await portal.searchPatients({ lastName: "ampl", chartNumber: "" }), "0 patients");
  assert.equal(await portal.$("patients-table").isVisible(), false);
  await portal.$("patients-widen").click();
  await portal.$("patient-row").first().waitFor();
  assert.equal(await portal.field("search-lastName").inputValue(), "*ampl*");
  for (const name of found) assert.ok((await names(portal)).includes(name), name);

  await portal.$("patients-all").click();
  assert.match(await portal.patientsLoaded(), /^1–25 of/);
  assert.equal(await portal.field("search-lastName").inputValue(), "");
  portal.assertNoProblems();
});

test("patients are searched by last scan and by change", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t, { path: "#/patients" });
  await portal.patientsLoaded();
  await portal.page.getByText("Search by date").click();
  const count = await portal.searchPatients({ lastScanDateFrom: "2000-01-01", lastScanDateTo: "2099-01-01" });
  assert.ok(Number(/of (\d+)$/.exec(count)[1]) > 0);
  portal.expect(404, /\/third-party\/v3\/patient\/search$/);
  assert.equal(
    await portal.searchPatients({ lastScanDateFrom: "", lastScanDateTo: "", updatedDateTo: "2000-01-01" }),
    "0 patients",
  );
  assert.match(await portal.searchPatients({ updatedDateFrom: "2000-01-01", updatedDateTo: "" }), /^1–25 of/);
  const query = new URL(portal.requests.findLast((url) => url.includes("/v3/patient/search"))).searchParams;
  assert.equal(query.get("UpdatedDateFrom"), "2000-01-01");
  portal.assertNoProblems();
});

test("an invalid date is shown at its field, and no input is lost", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t, { path: "#/patients" });
  await portal.patientsLoaded();
  const before = portal.calls(/patient\/search/).length;
  await portal.field("search-lastName").fill("Sample");
  await portal.page.getByText("Search by date").click();
  await portal.field("search-lastScanDateFrom").fill("2026-02-30");
  await portal.$("patients-find").click();
  assert.match(await portal.$("error-search-lastScanDateFrom").innerText(), /date/i);
  assert.equal(await portal.hasFocus(portal.field("search-lastScanDateFrom")), true);
  assert.equal(await portal.field("search-lastScanDateFrom").inputValue(), "2026-02-30");
  assert.equal(await portal.field("search-lastName").inputValue(), "Sample");
  assert.equal(portal.calls(/patient\/search/).length, before, "nothing was sent");
  assert.equal(await portal.$("patients-error").count(), 0);

  await portal.searchPatients({ lastScanDateFrom: "2000-01-01" });
  assert.ok((await portal.$("patient-row").count()) > 0);
  portal.assertNoProblems();
});

test("a list that fails shows an error in place, and a retry loads it", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t);
  await portal.ordersLoaded();
  await portal.control("fault", { endpoint: "patient/search", status: 503, times: 3 });
  portal.expect(503, /\/patient\/search$/);
  await portal.$("nav-patients").click();
  await portal.$("patients-error").waitFor();
  await portal.$("patients-error").getByRole("button").click();
  await portal.$("patient-row").first().waitFor();
  assert.equal(await portal.$("patients-error").count(), 0);
  portal.assertNoProblems();
});

test("a patient is edited: only what changed is sent, and the row shows it", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t);
  await edit(portal, "SB-1003");
  assert.equal(await portal.hasFocus(portal.field("edit-firstName")), true, "the first field has the focus");
  await portal.$("patient-save").click();
  assert.match(await portal.$("patient-error").innerText(), /nothing/i);

  await portal.field("edit-firstName").fill("Renée");
  await portal.field("edit-firstName").press("Enter");
  await portal.$("patient-dialog").waitFor({ state: "detached" });
  assert.match((await names(portal)).join(), /^Renée /);
  assert.equal(await portal.hasFocus(portal.$("edit-patient").first()), true, "the focus is back on the row");
  const [body] = portal.bodies("patients");
  assert.deepEqual(Object.keys(body).sort(), ["FirstName", "PatientId"]);

  await portal.page.reload();
  await portal.connected();
  await portal.openPatients();
  await portal.searchPatients({ chartNumber: "SB-1003" });
  assert.match((await names(portal)).join(), /^Renée /, "the practice stored it");
  portal.assertNoProblems();
});

test(
  "an edit that is refused or fails is shown in the dialog, and no input is lost",
  { timeout: 60_000 },
  async (t) => {
    const portal = await portals.open(t);
    await edit(portal, "SB-1004");
    await portal.field("edit-lastName").fill("  ");
    await portal.$("patient-save").click();
    assert.match(await portal.$("error-edit-lastName").innerText(), /\S/);
    assert.equal(await portal.hasFocus(portal.field("edit-lastName")), true);
    assert.equal(portal.calls(/^PATCH/).length, 0, "nothing was sent");

    await portal.control("fault", { endpoint: "patients", status: 500, times: 3 });
    portal.expect(500, /\/patients$/);
    await portal.field("edit-lastName").fill("Kept");
    await portal.$("patient-save").click();
    await portal.$("patient-error").waitFor();
    assert.match(await portal.$("patient-error").innerText(), /not changed/i);
    assert.equal(await portal.field("edit-lastName").inputValue(), "Kept");
    await portal.$("patient-save").click();
    await portal.patientRow("Kept").waitFor();
    portal.assertNoProblems();
  },
);

test("Escape and Cancel leave a patient as they are", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t);
  await edit(portal, "SB-1005");
  await portal.field("edit-firstName").fill("Unwanted");
  await portal.page.keyboard.press("Escape");
  await portal.$("patient-dialog").waitFor({ state: "detached" });
  assert.equal(await portal.hasFocus(portal.$("edit-patient").first()), true);
  await portal.$("edit-patient").first().click();
  assert.notEqual(await portal.field("edit-firstName").inputValue(), "Unwanted");
  await portal.$("patient-cancel").click();
  await portal.$("patient-dialog").waitFor({ state: "detached" });
  assert.equal(portal.calls(/^PATCH/).length, 0);
  portal.assertNoProblems();
});

test("a chart number that others have is pointed out before saving", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t);
  await edit(portal, "SB-1006");
  await portal.field("edit-chartNumber").fill("SB-1007");
  await portal.$("patient-save").click();
  await portal.$("patient-number-taken").waitFor();
  assert.match(await portal.$("patient-number-taken").innerText(), /SB-1007/);
  assert.equal(portal.calls(/^PATCH/).length, 0, "not saved yet");
  await portal.$("patient-save").click();
  await portal.patientRow("SB-1007").waitFor();
  assert.equal(portal.bodies("patients")[0].ChartNumber, "SB-1007");
  portal.assertNoProblems();
});

test("a patient is corrected by an unshared chart number", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t, { path: "#/patients" });
  await portal.patientsLoaded();
  await correct(portal, { chartNumber: "SB-1010", lastName: "Corrected", dateOfBirth: "1971-03-05", gender: "female" });
  await portal.$("correct-done").waitFor();
  assert.deepEqual(portal.bodies("patient/by-chart-number"), [
    { ChartNumber: "SB-1010", LastName: "Corrected", DateOfBirth: "1971-03-05", Gender: "Female" },
  ]);
  assert.equal(await portal.field("correct-chartNumber").inputValue(), "", "ready for the next one");
  await portal.openPatients();
  await portal.searchPatients({ chartNumber: "SB-1010" });
  assert.match(await portal.$("patient-row").innerText(), /Corrected[\s\S]*1971[\s\S]*Female/);
  portal.assertNoProblems();
});

test("an error in a correction is shown at its field, and no input is lost", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t);
  await correct(portal, { chartNumber: "", firstName: "Kept" });
  assert.match(await portal.$("error-correct-chartNumber").innerText(), /chart number/i);
  assert.equal(await portal.hasFocus(portal.field("correct-chartNumber")), true);

  await correct(portal, { chartNumber: "SB-1011", dateOfBirth: "1990-02-30" });
  assert.match(await portal.$("error-correct-dateOfBirth").innerText(), /\S/);
  assert.equal(portal.calls(/^PATCH/).length, 0, "nothing was sent");

  portal.expect(404, /\/patient\/by-chart-number$/);
  await correct(portal, { chartNumber: "no such number", dateOfBirth: "" });
  await portal.$("error-correct-chartNumber").waitFor();
  assert.match(await portal.$("error-correct-chartNumber").innerText(), /no patient/i);
  assert.equal(await portal.field("correct-firstName").inputValue(), "Kept");
  assert.equal(await portal.field("correct-chartNumber").inputValue(), "no such number");

  // The input is still there after visiting another page.
  await portal.$("nav-orders").click();
  await portal.$("nav-patients").click();
  await portal.$("open-correction").click();
  assert.equal(await portal.field("correct-firstName").inputValue(), "Kept");

  await correct(portal, { chartNumber: "SB-1011", firstName: "" });
  await portal.$("correct-error").waitFor();
  assert.match(await portal.$("correct-error").innerText(), /at least one/i);
  portal.assertNoProblems();
});

test("with a shared chart number, the user chooses which patient to change", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t);
  portal.expect(409, /\/patient\/by-chart-number$/);
  await correct(portal, { chartNumber: "SB-1008", firstName: "Ines Maria" });
  const matches = portal.$("match");
  await matches.first().waitFor();
  assert.equal(await matches.count(), 2);
  for (const match of await matches.allInnerTexts()) assert.match(match, /born|birth date/);
  assert.equal(await portal.page.evaluate(() => document.activeElement?.textContent), "Which patient do you mean?");

  await portal.$("match-apply").click();
  assert.equal(await portal.$("error-chosen-patient").isVisible(), true, "one must be chosen");
  assert.equal(portal.bodies("patients").length, 0);

  await matches.filter({ hasText: "Modelo" }).click();
  await portal.$("match-apply").click();
  await portal.$("correct-done").waitFor();
  const [body] = portal.bodies("patients");
  assert.deepEqual(Object.keys(body).sort(), ["FirstName", "PatientId"]);
  await portal.openPatients();
  await portal.searchPatients({ chartNumber: "SB-1008" });
  assert.deepEqual((await names(portal)).sort(), ["Ines Maria Modelo", "Zoë d’Exemple"]);
  portal.assertNoProblems();
});

test(
  "with a number of their own, one of the two patients' birth date can be corrected too",
  { timeout: 60_000 },
  async (t) => {
    const portal = await portals.open(t);
    portal.expect(409, /\/patient\/by-chart-number$/);
    await correct(portal, { chartNumber: "SB-1008", dateOfBirth: "1985-03-20", gender: "female" });
    await portal.$("match").filter({ hasText: "Modelo" }).click();
    await portal.$("match-apply").click();
    assert.match(await portal.$("error-own-chartNumber").innerText(), /no other patient/);

    await portal.field("own-chartNumber").fill("SB-1000");
    await portal.$("match-apply").click();
    await portal.$("error-own-chartNumber").filter({ hasText: "already has" }).waitFor();
    assert.equal(portal.bodies("patients").length, 0, "nothing was changed yet");

    // The number is set, then the connection fails: a retry completes the rest.
    await portal.control("fault", { endpoint: "patient/by-chart-number", status: 500, times: 3 });
    portal.expect(500, /\/patient\/by-chart-number$/);
    await portal.field("own-chartNumber").fill("SB-OWN-1");
    await portal.$("match-apply").click();
    await portal.$("match-error").waitFor();
    assert.match(await portal.$("match-error").innerText(), /SB-OWN-1, but the rest was not changed/);
    await portal.$("match-error").getByRole("button").click();
    await portal.$("correct-done").waitFor();
    assert.equal(portal.bodies("patients").length, 1, "the number was set once");

    await portal.openPatients();
    await portal.searchPatients({ chartNumber: "SB-OWN-1" });
    assert.match(await portal.$("patient-row").innerText(), /Modelo[\s\S]*1985[\s\S]*Female/);
    assert.match(await portal.searchPatients({ chartNumber: "SB-1008" }), /of 1$/);
    portal.assertNoProblems();
  },
);

test("a scan request for a listed patient has their details and matches them", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t);
  await portal.openPatients();
  await portal.searchPatients({ chartNumber: "SB-1001" });
  const [name] = await names(portal);
  await portal.$("scan-patient").click();
  await portal.$("rx-form").waitFor();
  assert.equal(await portal.field("patientChartNumber").inputValue(), "SB-1001");
  await portal.field("doctorId").selectOption({ index: 1 });
  await portal.$("rx-submit").click();
  const rxId = await portal.sentRx();
  await portal.completeScan(rxId);
  assert.match(await portal.orderRow(rxId).innerText(), new RegExp(name));
  await portal.openPatients();
  assert.match(await portal.searchPatients({ chartNumber: "SB-1001" }), /of 1$/, "no second patient was created");
  portal.assertNoProblems();
});

test("a practice without a V3 location says what is missing, and how to enter it", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t);
  await portal.connectTo(sandbox.baseUrl, sandbox.accessToken);
  await portal.connected("Own practice");
  await portal.$("nav-patients").click();
  await portal.$("patients-no-v3").getByRole("button").click();
  assert.equal(await portal.hasFocus(portal.$("base-url")), true);
  await portal.$("v3-domain").fill(new URL(sandbox.baseUrl).origin);
  await portal.$("v3-path").fill("/third-party/v3/");
  await portal.$("connect-button").click();
  await portal.$("patient-row").first().waitFor();
  portal.assertNoProblems();
  portal.assertOnlyLocalRequests();
});

test("a practice can be reached by its Discovery locations", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t);
  const { origin } = new URL(sandbox.baseUrl);
  await portal.$("connect-own").click();
  await portal.$("by-discovery").check();
  assert.equal(await portal.$("base-url").isVisible(), false);
  await portal.$("connect-button").click();
  await portal.$("connect-error").waitFor();
  assert.match(await portal.$("connect-error").innerText(), /V2 domain/);
  assert.equal(await portal.$("error-v2Domain").isVisible(), true);
  for (const [field, value] of [
    ["v2-domain", origin],
    ["v2-path", "api/third-party/v2"],
    ["v3-domain", origin],
    ["v3-path", "third-party/v3"],
    ["access-token", sandbox.accessToken],
  ])
    await portal.$(field).fill(value);
  await portal.$("connect-button").click();
  await portal.connected("Own practice");
  await portal.openPatients();
  assert.ok((await portal.$("patient-row").count()) > 0);
  const rxId = await portal.pushScanRequest({ chart: "E2E-DISCOVERY" });
  await portal.completeScan(rxId);
  portal.assertNoProblems();
  portal.assertOnlyLocalRequests();
});

/** A practice with a scripted patient search. */
async function practiceWith(t, search) {
  const server = await startFaultyServer((request) => {
    if (request.path.endsWith("/practice-configuration")) return json(200, envelope(wirePractice()));
    if (request.path.endsWith("/orders/practice")) return json(200, wirePage([]));
    return search(request);
  });
  t.after(() => server.close());
  const portal = await portals.open(t);
  await portal.$("connect-own").click();
  await portal.$("v3-domain").fill(server.baseUrl);
  await portal.$("v3-path").fill("third-party/v3");
  await portal.connectTo(server.baseUrl, "SOME-TOKEN");
  await portal.connected("Own practice");
  return portal;
}

test("an error that the API reports for a search is shown at its field", { timeout: 60_000 }, async (t) => {
  const refusal = {
    Status: 2,
    Message: "Invalid request parameters",
    Code: "INVALID_REQUEST_PARAMETERS",
    Errors: [{ Field: "LastScanDateTo", Message: "The value '2024-01-11' is not valid for LastScanDateTo." }],
  };
  const portal = await practiceWith(t, (request) =>
    request.query.has("LastScanDateTo") ? json(400, refusal) : json(404, ""),
  );
  portal.expect(404, /\/v3\/patient\/search$/);
  portal.expect(400, /\/v3\/patient\/search$/);
  await portal.openPatients();
  await portal.page.getByText("Search by date").click();
  await portal.searchPatients({ lastScanDateTo: "2024-01-11" });
  assert.match(await portal.$("error-search-lastScanDateTo").innerText(), /refused by the API.*YYYY-MM-DD/);
  assert.equal(await portal.field("search-lastScanDateTo").inputValue(), "2024-01-11");
  assert.equal(await portal.hasFocus(portal.field("search-lastScanDateTo")), true);
  portal.assertNoProblems();
});

test("a practice without patient management says so in place", { timeout: 60_000 }, async (t) => {
  const portal = await practiceWith(t, () => json(403, ""));
  portal.expect(403, /\/patient\//);
  await portal.openPatients();
  assert.match(await portal.$("patients-error").innerText(), /not allowed for the practice[\s\S]*enabled/i);
  await correct(portal, { chartNumber: "C-17", firstName: "Kept" });
  assert.match(await portal.$("correct-error").innerText(), /not allowed for the practice/i);
  assert.equal(await portal.field("correct-firstName").inputValue(), "Kept");
  portal.assertNoProblems();
});

test("without a service worker, the page itself runs the sandbox", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t, { serviceWorkers: "block" });
  await edit(portal, "SB-1002");
  await portal.field("edit-firstName").fill("Pageside");
  await portal.$("patient-save").click();
  await portal.patientRow("Pageside").waitFor();
  await portal.$("activity-toggle").click();
  await portal.$("expire-token").click();
  await portal.$("tools-outcome").filter({ hasText: "refused" }).waitFor();
  await portal.$("make-call").click();
  await portal.$("tools-called").waitFor();
  await portal.$("step").filter({ hasText: "new token" }).waitFor();
  await portal.$("nav-captures").click();
  await portal.$("capture-picture").first().waitFor();
  assert.deepEqual(portal.calls(/patient/), [], "nothing went over the network");
  portal.assertOnlyLocalRequests();
});

test(
  "searching, editing and correcting store no patient data in the URL or in storage",
  { timeout: 60_000 },
  async (t) => {
    const portal = await portals.open(t);
    const secrets = ["Zzyzx", "Secretpatient", "CHART-SECRET"];
    const assertNothingKept = async () => {
      const stored = await portal.stored();
      for (const secret of secrets) assert.ok(!stored.includes(secret), stored);
    };
    await edit(portal, "SB-1012");
    await portal.field("edit-firstName").fill("Zzyzx");
    await portal.field("edit-lastName").fill("Secretpatient");
    await portal.field("edit-chartNumber").fill("CHART-SECRET");
    await assertNothingKept();
    await portal.$("patient-save").click();
    await portal.$("patient-dialog").waitFor({ state: "detached" });
    await portal.searchPatients({ firstName: "Zzyz*", lastName: "Secretpatient", chartNumber: "CHART-SECRET" });
    await portal.patientRow("Zzyzx").waitFor();
    await assertNothingKept();
    await correct(portal, { chartNumber: "CHART-SECRET", lastName: "Secretpatient" });
    await assertNothingKept();
    await portal.openPatients();
    await portal.$("scan-patient").first().click();
    await portal.$("rx-form").waitFor();
    await assertNothingKept();
  },
);
