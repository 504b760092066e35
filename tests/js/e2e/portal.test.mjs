// The demo portal as a user sees it: the whole main job, the list, a reload. Any error in the console or on the network fails.
import assert from "node:assert/strict";
import { portalForThisFile } from "../support/portal.mjs";
import { test } from "../support/test.mjs";

const portals = portalForThisFile();

test(
  "the whole main job: push an RX, complete the scan, see the order, download its files",
  { timeout: 120_000 },
  async (t) => {
    const portal = await portals.open(t);
    assert.match(await portal.$("connection-status").innerText(), /Sandbox.*\S+/);

    // A form with a missing name and an impossible birth date.
    await portal.$("nav-new-scan").click();
    await portal.fillScanRequest({ firstName: "", chart: "E2E-MAIN", birth: "1990-02-30" });
    await portal.field("notes").fill("upper left, please");
    await portal.field("gender").selectOption("female");
    await portal.field("procedure").selectOption("Fixed Restorative");
    await portal.field("sendTo").selectOption("resto-lab");
    await portal.field("labId").selectOption({ index: 1 });
    const typed = [
      "patientLastName",
      "patientChartNumber",
      "dateOfBirth",
      "notes",
      "gender",
      "doctorId",
      "procedure",
      "sendTo",
      "labId",
    ];
    const values = () => Promise.all(typed.map((name) => portal.field(name).inputValue()));
    const before = await values();
    await portal.$("rx-submit").click();
    await portal.$("error-patientFirstName").waitFor();
    assert.match(await portal.$("error-patientFirstName").innerText(), /\S/);
    assert.match(await portal.$("error-dateOfBirth").innerText(), /\S/);
    for (const fine of ["patientLastName", "patientChartNumber", "doctorId"]) {
      assert.equal(await portal.$(`error-${fine}`).isVisible(), false, `no error at ${fine}`);
    }
    assert.equal(
      await portal.field("patientFirstName").evaluate((input) => input === document.activeElement),
      true,
      "the first bad field has the focus",
    );
    assert.equal(await portal.field("patientFirstName").getAttribute("aria-invalid"), "true");
    assert.deepEqual(await values(), before, "nothing typed is lost");
    assert.equal(await portal.$("rx-created").count(), 0);
    assert.equal(portal.requests.filter((url) => url.endsWith("/scan-request")).length, 0, "nothing was sent");

    // Corrected, it is sent.
    await portal.field("patientFirstName").fill("Maria");
    await portal.field("dateOfBirth").fill("1990-02-28");
    assert.equal(await portal.$("error-dateOfBirth").isVisible(), false, "editing a field removes its error");
    await portal.$("rx-submit").click();
    const created = await portal.$("rx-created").innerText();
    const rxId = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(created)?.[0];
    assert.ok(rxId, created);
    assert.match(await portal.pendingScan(rxId).innerText(), /Maria Jansen/);

    // Scanned, it is an order.
    await portal.completeScan(rxId);
    const row = await portal.orderRow(rxId).innerText();
    assert.match(row, /Maria Jansen/);
    assert.match(row, /E2E-MAIN/);
    assert.match(row, /Fixed Restorative/);
    assert.match(row, /Completed/);

    await portal.openOrder(rxId);
    const detail = await portal.$("order-detail").innerText();
    for (const fact of [/Maria Jansen/, /E2E-MAIN/, /upper left, please/, new RegExp(rxId)]) assert.match(detail, fact);

    // The files, with progress.
    const seen = [];
    await portal.context.exposeBinding("sawState", (_, text) => seen.push(text));
    await portal.$("download-state").evaluate((state) => {
      new MutationObserver(() => window.sawState(state.textContent)).observe(state, {
        childList: true,
        characterData: true,
        subtree: true,
      });
    });
    await portal.download();
    assert.match(await portal.$("download-state").innerText(), /done/i);
    assert.ok(
      seen.some((text) => /waiting/i.test(text)),
      `waiting was shown: ${seen.join(" | ")}`,
    );
    const bar = await portal.$("download-progress").evaluate((element) => [element.value, element.max]);
    assert.equal(bar[0], bar[1], "the bar is full");
    const entries = await portal.$("archive-entry").allInnerTexts();
    assert.equal(entries.filter((text) => /\.stl/i.test(text)).length, 2, entries.join("\n"));
    for (const kind of [/\.xml/i, /\.pdf/i])
      assert.ok(
        entries.some((text) => kind.test(text)),
        `${kind} in ${entries.join("\n")}`,
      );
    const widths = await portal.pictureWidths();
    assert.equal(widths.length, 6);
    assert.ok(
      widths.every((width) => width > 0),
      `${widths}`,
    );
    const labels = await portal.page.locator(".gallery .thumbnail").allTextContents();
    assert.deepEqual(labels, ["front", "right", "left", "upper", "lower", "overview"]);
    for (let i = 0; i < 6; i += 1) assert.equal(await portal.$("archive-picture").nth(i).isVisible(), true);

    portal.assertNoProblems();
    portal.assertOnlyLocalRequests();
  },
);

test("the client's calls are real requests that the service worker responds to", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t);
  await portal.ordersLoaded();
  assert.equal(await portal.page.evaluate(() => navigator.serviceWorker.controller?.state), "activated");
  const calls = portal.requests.filter((url) => url.includes("/api/third-party/v2/"));
  assert.ok(calls.some((url) => url.endsWith("/practice-configuration")));
  assert.ok(calls.some((url) => url.includes("/orders/practice?")));
  portal.assertNoProblems();
});

test("the practice page shows the company, its doctors and its labs", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t);
  const company = (await portal.$("connection-status").innerText()).replace(/^.*?: /, "");
  await portal.$("nav-practice").click();
  const text = await portal.$("practice-view").innerText();
  assert.ok(text.includes(company));
  assert.match(text, /Doctors/i);
  assert.match(text, /Dental[\s\S]*Ortho|Ortho[\s\S]*Dental/);
  portal.assertNoProblems();
});

test("the procedure picker offers only what the procedure table has", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t, { path: "#/new-scan" });
  const options = (name) =>
    portal
      .field(name)
      .locator("option")
      .evaluateAll((all) => all.map((each) => each.value));
  await portal.field("procedure").selectOption("Fixed Restorative");
  assert.deepEqual(await options("type"), [""]);
  assert.deepEqual((await options("sendTo")).sort(), ["myitero", "none", "resto-lab"]);
  await portal.field("procedure").selectOption("Appliance");
  assert.ok((await options("type")).includes("Night guard"));
  await portal.field("sendTo").selectOption("ortho-lab");
  assert.ok((await options("labId")).length > 1, "an ortho lab to choose");
  await portal.field("sendTo").selectOption("none");
  assert.equal(await portal.field("labId").isVisible(), false, "no lab where nothing is sent");
  portal.assertNoProblems();
});

test("paging shows every order of the practice once, newest first", { timeout: 90_000 }, async (t) => {
  const portal = await portals.open(t);
  await portal.ordersLoaded();
  await portal.$("range-filter").selectOption("all");
  await portal.ordersLoaded();
  const total = Number(/of (\d+)$/.exec(await portal.ordersLoaded())[1]);
  assert.ok(total >= 300, `${total} orders`);

  const ids = [];
  const times = [];
  assert.equal(await portal.$("orders-prev").isDisabled(), true);
  for (let page = 0; page < 40; page += 1) {
    ids.push(...(await portal.$("order-row").evaluateAll((rows) => rows.map((row) => row.dataset.rxId))));
    times.push(
      ...(await portal
        .$("order-row")
        .locator("time")
        .evaluateAll((all) => all.map((each) => Date.parse(each.dateTime)))),
    );
    if (await portal.$("orders-next").isDisabled()) break;
    await portal.$("orders-next").click();
  }
  assert.equal(ids.length, total);
  assert.equal(new Set(ids).size, total);
  assert.deepEqual(
    times,
    [...times].sort((a, b) => b - a),
  );

  await portal.$("orders-prev").click();
  const [from, to] = /(\d+)–(\d+)/
    .exec(await portal.$("orders-count").innerText())
    .slice(1)
    .map(Number);
  assert.deepEqual(
    await portal.$("order-row").evaluateAll((rows) => rows.map((row) => row.dataset.rxId)),
    ids.slice(from - 1, to),
  );
  portal.assertNoProblems();
});

test("the list can be filtered by status, chart number and words", { timeout: 90_000 }, async (t) => {
  const portal = await portals.open(t);
  await portal.ordersLoaded();
  await portal.$("range-filter").selectOption("all");
  await portal.ordersLoaded();
  const rows = () => portal.$("order-row").allInnerTexts();
  const all = await portal.ordersLoaded();

  await portal.$("status-filter").selectOption("Lab Review");
  const inReview = await rows();
  assert.ok(inReview.length > 0);
  for (const row of inReview) assert.match(row, /Lab Review/);
  assert.notEqual(await portal.$("orders-count").innerText(), all);
  await portal.$("status-filter").selectOption("");
  assert.equal(await portal.$("orders-count").innerText(), all);

  const first = portal.$("order-row").first();
  const name = await first.getByRole("link").innerText();
  const chart = /Chart (\S+)/.exec(await first.innerText())[1];
  await portal.$("orders-search").fill(name.toUpperCase());
  const found = await rows();
  assert.ok(found.length > 0);
  for (const row of found) assert.ok(row.includes(name), row);
  await portal.$("orders-search").fill("");

  await portal.$("chart-filter").fill(chart);
  await portal.page.waitForFunction((before) => {
    const text = document.querySelector('[data-testid="orders-count"]')?.textContent ?? "";
    return text !== before && !text.endsWith("so far");
  }, all);
  const ofChart = await rows();
  assert.ok(ofChart.length > 0);
  for (const row of ofChart) assert.match(row, new RegExp(`Chart ${chart.replace(/[^\w-]/g, "\\$&")}\\b`));
  assert.ok(
    portal.requests.some((url) => new URL(url).searchParams.get("chartNumber") === chart),
    "the chart number was sent to the server",
  );

  await portal.$("chart-filter").fill("no such chart");
  await portal.page.getByText("No order matches these filters.").waitFor();
  assert.equal(await portal.$("order-row").count(), 0);
  portal.assertNoProblems();
});

test("a reload keeps pushed and scanned RXs, since the service worker stores them", { timeout: 90_000 }, async (t) => {
  const portal = await portals.open(t);
  const scanned = await portal.pushScanRequest({ chart: "E2E-RELOAD-1" });
  await portal.completeScan(scanned);
  const waiting = await portal.pushScanRequest({ firstName: "Marta", chart: "E2E-RELOAD-2" });

  await portal.page.reload();
  await portal.connected();
  assert.equal(await portal.pendingScan(waiting).isVisible(), true, "the RX is still waiting");
  await portal.completeScan(waiting);
  await portal.orderRow(scanned).waitFor();
  portal.assertNoProblems();
  portal.assertOnlyLocalRequests();
});

test("a service worker that was stopped continues with the same practice", { timeout: 90_000 }, async (t) => {
  const portal = await portals.open(t);
  const scanned = await portal.pushScanRequest({ chart: "E2E-STOPPED-1" });
  await portal.completeScan(scanned);
  const waiting = await portal.pushScanRequest({ firstName: "Marta", chart: "E2E-STOPPED-2" });

  const devtools = await portal.page.context().newCDPSession(portal.page);
  const stopped = new Promise((resolve) => {
    devtools.on("ServiceWorker.workerVersionUpdated", ({ versions }) => {
      if (versions.some((version) => version.runningStatus === "stopped")) resolve();
    });
  });
  await devtools.send("ServiceWorker.enable");
  await devtools.send("ServiceWorker.stopAllWorkers");
  await stopped;

  await portal.page.reload();
  await portal.connected();
  await portal.completeScan(waiting);
  await portal.orderRow(scanned).waitFor();
  portal.assertNoProblems();
});

test("no patient's name or chart number is written to the URL or to storage", { timeout: 90_000 }, async (t) => {
  const portal = await portals.open(t);
  const rxId = await portal.pushScanRequest({ firstName: "Zzyzx", lastName: "Secretpatient", chart: "CHART-SECRET" });
  await portal.completeScan(rxId);
  await portal.openOrder(rxId);
  const stored = await portal.page.evaluate(() =>
    JSON.stringify([location.href, document.title, { ...localStorage }, { ...sessionStorage }, document.cookie]),
  );
  for (const secret of ["Zzyzx", "Secretpatient", "CHART-SECRET"]) assert.ok(!stored.includes(secret), stored);
});
