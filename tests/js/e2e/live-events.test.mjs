// `scanEvents` in a page of another origin than the edge function's, with the browser's own WebSocket and CORS.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { join } from "node:path";
import { launchChromium } from "../support/chromium.mjs";
import { eventually, startEdge, temporaryFolder } from "../support/edge.mjs";
import { env, session } from "../support/live-readers.mjs";
import { startOrdersService } from "../support/orders-service.mjs";
import { servePage } from "../support/page-server.mjs";
import { ROOT, test } from "../support/test.mjs";
import { guid } from "../support/wire.mjs";

/** @type {Awaited<ReturnType<typeof launchChromium>>} */
let browser;
/** @type {Awaited<ReturnType<typeof servePage>>} */
let site;
before(async () => {
  browser = await launchChromium();
  site = await servePage(join(ROOT, "pkg"), "http://127.0.0.1:* ws://127.0.0.1:*");
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/** An edge function that allows the site's pages, and a page that follows its events once `follow` is called. */
async function start(t, { origins = new URL(site.url).origin, storage } = {}) {
  const edge = await startEdge(t, { env: { ...env, ALLOWED_ORIGINS: origins }, ...(storage && { storage }) });
  const service = await startOrdersService(t);
  await edge.register(77, service.registration(77));
  const page = await browser.newPage();
  t.after(() => page.close());
  await page.goto(`${site.url}package.json`);
  await page.exposeFunction("session", () => session(77));
  const notify = async (n) => {
    service.setOrder(77, guid(n), "Completed", { ScanningDate: "2020-01-01T00:00:00Z" });
    assert.equal((await edge.notify(guid(n), 77)).status, 202);
  };
  const follow = () =>
    page.evaluate(async (edgeUrl) => {
      const { scanEvents } = await import("/lib/events/events.js");
      const seen = { seqs: [], states: [], error: null };
      const onState = ({ type }) => seen.states.push(type);
      const { session } = window;
      const events = scanEvents({ edgeUrl, companyId: 77, session, onState });
      window.seen = seen;
      window.leave = () => events.return();
      void (async () => {
        for await (const { seq } of events) seen.seqs.push(seq);
      })().catch((error) => (seen.error = error.kind));
    }, edge.url);
  const seen = () => page.evaluate(() => window.seen);
  return { edge, page, notify, follow, seen };
}

test("events come live into a page of an allowed origin, and leaving closes the socket", async (t) => {
  const { page, notify, follow, seen } = await start(t);
  const sockets = [];
  page.on("websocket", (socket) => sockets.push(socket));
  await notify(1);
  await follow();
  await eventually(seen, ({ seqs }) => seqs.length === 1);
  await notify(2);
  await eventually(seen, ({ seqs }) => seqs.length === 2);
  assert.deepEqual(await seen(), { seqs: [1, 2], states: ["connecting", "live"], error: null });
  assert.equal(sockets.length, 1);
  await page.evaluate(() => window.leave());
  await eventually(() => sockets[0].isClosed(), Boolean);
});

test("where the page has no WebSocket the feed is polled, across origins", async (t) => {
  const { page, notify, follow, seen } = await start(t);
  await page.evaluate(() => delete window.WebSocket);
  await notify(1);
  await follow();
  await eventually(seen, ({ seqs }) => seqs.length === 1);
  await notify(2);
  await eventually(seen, ({ seqs }) => seqs.length === 2);
  assert.deepEqual((await seen()).states, ["polling"]);
});

test("a page of a foreign origin is told that it is forbidden", async (t) => {
  const { follow, seen } = await start(t, { origins: "https://portal.example" });
  await follow();
  await eventually(seen, ({ error }) => error === "forbidden");
});

test("a page goes on when the edge function is back", async (t) => {
  const storage = temporaryFolder(t);
  const { edge, notify, follow, seen } = await start(t, { storage });
  await notify(1);
  await follow();
  await eventually(seen, ({ seqs }) => seqs.length === 1);
  await edge.kill();
  await eventually(seen, ({ states }) => states.at(-1) === "offline");
  const { origin, port } = new URL(edge.url);
  const again = await startEdge(t, {
    env: { ...env, ALLOWED_ORIGINS: new URL(site.url).origin },
    storage,
    port: Number(port),
  });
  assert.equal(new URL(again.url).origin, origin);
  await notify(2);
  await eventually(seen, ({ seqs }) => seqs.length === 2, 60_000);
  assert.deepEqual((await seen()).seqs, [1, 2]);
});
