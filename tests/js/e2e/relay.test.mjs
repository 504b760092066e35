// A page of another origin than the edge function's, which reaches the practice through its relay, in Chromium.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "itero-dpms";
import { launchChromium } from "../support/chromium.mjs";
import { startEdge, temporaryFolder } from "../support/edge.mjs";
import { SESSION_SECRET, session } from "../support/relay.mjs";
import { servePage } from "../support/page-server.mjs";
import { startSandbox } from "../support/sandbox-cli.mjs";
import { ROOT, collect, test as boundedTest } from "../support/test.mjs";

const test = (name, run) => boundedTest(name, { timeout: 60_000 }, run);

/** @type {Awaited<ReturnType<typeof launchChromium>>} */
let browser;
/** @type {Awaited<ReturnType<typeof servePage>>} */
let site;
/** @type {Awaited<ReturnType<typeof startSandbox>>} */
let sandbox;
/** @type {number} */
let companyId;
/** Every order of the practice. @type {string[]} */
let rxIds;
/** An order that has a scan. @type {number} */
let scanned;

before(async () => {
  sandbox = await startSandbox(["--generation-ms", "20"]);
  const practice = await createClient({ endpoints: { baseUrl: sandbox.baseUrl }, accessToken: sandbox.accessToken });
  ({ companyId } = await practice.practiceConfiguration());
  const orders = await collect(practice.orders());
  rxIds = orders.map(({ rxId }) => rxId);
  scanned = orders.find(({ links }) => links.scan !== null).orderId;
  browser = await launchChromium();
  site = await servePage(join(ROOT, "pkg"), "http://127.0.0.1:*");
});
after(async () => {
  await browser?.close();
  await site?.close();
  await sandbox?.stop();
});

/** An edge function that allows the site's pages, if no other origins are given. */
async function startRelay(t, { origins = new URL(site.url).origin, ...options } = {}) {
  const env = { SESSION_SECRETS: SESSION_SECRET, ALLOWED_ORIGINS: origins };
  const edge = await startEdge(t, { env, ...options });
  if (options.port === undefined) {
    await edge.register(companyId, { endpoints: { baseUrl: sandbox.baseUrl }, accessToken: sandbox.accessToken });
  }
  return edge;
}

/** A page with a client; what it sends, and how often it asks for another session. */
async function open(t, edge, scopes) {
  const page = await browser.newPage();
  t.after(() => page.close());
  const sent = [];
  page.on("request", (request) =>
    sent.push(`${request.url()} ${JSON.stringify(request.headers())} ${request.postData()}`),
  );
  const sessions = { asked: 0 };
  await page.exposeFunction("session", () => session({ companyId, ...(scopes && { scopes }) }));
  await page.exposeFunction("renewed", () => {
    sessions.asked += 1;
    return session({ companyId, ...(scopes && { scopes }) });
  });
  // Of another practice: for the edge function no other than one that has ended.
  await page.exposeFunction("endedSession", () => session({ companyId: companyId + 1 }));
  await page.goto(`${site.url}package.json`);
  await page.evaluate(
    async ([edgeUrl, companyId]) => {
      const { createClient } = await import("/lib/client/browser.js");
      window.token = await window.session();
      window.client = await createClient({
        endpoints: { edgeUrl, companyId },
        retry: { attempts: 8 },
        accessToken: () => window.token,
        refresh: async () => (window.token = await window.renewed()),
      });
      window.failure = (call) =>
        call.then(
          () => null,
          ({ kind, status, code, message }) => ({ kind, status, code, message }),
        );
    },
    [edge.url, companyId],
  );
  return { page, sent, sessions };
}

test("a session that ends amid a walk and a download is renewed once each, and nothing is missed", async (t) => {
  const { page, sent, sessions } = await open(t, await startRelay(t));
  const walked = await page.evaluate(async () => {
    const rxIds = [];
    for await (const { rxId } of window.client.orders({ pageSize: 25 })) {
      if (rxIds.push(rxId) === 30) window.token = await window.endedSession();
    }
    return rxIds;
  });
  assert.deepEqual(walked, rxIds);
  assert.equal(sessions.asked, 1);
  const [received, whole] = await page.evaluate(async (orderId) => {
    const response = await window.client.downloadScan(orderId, "IDE");
    window.token = await window.endedSession();
    const { byteLength } = await response.arrayBuffer();
    await window.client.practiceConfiguration();
    return [byteLength, Number(response.headers.get("content-length"))];
  }, scanned);
  assert.ok(received > 100_000);
  assert.equal(received, whole);
  assert.equal(sessions.asked, 2);
  for (const request of sent) assert.ok(!request.includes(sandbox.accessToken), request);
});

test("the practice's token expires, and the page does not notice", async (t) => {
  const edge = await startRelay(t);
  const { page, sessions } = await open(t, edge);
  const name = () => page.evaluate(async () => (await window.client.practiceConfiguration()).companyName);
  const before = await name();
  const { accessToken } = await sandbox.control("expire-token", {});
  sandbox.accessToken = accessToken;
  await edge.register(companyId, { endpoints: { baseUrl: sandbox.baseUrl }, accessToken });
  assert.equal(await name(), before);
  assert.equal(sessions.asked, 0);
});

test("a walk goes on when the edge function was killed and is back", async (t) => {
  const storage = temporaryFolder(t);
  const edge = await startRelay(t, { storage });
  const { page } = await open(t, edge);
  let back;
  await page.exposeFunction("kill", async () => {
    await edge.kill();
    back = sleep(300).then(() => startRelay(t, { storage, port: Number(new URL(edge.url).port) }));
  });
  const walked = await page.evaluate(async () => {
    const rxIds = [];
    for await (const { rxId } of window.client.orders({ pageSize: 25 }))
      if (rxIds.push(rxId) === 30) await window.kill();
    return rxIds;
  });
  await back;
  assert.deepEqual(walked, rxIds);
});

test("a scope that is missing is told, across origins", async (t) => {
  const { page, sessions } = await open(t, await startRelay(t), ["orders:read"]);
  const failure = await page.evaluate((id) => window.failure(window.client.downloadScan(id, "IDE")), scanned);
  assert.deepEqual([failure.kind, failure.status, failure.code], ["unauthorized", 403, "insufficient-scope"]);
  assert.match(failure.message, /files:read/);
  assert.equal(sessions.asked, 0);
});

test("a page of a foreign origin reads nothing, and is told what it can be", async (t) => {
  const { page } = await open(t, await startRelay(t, { origins: "https://portal.example" }));
  const failure = await page.evaluate(() => window.failure(window.client.practiceConfiguration({ retry: false })));
  assert.equal(failure.kind, "network");
  assert.match(failure.message, /CORS forbids/);
});
