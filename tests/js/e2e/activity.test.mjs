// The activity panel: what the client does, without patient data, and the faults that a sandbox can inject.
import assert from "node:assert/strict";
import { json, startFaultyServer } from "../support/faulty-server.mjs";
import { portalForThisFile } from "../support/portal.mjs";
import { test } from "../support/test.mjs";
import { envelope, wirePage, wirePractice } from "../support/wire.mjs";

const portals = portalForThisFile();

/** Opens the panel on a page that has finished its own calls. */
async function openPanel(t, options) {
  const portal = await portals.open(t, options);
  await portal.ordersLoaded();
  await portal.$("activity-toggle").click();
  await portal.$("activity-clear").click();
  return portal;
}

const steps = (portal) => portal.$("step").allInnerTexts();

/** Waits for the outcome of a call, and until the panel has drawn its steps, which it does with the next frame. */
async function outcome(portal, testid) {
  await portal.$(testid).waitFor({ timeout: 20_000 });
  await portal.page.evaluate(() => new Promise(requestAnimationFrame));
}

/** Makes a call from the panel and returns its steps, oldest first. */
async function stepsOfCall(portal) {
  await portal.$("make-call").click();
  await outcome(portal, "tools-called");
  return (await steps(portal)).reverse().map((text) => text.replace(/\s+/g, " "));
}

test(
  "the panel opens by keyboard and shows every call with its status and duration",
  { timeout: 60_000 },
  async (t) => {
    const portal = await portals.open(t);
    await portal.ordersLoaded();
    const toggle = portal.$("activity-toggle");
    assert.equal(await toggle.getAttribute("aria-expanded"), "false");
    assert.match(await toggle.innerText(), /GET orders\/practice\s*200 in \d/);
    await toggle.focus();
    await portal.page.keyboard.press("Enter");
    assert.equal(await toggle.getAttribute("aria-expanded"), "true");
    const shown = await steps(portal);
    assert.match(shown.join("\n"), /GET practice-configuration\s*200 in \d/);
    assert.match(await portal.$("activity-totals").innerText(), /\d+ calls, 0 retries, 0 token refreshes/);
    await portal.$("activity-clear").click();
    await portal.$("step").first().waitFor({ state: "detached" });
    await toggle.click();
    assert.equal(await portal.$("activity-steps").isVisible(), false);
    portal.assertNoProblems();
  },
);

test(
  "the panel shows calls by their templates, without patient data, ids or tokens",
  { timeout: 60_000 },
  async (t) => {
    const portal = await openPanel(t);
    const rxId = await portal.pushScanRequest({ firstName: "Zzyzx", lastName: "Secretpatient", chart: "CHART-SECRET" });
    await portal.completeScan(rxId);
    await portal.$("chart-filter").fill("CHART-SECRET");
    await portal.$("chart-filter").press("Enter");
    await portal.ordersLoaded();
    await portal.openOrder(rxId);
    await portal.openPatients();
    await portal.searchPatients({ lastName: "Secret*" });
    const panel = await portal.page.locator("#activity").innerText();
    for (const call of ["POST scan-request", "GET orders/practice", "GET orders/:rxId", "GET patient/search"])
      assert.ok(panel.includes(call), `${call} in ${panel}`);
    for (const secret of ["Zzyzx", "Secret", "CHART", rxId, "sandbox-access-token", "http"])
      assert.ok(!panel.includes(secret), `${secret} in ${panel}`);
    portal.assertNoProblems();
  },
);

test("an expired token is refreshed once, and the call repeated", { timeout: 60_000 }, async (t) => {
  const portal = await openPanel(t);
  portal.expect(401, /\/practice-configuration$/);
  await portal.$("expire-token").click();
  await portal.$("tools-outcome").filter({ hasText: "refused" }).waitFor();
  const shown = await stepsOfCall(portal);
  assert.equal(shown.length, 3, shown.join("\n"));
  assert.match(shown[0], /GET practice-configuration 401 in/);
  assert.match(shown[1], /new token/);
  assert.match(shown[2], /attempt 2 200 in/);
  assert.match(await portal.$("activity-totals").innerText(), /1 token refresh/);

  // After a reload the page starts with a valid token.
  await portal.page.reload();
  await portal.connected();
  await portal.ordersLoaded();
  portal.assertNoProblems();
});

test("two failures are retried, with the waits between them", { timeout: 60_000 }, async (t) => {
  const portal = await openPanel(t);
  portal.expect(503, /\/practice-configuration$/);
  await portal.$("fault-503").click();
  await portal.$("tools-outcome").filter({ hasText: "503" }).waitFor();
  const shown = await stepsOfCall(portal);
  assert.deepEqual(
    shown.map((step) => /\b(503|200)\b|Tries again/.exec(step)?.[0]),
    ["503", "Tries again", "503", "Tries again", "200"],
  );
  assert.match(shown[1], /in \d+(\.\d)? (ms|s)/);
  assert.match(await portal.$("activity-totals").innerText(), /1 call, 2 retries/);
  portal.assertNoProblems();
});

test("a slow response shows its duration", { timeout: 60_000 }, async (t) => {
  const portal = await openPanel(t);
  await portal.$("fault-slow").click();
  await portal.$("tools-outcome").filter({ hasText: "3 seconds" }).waitFor();
  await portal.$("make-call").click();
  await portal.$("step").filter({ hasText: /sent$/ }).waitFor();
  await outcome(portal, "tools-called");
  assert.match((await steps(portal))[0], /200 in [3-9](\.\d)? s/);
  portal.assertNoProblems();
});

test("a call whose connection is cut is retried", { timeout: 60_000 }, async (t) => {
  const portal = await openPanel(t);
  portal.expect("lost", /\/practice-configuration$/);
  await portal.$("fault-reset").click();
  await portal.$("tools-outcome").filter({ hasText: "no response" }).waitFor();
  const shown = await stepsOfCall(portal);
  assert.match(shown[0], /no response/);
  assert.match(shown[1], /Tries again/);
  assert.match(shown[2], /200/);

  // If the connection is cut each time, the call fails, and no step is left without a result.
  await portal.control("fault", { reset: true, times: 3 });
  await portal.$("activity-clear").click();
  await portal.$("make-call").click();
  await outcome(portal, "tools-error");
  const cut = (await steps(portal)).filter((step) => !/Tries again/.test(step));
  assert.equal(cut.length, 3);
  for (const step of cut) assert.match(step, /no response/);
  portal.assertNoProblems();
});

test("a call that finally fails shows the reason, in one row with its attempts", { timeout: 60_000 }, async (t) => {
  const portal = await openPanel(t);
  portal.expect(503, /\/practice-configuration$/);
  portal.expect(404, /\/practice-configuration$/);
  portal.expect("lost", /\/practice-configuration$/);
  for (const [fault, requests, reason] of [
    [{ status: 503, times: 3 }, 3, /^The server has a problem\.$/],
    [{ reset: true, times: 3 }, 3, /^No response: /],
    [{ status: 404, times: 1 }, 1, /^The server could not find it\.$/],
  ]) {
    await portal.control("fault", fault);
    await portal.$("activity-clear").click();
    await portal.$("make-call").click();
    await outcome(portal, "tools-error");
    await portal.$("call-failure").filter({ hasText: reason }).waitFor();
    assert.equal(await portal.$("call").count(), 1, "the steps of a call are in one row");
    assert.equal(await portal.$("call").getAttribute("data-state"), "failed");
    const attempts = portal.$("call").locator('[data-testid="step"][data-type="request"]');
    assert.equal(await attempts.count(), requests);
    assert.deepEqual(
      await attempts.evaluateAll((steps) => steps.map((step) => step.dataset.state)),
      Array(requests).fill("failed"),
    );
    assert.equal((await portal.$("call").innerText()).includes(`${requests} requests`), requests > 1);
  }

  await portal.$("make-call").click();
  await outcome(portal, "tools-called");
  assert.equal(await portal.$("call").count(), 2);
  assert.equal(await portal.$("call").first().getAttribute("data-state"), "done");
  assert.equal(await portal.$("call-failure").count(), 1, "the next call has its own row");
  portal.assertNoProblems();
});

test("the calls of two connections are not mixed even with equal ids", { timeout: 60_000 }, async (t) => {
  const server = await startFaultyServer((request) => {
    if (request.path.endsWith("/practice-configuration")) return json(200, envelope(wirePractice()));
    return json(200, wirePage([]));
  });
  t.after(() => server.close());
  const portal = await portals.open(t);
  await portal.ordersLoaded();
  await portal.connectTo(server.baseUrl, "SOME-TOKEN");
  await portal.connected("Own practice");
  await portal.$("activity-toggle").click();
  // The first call of each connection.
  const firstCalls = portal.$("call").filter({ hasText: "GET practice-configuration" });
  assert.equal(await firstCalls.count(), 2);
  for (const call of await firstCalls.all()) assert.equal(await call.getByTestId("step").count(), 1);
  portal.assertNoProblems();
});

test("pending faults can be cleared", { timeout: 60_000 }, async (t) => {
  const portal = await openPanel(t);
  await portal.$("fault-503").click();
  await portal.$("tools-outcome").filter({ hasText: "503" }).waitFor();
  await portal.$("clear-faults").click();
  await portal.$("tools-outcome").filter({ hasText: "as usual" }).waitFor();
  assert.equal((await stepsOfCall(portal)).length, 1);
  portal.assertNoProblems();
});

test("an order's status is changed, and the page shows it", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t);
  await portal.ordersLoaded();
  const row = portal.$("order-row").nth(2);
  const rxId = await row.getAttribute("data-rx-id");
  await row.getByRole("link").click();
  await portal.$("open-viewer").waitFor();
  await portal.$("activity-toggle").click();
  assert.equal(await portal.field("tool-order").inputValue(), rxId, "the open order is preselected");
  for (const status of ["Lab Review", "iTero Milling"]) {
    await portal.field("tool-status").selectOption(status);
    await portal.$("move-order").click();
    await portal.$("order-detail").locator(".badge", { hasText: status }).waitFor();
    assert.equal(await portal.hasFocus(portal.$("move-order")), true, "the keyboard stays");
  }
  await portal.$("nav-orders").click();
  await portal.orderRow(rxId).filter({ hasText: "iTero Milling" }).waitFor();
  portal.assertNoProblems();
});

test("the panel keeps only the latest steps", { timeout: 60_000 }, async (t) => {
  const portal = await openPanel(t);
  await portal.$("make-call").evaluate((button) => {
    for (let nth = 0; nth < 250; nth += 1) button.click();
  });
  await portal.$("activity-totals").filter({ hasText: "250 calls" }).waitFor();
  assert.equal(await portal.$("step").count(), 200);
  portal.assertNoProblems();
});

test("a server that is not a sandbox has no controls, and the panel says so", { timeout: 60_000 }, async (t) => {
  const server = await startFaultyServer((request) => {
    if (request.path.endsWith("/practice-configuration")) return json(200, envelope(wirePractice()));
    if (request.path.endsWith("/orders/practice")) return json(200, wirePage([]));
    return json(404, "");
  });
  t.after(() => server.close());
  const portal = await portals.open(t);
  await portal.connectTo(server.baseUrl, "SOME-TOKEN");
  await portal.connected("Own practice");
  await portal.$("activity-toggle").click();
  portal.expect(404, /\/sandbox\//);
  await portal.$("expire-token").click();
  await outcome(portal, "tools-error");
  assert.match(await portal.$("tools-error").innerText(), /not a sandbox/);
  portal.assertNoProblems();
});
