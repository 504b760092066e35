// Runs examples/next-app as its reader does, in Chromium.
import assert from "node:assert/strict";
import { test } from "../support/test.mjs";
import { exampleForThisFile } from "./installed.mjs";

const running = exampleForThisFile("next-app");

test("the server lists the orders in the page, and keeps its token", async () => {
  const html = await (await fetch(running.portal.url)).text();
  const rows = html.match(/<tr><td>\d{4}-\d\d-\d\d<\/td>/g) ?? [];
  assert.ok(rows.length >= 5, `${rows.length} orders`);
  assert.ok(!html.includes("sandbox-access-token"));
});

test("the session route gives a session that may follow events and do nothing else", async () => {
  const response = await fetch(`${running.portal.url}/api/session`, { method: "POST" });
  assert.equal(response.headers.get("cache-control"), "no-store");
  const { token, edgeUrl, companyId } = await response.json();
  const call = (path) =>
    fetch(`${edgeUrl}/practices/${companyId}/${path}`, { headers: { Authorization: `Bearer ${token}` } });
  const feed = await call("events?after=0&limit=1");
  assert.equal((await feed.json()).events[0].seq, 1);
  const orders = await call("api/v2/orders/practice?Offset=0&pageSize=1");
  assert.equal(orders.status, 403);
  assert.equal((await orders.json()).code, "insufficient-scope");
});

test("a narrow page does not scroll sideways", { timeout: 60_000 }, async (t) => {
  const page = await running.browser.newPage({ viewport: { width: 360, height: 800 } });
  t.after(() => page.close());
  await page.goto(running.portal.url);
  await page.locator("td").first().waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
});

test("a new scan is an event in the page as it happens", { timeout: 60_000 }, async (t) => {
  const page = await running.browser.newPage();
  t.after(() => page.close());
  await page.goto(running.portal.url);
  await page.getByRole("status").filter({ hasText: "Events appear as they happen." }).waitFor();
  const newest = page.locator("li").first();
  const { events } = await feedOf(running.portal.url);
  await newest.filter({ hasText: `order ${events.at(-1).orderId},` }).waitFor();
  running.portal.pressEnter();
  await newest.filter({ hasNotText: `order ${events.at(-1).orderId},` }).waitFor();
  const after = (await feedOf(running.portal.url)).events.at(-1);
  assert.equal(await newest.textContent(), `New: order ${after.orderId}, ${after.status}`);
});

/** Returns all events so far, by a session of its own. */
async function feedOf(url) {
  const { token, edgeUrl, companyId } = await (await fetch(`${url}/api/session`, { method: "POST" })).json();
  const headers = { Authorization: `Bearer ${token}` };
  return (await fetch(`${edgeUrl}/practices/${companyId}/events?after=0&limit=1000`, { headers })).json();
}
