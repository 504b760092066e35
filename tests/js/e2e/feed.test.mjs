// The event feed: each event is shown once, from the edge function if one runs, otherwise by polling. Whatever fails, the events
// shown stay.
import assert from "node:assert/strict";
import { after } from "node:test";
import { ADMIN_KEY, startFakeEdge } from "../support/fake-edge.mjs";
import { html, json, startFaultyServer } from "../support/faulty-server.mjs";
import { portalForThisFile } from "../support/portal.mjs";
import { test as boundedTest } from "../support/test.mjs";
import { envelope, wireOrder, wirePage, wirePractice } from "../support/wire.mjs";

const test = (name, run) => boundedTest(name, { timeout: 60_000 }, run);

/** @type {Awaited<ReturnType<typeof startFakeEdge>>} */
let edge;
const portals = portalForThisFile(async () => {
  edge = await startFakeEdge();
  edge.running = false;
  return { ITERO_EDGE_URL: edge.url, ADMIN_KEY };
});
after(() => edge?.close());

/** Opens the events of a sandbox that was checked once. No edge function runs, unless the test starts one first. */
async function openEvents(t, options) {
  const portal = await portals.open(t, options);
  await portal.ordersLoaded();
  await portal.$("nav-events").click();
  await checked(portal);
  return portal;
}

const checked = (portal) => portal.$("feed-times").filter({ hasText: "Checked" }).waitFor();
const source = (portal, text) => portal.$("feed-source").filter({ hasText: text }).waitFor();
const unread = (portal, count) =>
  portal
    .$("events-unread")
    .filter({ hasText: new RegExp(`^${count} `) })
    .waitFor();

/** Checks for events now and waits for the result. */
async function check(portal) {
  await portal.$("feed-look").click();
  await portal.page.locator('section[aria-label="Events"][aria-busy="false"]').waitFor();
}

/** The texts of the events, newest first. */
async function lines(portal) {
  const texts = await portal.$("event-row").allInnerTexts();
  return texts.map((text) => text.replace(/\s+/g, " "));
}

/** Runs the edge function until the test ends. */
function runEdge(t, change = {}) {
  const stopped = { running: false, instead: null, attention: null, adminKey: ADMIN_KEY, events: [] };
  t.after(() => Object.assign(edge, stopped));
  Object.assign(edge, stopped, { running: true }, change);
}

test("a scan that is completed and a status that changes become events, without a patient", async (t) => {
  const portal = await openEvents(t);
  assert.match(await portal.$("events-empty").innerText(), /Nothing has happened[\s\S]*scan request/);
  const rxId = await portal.pushScanRequest({ firstName: "Zzyzx", lastName: "Secretpatient", chart: "CHART-SECRET" });
  await portal.completeScan(rxId);
  await unread(portal, 1);
  await portal.control("order-status", { rxId, status: "Lab Review" });
  await portal.$("nav-events").click();
  await check(portal);
  await portal.$("event-row").nth(1).waitFor();
  const [changed, ready] = await lines(portal);
  assert.match(changed, /\d:\d\d.* Status changed New Completed → (to )?Lab Review .*Order \d+/);
  assert.match(ready, /Scan ready New Completed .*Order \d+/);
  for (const line of [changed, ready]) assert.ok(line.includes(rxId) && line.endsWith("Poll"), line);
  const kept = (await portal.stored()) + (await portal.$("events-view").innerText());
  for (const secret of ["Zzyzx", "Secret", "CHART", "sandbox-access-token"])
    assert.ok(!kept.includes(secret), `${secret} is kept`);

  await portal.$("event-row").first().getByRole("link").click();
  await portal.$("order-detail").getByText("Zzyzx Secretpatient").first().waitFor();
  portal.assertNoProblems();
  portal.assertOnlyLocalRequests();
});

test("a status changed in the panel appears automatically, and is announced once to screen readers", async (t) => {
  const portal = await openEvents(t);
  await portal.$("activity-toggle").click();
  await portal.field("tool-status").selectOption("iTero Milling");
  await portal.$("move-order").click();
  await portal.$("event-row").waitFor();
  assert.match(await portal.page.locator("#announcer").innerText(), /^Status changed, order \d+: iTero Milling\.$/);
  assert.equal(await portal.$("feed-state").locator('[role="status"]').count(), 1, "its times are not a live region");
  portal.assertNoProblems();
});

test("an event is shown once across reloads, and events during a reload are shown after it", async (t) => {
  const portal = await openEvents(t);
  portal.expect("aborted", /\/orders\/[\da-f-]{36}$/); // a reload cuts the fetch of the order that an event is about
  const rxId = await portal.pushScanRequest({ chart: "E2E-ONCE" });
  await portal.completeScan(rxId);
  await unread(portal, 1);
  for (let reload = 0; reload < 2; reload += 1) {
    await portal.page.reload();
    await portal.connected();
    await portal.$("nav-events").click();
    await check(portal);
    assert.equal(await portal.$("event-row").count(), 1, `after reload ${reload + 1}`);
  }
  await portal.page.goto("about:blank");
  await portal.page.goto(`${portals.url}#/practice`);
  await portal.connected();
  await portal.control("order-status", { rxId, status: "Lab Review" });
  await portal.$("nav-events").click();
  await check(portal);
  await portal.$("event-row").nth(1).waitFor();
  assert.equal((await lines(portal)).length, 2);
  portal.assertNoProblems();
});

test("new events are marked until the view is left or they are marked as read", async (t) => {
  const portal = await openEvents(t);
  const rxId = await portal.pushScanRequest({ chart: "E2E-UNREAD" });
  await portal.completeScan(rxId);
  await unread(portal, 1);
  await portal.$("nav-events").click();
  await portal.$("event-row").filter({ hasText: "New" }).waitFor();
  await portal.$("nav-orders").click();
  await portal.$("events-unread").waitFor({ state: "hidden" });
  await portal.control("order-status", { rxId, status: "Lab Review" });
  await portal.$("nav-events").click();
  await check(portal);
  await unread(portal, 1);
  await portal.$("events-mark-read").click();
  await portal.$("events-unread").waitFor({ state: "hidden" });
  assert.ok((await lines(portal)).every((line) => !line.includes("New")));
  assert.equal(await portal.hasFocus(portal.$("events-mark-read")), true, "the keyboard stays");
  portal.assertNoProblems();
});

test("a paused feed makes no calls, even after a reload; resumed, it shows what happened", async (t) => {
  const portal = await openEvents(t);
  await portal.$("feed-pause").click();
  await source(portal, "Paused");
  await portal.page.reload();
  await portal.connected();
  await source(portal, "Paused");
  const rxId = await portal.pushScanRequest({ chart: "E2E-PAUSE" });
  const before = portal.calls(/edge/).length;
  await portal.completeScan(rxId);
  await portal.$("nav-events").click();
  await portal.$("feed-look").click({ force: true });
  assert.equal(portal.calls(/edge/).length, before);
  assert.equal(await portal.$("event-row").count(), 0);
  await portal.$("feed-pause").click();
  await source(portal, "Live");
  await portal.$("event-row").filter({ hasText: rxId }).waitFor();
  portal.assertNoProblems();
});

test("an offline sandbox is shown, earlier events stay, and a retry continues", async (t) => {
  const portal = await openEvents(t);
  const rxId = await portal.pushScanRequest({ chart: "E2E-OFFLINE" });
  await portal.completeScan(rxId);
  await unread(portal, 1);
  await portal.$("nav-events").click();
  portal.expect("lost", /\/orders\/practice$/);
  await portal.control("fault", { reset: true, times: 100, endpoint: "orders/practice" });
  await check(portal);
  await portal.$("feed-error").waitFor();
  assert.match(await portal.$("feed-error").innerText(), /could not be checked[\s\S]*connection/);
  assert.match(await portal.$("feed-times").innerText(), /again \d/);
  assert.equal(await portal.$("event-row").count(), 1);
  await portal.control("clear-faults");
  await portal.control("order-status", { rxId, status: "Lab Review" });
  await portal.$("feed-error").getByRole("button").click();
  await portal.$("event-row").nth(1).waitFor();
  assert.equal(await portal.$("feed-error").count(), 0);
  portal.assertNoProblems();
});

test("a refused token is shown, with a link to enter another one", async (t) => {
  let refused = false;
  const server = await startFaultyServer(({ path }) => {
    if (path.endsWith("/practice-configuration")) return json(200, envelope(wirePractice()));
    return refused ? json(401, "") : json(200, wirePage([wireOrder()]));
  });
  t.after(() => server.close());
  const portal = await portals.open(t);
  await portal.connectTo(server.baseUrl, "SOME-TOKEN");
  await portal.connected("Own practice");
  await portal.ordersLoaded();
  await portal.$("nav-events").click();
  await checked(portal);
  portal.expect(401, /./);
  portal.expect(404, /\/portal-server\//);
  refused = true;
  await check(portal);
  await portal.$("feed-error").filter({ hasText: "token" }).waitFor();
  await portal.$("feed-error").getByRole("link").click();
  assert.equal(await portal.hasFocus(portal.$("base-url")), true);
  refused = false;
  await check(portal);
  await portal.$("feed-error").waitFor({ state: "detached" });
  portal.assertNoProblems();
});

test("an edge function that appears is used from then on, and its events are shown", async (t) => {
  const portal = await openEvents(t);
  await source(portal, "polling");
  runEdge(t);
  for (let nth = 0; nth < 30; nth += 1) edge.addEvent({ source: "reconcile" });
  await check(portal);
  await source(portal, "edge function");
  await portal.$("event-row").nth(24).waitFor();
  assert.equal(await portal.$("event-row").count(), 25, "the latest of its earlier events");
  assert.equal(await portal.$("events-unread").isVisible(), false);
  const { rxId } = edge.events[29];
  edge.addEvent({ type: "order.changed", rxId, previousStatus: "Completed", status: "Lab Review" });
  await unread(portal, 1); // the page checks every few seconds
  assert.match((await lines(portal))[0], /Status changed New Completed → (to )?Lab Review .*Callback$/);
  assert.equal(
    new Set(await portal.$("event-row").evaluateAll((rows) => rows.map((row) => row.dataset.eventId))).size,
    26,
  );

  await portal.page.reload();
  await portal.connected();
  await check(portal);
  assert.equal(await portal.$("event-row").count(), 26, "no duplicates after a reload");
  assert.ok(!portal.requests.some((url) => url.includes(ADMIN_KEY)));
  assert.ok(!(await portal.page.content()).includes(ADMIN_KEY));
  portal.assertNoProblems();
});

test("an edge function that stops is shown, and the practice is polled until it is back", async (t) => {
  runEdge(t);
  edge.addEvent({});
  const portal = await openEvents(t);
  await source(portal, "edge function");
  edge.running = false;
  await check(portal);
  await source(portal, "polling");
  assert.match(await portal.$("edge-trouble").innerText(), /stopped[\s\S]*make edge/);
  assert.equal(await portal.$("event-row").count(), 1);

  // The edge function does not repeat what polling found meanwhile.
  const rxId = await portal.pushScanRequest({ chart: "E2E-EDGE" });
  await portal.completeScan(rxId);
  await unread(portal, 1);
  edge.addEvent({ rxId });
  edge.running = true;
  await portal.$("nav-events").click();
  await check(portal);
  await source(portal, "edge function");
  assert.equal(await portal.$("edge-trouble").count(), 0);
  assert.equal(await portal.$("event-row").count(), 2);
  portal.assertNoProblems();
});

for (const [what, step, status, words] of [
  ["refuses the portal's key", json(401, {}), 401, /refused[\s\S]*ADMIN_KEY/],
  ["fails", json(503, {}), 503, /problem[\s\S]*503/],
  ["responds with a web page", html(200), null, /problem[\s\S]*could not be read/],
]) {
  test(`an edge function that ${what} is shown, and the practice is polled`, async (t) => {
    runEdge(t);
    const portal = await openEvents(t);
    await source(portal, "edge function");
    edge.instead = step;
    if (status !== null) portal.expect(status, /^\/edge\//);
    await check(portal);
    await source(portal, "polling");
    assert.match(await portal.$("edge-trouble").innerText(), words);
    portal.assertNoProblems();
  });
}

test("an edge function that does not know the practice is not used", async (t) => {
  runEdge(t, { registered: false });
  t.after(() => (edge.registered = true));
  const portal = await openEvents(t);
  await source(portal, "polling");
  assert.equal(await portal.$("edge-trouble").count(), 0);
  portal.assertNoProblems();
});

test("an edge function whose token is refused is shown", async (t) => {
  runEdge(t, { attention: "unauthorized" });
  const portal = await openEvents(t);
  assert.match(await portal.$("edge-trouble").innerText(), /unauthorized[\s\S]*Register/);
  portal.assertNoProblems();
});

test("only the latest 200 events are kept", async (t) => {
  runEdge(t);
  const portal = await openEvents(t);
  for (let nth = 0; nth < 250; nth += 1) edge.addEvent({});
  await check(portal);
  await portal.$("events-count").filter({ hasText: "The latest 200 events, 200 new" }).waitFor();
  assert.match((await lines(portal)).at(-1), /Order 900051\b/);
  portal.assertNoProblems();
});

test("events of another sandbox are marked as such, and a server without sessions says so", async (t) => {
  runEdge(t);
  edge.addEvent({});
  const portal = await portals.open(t);
  const sandboxUrl = "http://127.0.0.1:4010";
  await portal.page.route("**/edge/", (route) => route.fulfill({ json: { sandboxUrl } }));
  await portal.$("nav-events").click();
  await portal.$("feed-elsewhere").filter({ hasText: sandboxUrl }).waitFor();
  assert.equal(await portal.$("event-row").getByRole("link").count(), 0, "this page does not have these orders");
  await portal.$("feed-connect").click();
  await portal.$("edge-failure").filter({ hasText: "makes no sessions" }).waitFor();
  await portal.$("feed-elsewhere").waitFor();
  portal.assertNoProblems();
});

test("the portal's server only proxies reading a practice", async (t) => {
  runEdge(t);
  const before = edge.requests.length;
  const status = async (path, method = "GET") => (await fetch(`${portals.url}edge/${path}`, { method })).status;
  assert.equal(await status("practices/90360"), 200);
  assert.equal(await status("practices/90360", "DELETE"), 405);
  assert.equal(await status("practices/90360/reconcile", "POST"), 405);
  assert.equal(await status("practices/90360/secrets"), 404);
  assert.equal(await status("practices/..%2f..%2fcallback"), 404);
  assert.equal(edge.requests.length, before + 1);
});

for (const width of [360, 1440]) {
  test(`at ${width} px, light and dark, the events do not scroll sideways and are accessible (screenshots are kept)`, async (t) => {
    const portal = await openEvents(t, { viewport: { width, height: width === 360 ? 740 : 900 } });
    await portal.look("g1-events-empty");
    runEdge(t);
    const at = new Date(Date.now() - 5 * 86_400_000).toISOString();
    edge.addEvent({
      at,
      source: "reconcile",
      procedure: "Invisalign Aligners with a name that takes more than a line",
    });
    edge.addEvent({ status: "Scanning" });
    await check(portal);
    const { rxId } = edge.events[1];
    edge.addEvent({ type: "order.changed", rxId, previousStatus: "Scanning", status: "Exporting to Doctor Site" });
    edge.addEvent({
      type: "order.changed",
      rxId,
      previousStatus: "Exporting to Doctor Site",
      status: "Align Production",
    });
    edge.addEvent({ orderId: null, procedure: null, status: null });
    await check(portal);
    await portal.$("event-row").nth(4).waitFor();
    await portal.look("g2-events-edge");
    edge.running = false;
    portal.expect("lost", /\/orders\/practice$/);
    await portal.control("fault", { reset: true, times: 100, endpoint: "orders/practice" });
    await check(portal);
    await portal.$("feed-error").waitFor();
    await portal.page.getByText("What the sources mean").click();
    await portal.look("g3-events-error");
    await portal.$("feed-pause").click();
    await portal.look("g4-events-paused");
    portal.assertNoProblems();
  });
}
