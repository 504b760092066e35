// How the page looks and is reached: both widths, both colour schemes, the keyboard alone, and its security policy.
import assert from "node:assert/strict";
import { portalForThisFile } from "../support/portal.mjs";
import { test } from "../support/test.mjs";

const portals = portalForThisFile();

for (const width of [360, 1440]) {
  for (const colorScheme of ["light", "dark"]) {
    test(
      `at ${width} px in ${colorScheme} no view scrolls sideways (screenshots are kept)`,
      { timeout: 120_000 },
      async (t) => {
        const portal = await portals.open(t, { viewport: { width, height: width === 360 ? 740 : 900 }, colorScheme });
        const name = (view) => `${view}-${width}-${colorScheme}`;
        const look = async (view) => {
          await portal.assertNoHorizontalScroll(view);
          await portal.screenshot(name(view));
        };
        await portal.ordersLoaded();
        await look("1-orders");

        await portal.$("nav-practice").click();
        await portal.$("practice-view").waitFor();
        await look("2-practice");

        await portal.$("nav-new-scan").click();
        await portal.fillScanRequest({
          firstName: "",
          birth: "1990-02-30",
          lastName: "van der Wolfeschlegelsteinhausen-Bergerdorff",
        });
        await portal.field("procedure").selectOption("Fixed Restorative");
        await portal.$("rx-submit").click();
        await portal.$("error-patientFirstName").waitFor();
        await look("3-new-scan-errors");

        await portal.field("patientFirstName").fill("Maria");
        await portal.field("dateOfBirth").fill("1990-02-28");
        await portal.$("rx-submit").click();
        await portal.$("rx-created").waitFor();
        await look("4-new-scan-sent");

        const rxId = await portal.$("pending-rx").locator("[data-rx-id]").first().getAttribute("data-rx-id");
        await portal.completeScan(rxId);
        await portal.ordersLoaded();
        await look("5-order-arrived");

        await portal.openOrder(rxId);
        await look("6-order");
        await portal.download();
        await portal.pictureWidths();
        await look("7-order-downloaded");

        await portal.$("connect-own").click();
        await portal.connectTo("http://127.0.0.1:9", "x");
        await portal.$("connect-error").waitFor();
        await look("8-connection-error");

        const [background, text] = await portal.page.evaluate(() => {
          const context = document.createElement("canvas").getContext("2d");
          const brightness = (color) => {
            context.fillStyle = color;
            context.fillRect(0, 0, 1, 1);
            const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
            return (r * 299 + g * 587 + b * 114) / 255_000;
          };
          const style = getComputedStyle(document.body);
          const root = getComputedStyle(document.documentElement);
          const painted = style.backgroundColor === "rgba(0, 0, 0, 0)" ? root.backgroundColor : style.backgroundColor;
          return [brightness(painted), brightness(style.color)];
        });
        if (colorScheme === "dark") assert.ok(background < 0.3 && text > 0.7, `background ${background}, text ${text}`);
        else assert.ok(background > 0.7 && text < 0.3, `background ${background}, text ${text}`);
      },
    );
  }
}

/** Tabs until the focus is on what `selector` names, at most once around the page. */
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
  portal.assertNoTrouble();
});

test("Enter in a field sends the form", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t, { path: "#/new-scan" });
  await portal.fillScanRequest({ chart: "E2E-ENTER" });
  await portal.field("patientChartNumber").press("Enter");
  await portal.$("rx-created").waitFor();
  portal.assertNoTrouble();
});

test("every control has a name, every picture a text, the page one heading", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t);
  for (const [nav, ready] of [
    ["nav-orders", "orders-count"],
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
});

test("the policy of the page is strict, comes as a header, and holds", { timeout: 60_000 }, async (t) => {
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
  portal.assertNoTrouble();
  // What evaluate() runs itself is exempt from the policy; what it leaves behind is not.
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
