// Runs examples/react-portal as its reader does, in Chromium.
import assert from "node:assert/strict";
import { eventually } from "../support/edge.mjs";
import { test } from "../support/test.mjs";
import { exampleForThisFile } from "./installed.mjs";

const LIVE = /^\d+ orders\. Changes appear as they happen\.$/;

const running = exampleForThisFile("react-portal");

async function openPage(t) {
  const page = await running.browser.newPage();
  t.after(() => page.close());
  page.setDefaultTimeout(20_000);
  return page;
}

/** Opens the portal, and returns once its table follows the practice. */
async function openOrders(page) {
  await page.goto(running.portal.url);
  await page.getByRole("status").filter({ hasText: LIVE }).waitFor();
}

test("the table has the practice's orders, and a new scan as it happens", { timeout: 60_000 }, async (t) => {
  const page = await openPage(t);
  await openOrders(page);
  const rows = page.locator("tbody tr");
  const count = await rows.count();
  assert.ok(count > 100, `${count} orders`);
  running.portal.pressEnter();
  await page.locator("tr.changed").filter({ hasText: "Ada Example" }).waitFor();
  assert.equal(await rows.count(), count + 1);
});

test("a scan is drawn, and gives its worker back when another is shown", { timeout: 60_000 }, async (t) => {
  const page = await openPage(t);
  await openOrders(page);
  for (const nth of [0, 1]) {
    await page.getByRole("button", { name: "Show" }).nth(nth).click();
    await page.locator(".scan").filter({ hasText: "triangles" }).waitFor();
    await eventually(
      async () => coloursOf(page, await page.locator(".scan canvas").screenshot()),
      (colours) => colours > 50,
    );
    await eventually(
      () => page.workers().length,
      (workers) => workers === 1,
    );
  }
});

test("a narrow page does not scroll sideways, with a scan above the table", { timeout: 60_000 }, async (t) => {
  const page = await openPage(t);
  await page.setViewportSize({ width: 360, height: 800 });
  await openOrders(page);
  await page.getByRole("button", { name: "Show" }).first().click();
  await page.locator(".scan canvas").waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  const [scan, table] = await Promise.all([".scan", ".table"].map((part) => page.locator(part).boundingBox()));
  assert.ok(scan.y + scan.height <= table.y);
});

test("a call that fails is said in the page", { timeout: 60_000 }, async (t) => {
  const page = await openPage(t);
  await page.route("**/api/v2/**", (route) => route.abort());
  await page.goto(running.portal.url);
  const alert = page.getByRole("alert");
  await alert.waitFor();
  assert.equal(await alert.textContent(), "The connection failed. Load the page again.");
});

test("a user who is no longer signed in is asked to sign in", { timeout: 60_000 }, async (t) => {
  const page = await openPage(t);
  let sessions = 0;
  await page.route("**/session", (route) => (++sessions === 1 ? route.continue() : route.fulfill({ status: 401 })));
  const headers = { "Access-Control-Allow-Origin": running.portal.url };
  await page.route("**/api/v2/**", (route) => route.fulfill({ status: 401, headers }));
  for (const _ of ["its session is refused", "it gets none"]) {
    await page.goto(running.portal.url);
    const alert = page.getByRole("alert");
    await alert.waitFor();
    assert.equal(await alert.textContent(), "Your session is over, or may not do this. Sign in again.");
  }
});

test("the session's token is in no URL and not in the page", async (t) => {
  const page = await openPage(t);
  const urls = [];
  const tokens = new Set();
  page.on("request", (request) => {
    urls.push(request.url());
    const [, token] = /^Bearer (.+)$/.exec(request.headers().authorization ?? "") ?? [];
    if (token) tokens.add(token);
  });
  page.on("websocket", (socket) => urls.push(socket.url()));
  await openOrders(page);
  assert.ok(tokens.size > 0, "calls have a token");
  const stored = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, document.cookie]));
  for (const token of tokens) {
    for (const text of [...urls, await page.content(), stored]) assert.ok(!text.includes(token));
  }
});

/** Counts the colours of a picture. */
function coloursOf(page, png) {
  return page.evaluate(async (base64) => {
    const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
    const context = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
    context.drawImage(picture, 0, 0);
    const { data } = context.getImageData(0, 0, picture.width, picture.height);
    return new Set(new Uint32Array(data.buffer)).size;
  }, png.toString("base64"));
}
