// The portal through the edge function: a page with a session, and never with the practice's token. Sandbox, workerd, the portal's
// server of examples/ and the page each run as their user runs them.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after } from "node:test";
import { createInterface } from "node:readline";
import { createClient } from "itero-dpms";
import { startEdge } from "../support/edge.mjs";
import { portalForThisFile } from "../support/portal.mjs";
import { SESSION_SECRET } from "../support/relay.mjs";
import { startSandbox } from "../support/sandbox-cli.mjs";
import { ROOT, test as boundedTest, within } from "../support/test.mjs";

const test = (name, run) => boundedTest(name, { timeout: 60_000 }, run);

/** Everything but the page, until the file's tests end. */
const ends = [];
after(async () => {
  for (const end of ends.reverse()) await end();
});
const untilTheEnd = { after: (end) => void ends.push(end) };

/** @type {Awaited<ReturnType<typeof startSandbox>>} */
let sandbox;
/** @type {Awaited<ReturnType<typeof startEdge>>} */
let edge;
/** The client of the practice itself. @type {import("itero-dpms").DpmsClient} */
let practice;

const portals = portalForThisFile(async (pageUrl) => {
  sandbox = await startSandbox(["--generation-ms", "20", "--no-cors", "--token", "practice-token-1"]);
  untilTheEnd.after(() => sandbox.stop());
  practice = await createClient({ endpoints: { baseUrl: sandbox.baseUrl }, accessToken: sandbox.accessToken });
  const { companyId } = await practice.practiceConfiguration();
  edge = await startEdge(untilTheEnd, {
    env: { SESSION_SECRETS: SESSION_SECRET, ALLOWED_ORIGINS: new URL(pageUrl).origin },
  });
  await edge.register(companyId, {
    endpoints: { baseUrl: sandbox.baseUrl, v3: { domain: sandbox.baseUrl, path: "third-party/v3" } },
    accessToken: sandbox.accessToken,
  });
  await edge.stateWhen(companyId, ({ lastReconcile }) => lastReconcile !== null);
  const server = spawn(process.execPath, [join(ROOT, "examples/portal-server/server.mjs")], {
    env: { ...process.env, PORT: "0", COMPANY_ID: `${companyId}`, SESSION_SECRETS: SESSION_SECRET },
    stdio: ["ignore", "pipe", "inherit"],
  });
  untilTheEnd.after(() => server.kill());
  const [url] = await within(once(createInterface({ input: server.stdout }), "line"), 10_000, "the portal's server");
  return {
    ...{ ITERO_EDGE_URL: edge.url, ADMIN_KEY: "admin-key-1", PORTAL_URL: url, COMPANY_ID: `${companyId}` },
    ...{ SANDBOX_URL: sandbox.baseUrl, SANDBOX_TOKEN: sandbox.accessToken },
  };
});

/** Opens the portal and connects it through the edge function. */
async function connect(t) {
  const portal = await portals.open(t);
  await signIn(portal, "use-edge");
  return portal;
}

/** Clicks what connects through the edge function, signs in, and waits until it is connected. */
async function signIn(portal, button) {
  portal.expect(401, /\/portal\/session/);
  // Chromium reports some requests with a preflight as aborted although their body was read to its end, by plain fetch too.
  portal.expect("aborted", /\/api\/v2\//);
  await portal.$(button).click();
  await portal.$("edge-failure").getByRole("button", { name: "Sign in" }).click();
  await portal.connected("Through the edge function");
}

const live = (portal) => portal.$("feed-source").filter({ hasText: "Live from the edge function" }).waitFor();

/** Has a scan arrive at the practice, and returns its RX id. */
async function scan() {
  const { companyId, doctors } = await practice.practiceConfiguration();
  const patient = { patientFirstName: "Ada", patientLastName: "Example", patientChartNumber: "A-1001" };
  const rxId = await practice.createScanRequest({ companyId, doctorId: doctors[0].id, ...patient });
  await sandbox.completeScan(rxId);
  await edge.notify(rxId, companyId);
  return rxId;
}

test("a page signs in, lists orders and shows a scan as it comes, without the practice's token", async (t) => {
  const portal = await connect(t);
  const sent = [];
  portal.page.on("request", (request) => sent.push(JSON.stringify([request.url(), request.headers()])));
  await portal.$("nav-orders").click();
  await portal.ordersLoaded();
  await portal.$("nav-events").click();
  await live(portal);
  const rxId = await scan();
  const row = portal.page.locator(`[data-testid="event-row"][data-rx-id="${rxId}"]`);
  await row.waitFor();
  assert.match(await row.innerText(), /Scan ready/);
  await portal.$("nav-orders").click();
  await portal.page.locator(`[data-testid="order-row"][data-rx-id="${rxId}"]`).waitFor();
  assert.ok(
    sent.some((request) => request.includes("/api/v2/orders/")),
    "the calls are seen",
  );
  assert.ok(!sent.some((request) => request.includes(sandbox.accessToken)), "the practice's token is in no request");
  portal.assertNoProblems();
});

test("a page that sees the events of the edge function's sandbox connects with a click, and plays its scanner", async (t) => {
  const portal = await portals.open(t);
  const sent = [];
  portal.page.on("request", (request) =>
    sent.push(JSON.stringify([request.url(), request.headers(), request.postData()])),
  );
  await portal.$("nav-events").click();
  await portal.$("feed-elsewhere").filter({ hasText: sandbox.baseUrl }).waitFor();
  await signIn(portal, "feed-connect");
  await live(portal);
  assert.equal(await portal.$("feed-elsewhere").count(), 0);

  await portal.$("nav-new-scan").click();
  await portal.fillScanRequest({ chart: "A-1002" });
  await portal.$("rx-submit").click();
  await portal.$("rx-created").waitFor();
  const rxId = await portal.$("pending-rx").locator("[data-rx-id]").first().getAttribute("data-rx-id");
  await portal.completeScan(rxId);
  await portal.$("nav-orders").click();
  await portal.page.locator(`[data-testid="order-row"][data-rx-id="${rxId}"]`).waitFor();

  await portal.$("activity-toggle").click();
  assert.equal(await portal.$("fault-503").isVisible(), true);
  assert.equal(await portal.$("expire-token").isVisible(), false, "the page has no token");
  assert.ok(
    sent.some((request) => request.includes("/scanner/sandbox/complete-scan")),
    "the calls are seen",
  );
  assert.ok(!sent.some((request) => request.includes(sandbox.accessToken)), "the practice's token is in no request");
  portal.assertNoProblems();
});

test("the portal's server passes on what happens at a sandbox's practice, and nothing else", async () => {
  const post = async (path, { method = "POST", type = "application/json", body = "{}" } = {}) => {
    const init = { method, headers: { "content-type": type }, ...(method === "POST" && { body }) };
    const response = await fetch(`${portals.url}scanner/${path}`, init);
    return [response.status, await response.text()];
  };
  assert.deepEqual(await post("sandbox/clear-faults"), [200, "{}"]);
  for (const path of ["sandbox/expire-token", "sandbox/callback-url", "sandbox/%66ault", "api/third-party/v2/orders"]) {
    assert.deepEqual(await post(path), [404, ""], path);
  }
  assert.deepEqual(await post("sandbox/clear-faults", { method: "GET" }), [404, ""]);
  // Pages of other sites can send this without a preflight.
  assert.deepEqual(await post("sandbox/clear-faults", { type: "text/plain" }), [415, ""]);
  assert.deepEqual(await post("sandbox/fault", { body: JSON.stringify({ endpoint: "x".repeat(20_000) }) }), [413, ""]);
});

for (const width of [360, 1440]) {
  test(`at ${width} px, light and dark, live events are accessible in each state (screenshots are kept)`, async (t) => {
    const portal = await portals.open(t, { viewport: { width, height: 900 } });
    const { page } = portal;
    let sockets = "silent";
    const opened = [];
    await page.routeWebSocket(/\/live(\?|$)/, (socket) => {
      opened.push(socket);
      if (sockets === "served") socket.connectToServer();
      if (sockets === "refused") socket.close();
    });
    await page.reload();
    await portal.connected();
    const shows = (state) => portal.$("feed-source").getByText(state, { exact: true }).waitFor();

    await portal.$("use-edge").click();
    await portal.$("edge-failure").waitFor();
    await portal.look("h1-edge-sign-in");

    await portal.$("edge-failure").getByRole("button", { name: "Sign in" }).click();
    await portal.$("connection-status").filter({ hasText: "Through the edge function" }).waitFor();
    await portal.$("nav-events").click();
    await shows("Connecting…");
    await portal.look("h2-edge-connecting");

    sockets = "refused";
    for (const socket of opened) await socket.close();
    await shows("Live from the edge function, by polling");
    await portal.look("h3-edge-polling");

    await page.route(/\/events(\?|$)/, (route) => route.abort());
    await shows("Offline: the edge function does not respond");
    await portal.$("feed-times").filter({ hasText: "Again in" }).waitFor(); // it may be trying just now
    await portal.look("h4-edge-offline");

    await page.unroute(/\/events(\?|$)/);
    sockets = "served";
    await page.evaluate(() => dispatchEvent(new Event("online"))); // rather than wait for the next attempt
    await shows("Live from the edge function");
    await portal.look("h5-edge-live");

    sockets = "refused";
    await page.route(/\/portal\/session$/, (route) => route.fulfill({ status: 401 }));
    await opened.at(-1).close({ code: 4401 });
    await shows("The session is over");
    await portal.look("h6-edge-session-over");
  });
}

test("an edge function that is gone is said, and earlier events stay", async (t) => {
  const portal = await connect(t);
  await portal.$("nav-events").click();
  await live(portal);
  await portal.$("event-row").first().waitFor();
  await edge.kill();
  await portal.$("feed-source").filter({ hasText: "Offline" }).waitFor();
  await portal.$("feed-times").filter({ hasText: "Again in" }).waitFor(); // it may be trying just now
  assert.ok((await portal.$("event-row").count()) > 0);
});
