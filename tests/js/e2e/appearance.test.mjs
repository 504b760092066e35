// The page's appearance and accessibility: both widths, both colour schemes, the keyboard alone, and its security policy.
import assert from "node:assert/strict";
import { assertAccessible } from "../support/accessibility.mjs";
import { portalForThisFile } from "../support/portal.mjs";
import { test } from "../support/test.mjs";

const portals = portalForThisFile();

for (const width of [360, 1440]) {
  test(
    `at ${width} px, light and dark, no view scrolls sideways and all are accessible (screenshots are kept)`,
    { timeout: 120_000 },
    async (t) => {
      const portal = await portals.open(t, { viewport: { width, height: width === 360 ? 740 : 900 } });
      await portal.ordersLoaded();
      await portal.look("1-orders");

      await portal.$("nav-practice").click();
      await portal.$("practice-view").waitFor();
      await portal.look("2-practice");

      await portal.$("nav-new-scan").click();
      await portal.fillScanRequest({
        firstName: "",
        birth: "1990-02-30",
        lastName: "van der Wolfeschlegelsteinhausen-Bergerdorff",
      });
      await portal.field("procedure").selectOption("Fixed Restorative");
      await portal.$("rx-submit").click();
      await portal.$("error-patientFirstName").waitFor();
      await portal.look("3-new-scan-errors");

      await portal.field("patientFirstName").fill("Maria");
      await portal.field("dateOfBirth").fill("1990-02-28");
      await portal.$("rx-submit").click();
      await portal.$("rx-created").waitFor();
      await portal.look("4-new-scan-sent");

      const rxId = await portal.$("pending-rx").locator("[data-rx-id]").first().getAttribute("data-rx-id");
      await portal.completeScan(rxId);
      await portal.ordersLoaded();
      await portal.look("5-order-arrived");

      await portal.openOrder(rxId);
      await portal.look("6-order");
      await portal.download();
      await portal.pictureWidths();
      await portal.look("7-order-downloaded");

      await portal.$("connect-own").click();
      await portal.connectTo("http://127.0.0.1:9", "x");
      await portal.$("connect-error").waitFor();
      await portal.look("8-connection-error");
    },
  );
}

for (const width of [360, 1440]) {
  test(
    `at ${width} px, light and dark, so are patients, captures, dialogs, the activity panel and errors`,
    { timeout: 120_000 },
    async (t) => {
      const portal = await portals.open(t, { viewport: { width, height: width === 360 ? 740 : 900 } });
      const inDialog = { dialog: true };

      await portal.openPatients();
      await portal.look("a1-patients");
      await portal.page.getByText("Search by date").click();
      await portal.searchPatients({ lastName: "nobody of this name" });
      await portal.field("search-lastScanDateFrom").fill("2026-02-30");
      await portal.$("patients-find").click();
      await portal.$("error-search-lastScanDateFrom").waitFor();
      await portal.look("a2-patients-errors");
      await portal.$("patients-all").click();
      await portal.patientsLoaded();
      await portal.$("edit-patient").first().click();
      await portal.field("edit-chartNumber").fill("SB-1008");
      await portal.$("patient-save").click();
      await portal.$("patient-number-taken").waitFor();
      await portal.look("a3-patient-number-taken", inDialog);
      await portal.field("edit-lastName").fill("");
      await portal.$("patient-save").click();
      await portal.$("error-edit-lastName").waitFor();
      await portal.look("a4-patient-error", inDialog);
      await portal.$("patient-cancel").click();

      await portal.$("open-correction").click();
      await portal.field("correct-chartNumber").fill("SB-1008");
      await portal.field("correct-dateOfBirth").fill("1985-03-20");
      await portal.$("correct-submit").click();
      await portal.$("match").first().click();
      await portal.$("match-apply").click();
      await portal.$("error-own-chartNumber").waitFor();
      await portal.look("b1-correction-matches");
      await portal.field("own-chartNumber").fill("SB-OWN");
      await portal.$("match-apply").click();
      await portal.$("correct-done").waitFor();
      await portal.look("b2-correction-done");

      await portal.$("nav-captures").click();
      await portal.$("capture").first().scrollIntoViewIfNeeded();
      await portal.$("capture-picture").first().waitFor();
      await portal.look("c1-captures");
      await portal.control("fault", { endpoint: "order/", status: 400, times: 100 });
      await portal.$("captures-span").selectOption("date");
      await portal.field("captures-dateFrom").fill("2020-01-01");
      await portal.$("captures-show").click();
      await portal.$("captures-window").waitFor();
      await portal.$("capture").first().scrollIntoViewIfNeeded();
      await portal.$("capture-error").first().waitFor();
      await portal.look("c2-captures-errors");
      await portal.control("clear-faults");
      await portal.$("capture-error").first().getByRole("button").click();
      await portal.$("capture-picture").first().click();
      await portal.$("lightbox").waitFor();
      await portal.look("c3-capture-large", inDialog);
      await portal.page.keyboard.press("Escape");

      await portal.$("nav-new-scan").click();
      await portal.fillScanRequest({ firstName: "Noah", lastName: "Sample", chart: "SB-1008", birth: "" });
      await portal.$("rx-submit").click();
      await portal.$("patient-found").waitFor();
      await portal.look("d1-known-patients");
      await portal.control("fault", { endpoint: "scan-request", status: 409 });
      await portal.$("send-anyway").click();
      await portal.$("rx-form-error").waitFor();
      await portal.look("d2-rx-conflict");
      await portal.field("patientChartNumber").fill("E2E-LOOK");
      await portal.$("rx-submit").click();
      await portal.$("send-anyway").click();
      await portal.$("rx-created").waitFor();
      await portal.$("delete-rx").click();
      await portal.look("d3-delete", inDialog);
      await portal.control("fault", { method: "DELETE", status: 400 });
      await portal.$("delete-confirm").click();
      await portal.$("delete-error").waitFor();
      await portal.look("d4-delete-error", inDialog);
      await portal.$("delete-cancel").click();

      await portal.$("nav-practice").click();
      await portal.$("activity-toggle").click();
      await portal.$("fault-503").click();
      await portal.$("tools-outcome").filter({ hasText: "503" }).waitFor();
      await portal.$("make-call").click();
      await portal.$("tools-called").waitFor();
      await portal.look("e1-activity", inDialog);
      await portal.$("activity-toggle").click();

      await portal.$("connect-own").click();
      await portal.$("by-discovery").check();
      await portal.$("connect-button").click();
      await portal.$("connect-error").waitFor();
      await portal.look("f1-discovery-errors");
      assert.deepEqual(
        portal.problems.filter((line) => /^(page error|policy)/.test(line)),
        [],
      );
    },
  );
}

test("the colours are those of the scheme", async (t) => {
  const portal = await portals.open(t);
  const brightness = () =>
    portal.page.evaluate(() => {
      const context = document.createElement("canvas").getContext("2d");
      const of = (color) => {
        context.fillStyle = color;
        context.fillRect(0, 0, 1, 1);
        const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
        return (r * 299 + g * 587 + b * 114) / 255_000;
      };
      return [
        of(getComputedStyle(document.documentElement).backgroundColor),
        of(getComputedStyle(document.body).color),
      ];
    });
  await portal.page.emulateMedia({ colorScheme: "dark" });
  const [night, moon] = await brightness();
  assert.ok(night < 0.3 && moon > 0.7, `background ${night}, text ${moon}`);
  await portal.page.emulateMedia({ colorScheme: "light" });
  const [paper, ink] = await brightness();
  assert.ok(paper > 0.7 && ink < 0.3, `background ${paper}, text ${ink}`);
});

for (const view of ["orders", "events", "patients", "new-scan"]) {
  test(`${view}: wherever it is scrolled to, nothing lies over a control`, async (t) => {
    const portal = await portals.open(t, { viewport: { width: 360, height: 740 }, path: `#/${view}` });
    await portal.page.locator("main h1").waitFor();
    for (let top = 0; top < 400; top += 37) {
      await portal.page.evaluate((top) => document.getElementById("page").scrollTo(0, top), top);
      await assertAccessible(portal.page, `${view}, scrolled by ${top} px`);
    }
  });
}

test("keys scroll the page before anything has the focus", async (t) => {
  const portal = await portals.open(t);
  await portal.ordersLoaded();
  await portal.page.keyboard.press("PageDown");
  await portal.page.waitForFunction(() => document.getElementById("page").scrollTop > 0);
  await portal.page.keyboard.press("Home");
  await portal.page.waitForFunction(() => document.getElementById("page").scrollTop === 0);
});

/** Presses Tab until an element that matches `selector` has the focus, at most once around the page. */
async function tabTo(portal, selector) {
  for (let i = 0; i < 120; i += 1) {
    await portal.page.keyboard.press("Tab");
    const state = await portal.page.evaluate((wanted) => {
      const element = document.activeElement;
      if (!element?.matches(wanted)) return null;
      // A link that covers its whole row draws its focus with ::after.
      const styles = [undefined, "::before", "::after"].map((part) => getComputedStyle(element, part));
      return {
        shown: styles.some(({ outlineStyle, outlineWidth }) => outlineStyle !== "none" && parseFloat(outlineWidth) > 0),
      };
    }, selector);
    if (state) {
      assert.ok(state.shown, `the focus on ${selector} is visible`);
      return;
    }
  }
  assert.fail(`the Tab key does not reach ${selector}`);
}

test("the whole main job works with the keyboard alone", { timeout: 120_000 }, async (t) => {
  const portal = await portals.open(t);
  const { keyboard } = portal.page;
  await tabTo(portal, '[data-testid="nav-new-scan"]');
  await keyboard.press("Enter");
  await portal.$("rx-form").waitFor();
  for (const [name, value] of [
    ["patientFirstName", "Key"],
    ["patientLastName", "Board"],
    ["patientChartNumber", "E2E-KEYS"],
    ["dateOfBirth", "1990-02-28"],
  ]) {
    await tabTo(portal, `[name="${name}"]`);
    await keyboard.type(value);
  }
  await tabTo(portal, '[name="doctorId"]');
  await keyboard.press("ArrowDown");
  assert.notEqual(await portal.field("doctorId").inputValue(), "");
  await tabTo(portal, '[data-testid="rx-submit"]');
  await keyboard.press("Enter");
  await portal.$("rx-created").waitFor();
  await tabTo(portal, '[data-testid="complete-scan"]');
  await keyboard.press("Enter");
  const row = portal.$("order-row").filter({ hasText: "Key Board" });
  await row.waitFor();
  const rxId = await row.getAttribute("data-rx-id");
  await tabTo(portal, `[data-rx-id="${rxId}"] a`);
  await keyboard.press("Enter");
  await portal.$("download-scan").waitFor();
  await tabTo(portal, '[data-testid="download-scan"]');
  await keyboard.press("Enter");
  await portal.$("archive-entries").waitFor({ timeout: 45_000 });
  portal.assertNoProblems();
});

test("a patient is found and edited with the keyboard alone", { timeout: 120_000 }, async (t) => {
  const portal = await portals.open(t);
  const { keyboard } = portal.page;
  await tabTo(portal, '[data-testid="nav-patients"]');
  await keyboard.press("Enter");
  await portal.patientsLoaded();
  await tabTo(portal, '[name="search-chartNumber"]');
  await keyboard.type("SB-1014*");
  await keyboard.press("Enter");
  await portal.page.waitForFunction(() => document.querySelectorAll('[data-testid="patient-row"]').length === 1);
  await tabTo(portal, '[data-testid="edit-patient"]');
  await keyboard.press("Enter");
  await tabTo(portal, '[name="edit-lastName"]');
  await keyboard.press("Control+A");
  await keyboard.type("Keyboard");
  await tabTo(portal, '[data-testid="patient-save"]');
  await keyboard.press("Enter");
  await portal.patientRow("Keyboard").waitFor();
  await tabTo(portal, '[data-testid="activity-toggle"]');
  await keyboard.press("Enter");
  await tabTo(portal, '[data-testid="expire-token"]');
  portal.assertNoProblems();
});

test("Enter in a field sends the form", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t, { path: "#/new-scan" });
  await portal.fillScanRequest({ chart: "E2E-ENTER" });
  await portal.field("patientChartNumber").press("Enter");
  await portal.$("rx-created").waitFor();
  portal.assertNoProblems();
});

test(
  "every control has a name, every picture an alt text, and the page one heading",
  { timeout: 60_000 },
  async (t) => {
    const portal = await portals.open(t);
    await portal.$("activity-toggle").click();
    for (const [nav, ready] of [
      ["nav-orders", "orders-count"],
      ["nav-events", "events-count"],
      ["nav-patients", "patients-find"],
      ["open-correction", "correct-submit"],
      ["nav-captures", "captures-count"],
      ["nav-new-scan", "rx-form"],
      ["nav-practice", "practice-view"],
    ]) {
      await portal.$(nav).click();
      await portal.$(ready).waitFor();
      const nameless = await portal.page.evaluate(() =>
        [...document.querySelectorAll("input, select, textarea, button, a[href]")]
          .filter((element) => element.checkVisibility())
          .filter(
            (element) =>
              !(
                element.labels?.length ||
                element.getAttribute("aria-label") ||
                element.getAttribute("aria-labelledby") ||
                element.textContent.trim()
              ),
          )
          .map((element) => element.outerHTML),
      );
      assert.deepEqual(nameless, []);
      assert.equal(await portal.page.locator("img:not([alt])").count(), 0);
      assert.equal(await portal.page.locator("h1").count(), 1);
      assert.ok(await portal.page.evaluate(() => document.documentElement.lang));
    }
  },
);

test("the page's security policy is strict, is sent as a header, and is enforced", { timeout: 60_000 }, async (t) => {
  const response = await fetch(portals.url);
  const policy = response.headers.get("content-security-policy");
  assert.ok(policy, "a Content-Security-Policy header");
  const directives = new Map(
    policy
      .split(";")
      .map((part) => part.trim().split(/\s+/))
      .map(([name, ...values]) => [name, values]),
  );
  assert.deepEqual(directives.get("script-src"), ["'self'", "'wasm-unsafe-eval'"]);
  assert.deepEqual(directives.get("default-src"), ["'none'"]);
  for (const values of directives.values()) {
    assert.ok(
      !values.includes("'unsafe-inline'") && !values.includes("'unsafe-eval'") && !values.includes("*"),
      policy,
    );
  }

  const portal = await portals.open(t);
  await portal.ordersLoaded();
  portal.assertNoProblems();
  // Code that evaluate() runs directly is exempt from the policy; code that it adds to the page is not.
  await portal.page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.inlineRan = true";
    document.head.append(script);
    setTimeout(() => {
      try {
        window.evaluated = new Function("return 'yes'")();
      } catch (error) {
        window.evaluated = error.name;
      }
    });
  });
  await portal.page.waitForFunction(() => window.evaluated !== undefined);
  assert.deepEqual(await portal.page.evaluate(() => [window.inlineRan, window.evaluated]), [undefined, "EvalError"]);
});
