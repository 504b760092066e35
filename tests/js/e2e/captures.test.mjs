// Screen captures as pictures, and the link to the 3D viewer.
import assert from "node:assert/strict";
import { json, raw, startFaultyServer } from "../support/faulty-server.mjs";
import { portalForThisFile } from "../support/portal.mjs";
import { test } from "../support/test.mjs";
import { envelope, wireOrder, wirePage, wirePractice } from "../support/wire.mjs";

const portals = portalForThisFile();

/** Opens the captures and waits for the list. */
async function openCaptures(t, options) {
  const portal = await portals.open(t, options);
  // Pictures that are still loading when the list is left or reloaded.
  portal.expect("aborted", /\/download\/SCREEN_CAPTURE\//);
  await portal.$("nav-captures").click();
  await listed(portal);
  return portal;
}

const listed = async (portal) => {
  await portal.page.locator('[data-testid="captures-list"][aria-busy="false"]').waitFor();
  return Number(/^(\d+) capture/.exec(await portal.$("captures-count").innerText())?.[1]);
};

/** Scrolls through the page until every capture is loaded. */
async function pictures(portal) {
  const count = await portal.$("capture").count();
  for (let nth = 0; nth < count; nth += 1) {
    await portal.$("capture").nth(nth).scrollIntoViewIfNeeded();
    await portal.$("capture").nth(nth).getByTestId("capture-picture").waitFor();
  }
  return portal
    .$("capture-picture")
    .evaluateAll((images) => images.map((image) => [image.naturalWidth, image.src.slice(0, 5)]));
}

const requestedDates = (portal) =>
  portal.requests
    .filter((url) => url.includes("/latest-files"))
    .map((url) => new URL(url).searchParams.get("dateFrom"));

test("the latest captures are pictures, by order, and each opens large", { timeout: 60_000 }, async (t) => {
  const portal = await openCaptures(t);
  const total = await listed(portal);
  assert.ok(total > 0, "the sandbox has captures");
  assert.equal(await portal.$("capture").count(), total);
  for (const [width, scheme] of await pictures(portal)) {
    assert.ok(width > 0);
    assert.equal(scheme, "blob:");
  }
  const group = portal.$("capture-group").first();
  await group.getByTestId("capture").first().getByRole("button").click();
  await portal.$("lightbox").waitFor();
  assert.ok(
    (await portal
      .$("lightbox")
      .locator("img")
      .evaluate((image) => image.naturalWidth)) > 0,
  );
  await portal.page.keyboard.press("Escape");
  await portal.$("lightbox").waitFor({ state: "hidden" });
  await group.getByRole("link").click();
  await portal.$("open-viewer").waitFor();
  portal.assertNoProblems();
  portal.assertOnlyLocalRequests();
});

test(
  "the pictures' memory is freed when the page is left and when the list is reloaded",
  { timeout: 60_000 },
  async (t) => {
    const portal = await portals.open(t);
    await portal.page.evaluate(() => {
      window.alive = new Set();
      const { createObjectURL, revokeObjectURL } = URL;
      URL.createObjectURL = (blob) => {
        const url = createObjectURL.call(URL, blob);
        window.alive.add(url);
        return url;
      };
      URL.revokeObjectURL = (url) => {
        window.alive.delete(url);
        revokeObjectURL.call(URL, url);
      };
    });
    await portal.$("nav-captures").click();
    const total = await listed(portal);
    await pictures(portal);
    const alive = (count) => portal.page.waitForFunction((count) => window.alive.size === count, count);
    await alive(total);
    await portal.$("captures-refresh").click();
    await listed(portal);
    await pictures(portal);
    await alive(total);
    await portal.$("nav-orders").click();
    await alive(0);
    portal.assertNoProblems();
  },
);

test("the time span can be chosen, and the API's limits are shown", { timeout: 60_000 }, async (t) => {
  const portal = await openCaptures(t);
  assert.deepEqual(requestedDates(portal), [null], "the API's default is 14 days");
  const latest = await listed(portal);
  await portal.$("captures-span").selectOption("90");
  assert.ok((await listed(portal)) > latest, "more in 90 days");
  assert.equal(await portal.$("captures-window").count(), 0);

  await portal.$("captures-span").selectOption("date");
  const from = portal.field("captures-dateFrom");
  assert.equal(await portal.hasFocus(from), true);
  await from.fill("2020-02-30");
  await from.press("Enter");
  await portal.$("error-captures-dateFrom").waitFor();
  assert.equal(await from.inputValue(), "2020-02-30");
  const before = requestedDates(portal).length;
  await from.fill("2020-01-01");
  await portal.$("captures-show").click();
  await portal.$("captures-window").waitFor();
  assert.match(await portal.$("captures-window").innerText(), /90 days/);
  assert.equal(requestedDates(portal).length, before + 1);
  assert.equal(requestedDates(portal).at(-1), "2020-01-01");
  portal.assertNoProblems();
});

test("a capture added on an order's page or in the list appears", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t);
  const rxId = await portal.pushScanRequest({ chart: "E2E-CAPTURE" });
  await portal.completeScan(rxId);
  await portal.openOrder(rxId);
  await portal.$("add-capture").click();
  await portal.$("capture-added").waitFor();

  await portal.$("all-captures").click();
  const total = await listed(portal);
  const group = portal.$("capture-group").first();
  assert.match(await group.innerText(), /Maria Jansen/, "the newest first");
  assert.equal(await group.getByTestId("capture").count(), 1);
  await group.getByTestId("add-capture").click();
  await group.getByTestId("capture").nth(1).waitFor();
  assert.equal(await listed(portal), total + 1);
  for (const [width] of await pictures(portal)) assert.ok(width > 0);

  // They are also in the order's archive.
  await group.getByRole("link").click();
  await portal.$("download-captures").click();
  await portal.$("archive-entries").waitFor();
  assert.equal(await portal.$("archive-entry").count(), 2);
  portal.assertNoProblems();
});

test("a list that fails shows an error in place, and a retry loads it", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t);
  await portal.control("fault", { endpoint: "latest-files", status: 500, times: 3 });
  portal.expect(500, /\/latest-files$/);
  await portal.$("nav-captures").click();
  await portal.$("captures-error").waitFor();
  await portal.$("captures-error").getByRole("button").click();
  await portal.$("capture").first().waitFor();
  assert.equal(await portal.$("captures-error").count(), 0);
  portal.assertNoProblems();
});

test("a picture that fails shows an error in its place, and a retry loads it", { timeout: 60_000 }, async (t) => {
  const portal = await openCaptures(t);
  await portal.$("nav-orders").click();
  // For every capture, each call of which is tried three times.
  await portal.control("fault", { endpoint: "order/", status: 503, times: 1000 });
  portal.expect(503, /\/download\/SCREEN_CAPTURE\//);
  await portal.$("nav-captures").click();
  const failed = portal.$("capture").first().getByTestId("capture-error");
  await failed.waitFor();
  await portal.control("clear-faults");
  await failed.getByRole("button").click();
  await portal.$("capture").first().getByTestId("capture-picture").waitFor();
  portal.assertNoProblems();
});

test(
  "a listed link to another origin is not followed: the capture is requested by id",
  { timeout: 60_000 },
  async (t) => {
    const order = wireOrder({ ScanningDate: new Date(Date.now() - 86_400_000).toISOString() });
    const jpeg = await picture(t);
    const created = new Date(Date.now() - 3_600_000).toISOString();
    const server = await startFaultyServer((request) => {
      if (request.path.endsWith("/practice-configuration")) return json(200, envelope(wirePractice()));
      if (request.path.endsWith("/orders/practice")) return json(200, wirePage([order]));
      if (request.path.endsWith("/latest-files")) {
        const captures = ["a", "b"].map((id) => ({ FileUrl: `https://elsewhere.invalid/${id}`, CreatedDate: created }));
        return json(
          200,
          envelope({
            Since: created,
            CompanyId: 9001,
            OrderFileUrls: [{ OrderId: String(order.OrderId), Urls: { SCREEN_CAPTURE: captures } }],
          }),
        );
      }
      // The second one is not a picture.
      const body = request.path.endsWith("/b") ? "not a picture" : jpeg;
      return raw(200, body, { "Content-Type": "image/jpeg" });
    });
    t.after(() => server.close());
    const portal = await portals.open(t);
    await portal.connectTo(server.baseUrl, "SOME-TOKEN");
    await portal.connected("Own practice");
    await portal.$("nav-captures").click();
    await portal.$("capture-picture").waitFor();
    await portal.$("capture-error").filter({ hasText: "not a picture" }).waitFor();
    const paths = server.requests.map(({ path }) => path).filter((path) => path.includes("SCREEN_CAPTURE"));
    assert.deepEqual(
      paths.sort(),
      ["a", "b"].map((id) => `/api/third-party/v2/order/${order.OrderId}/download/SCREEN_CAPTURE/${id}`),
    );
    portal.assertOnlyLocalRequests();
  },
);

/** Returns the bytes of a real JPEG from the sandbox. */
async function picture(t) {
  const portal = await openCaptures(t);
  await portal.$("capture-picture").first().waitFor();
  const bytes = await portal
    .$("capture-picture")
    .first()
    .evaluate(async (image) => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
      canvas.getContext("2d").drawImage(image, 0, 0);
      return canvas.toDataURL("image/jpeg").split(",")[1];
    });
  return Buffer.from(bytes, "base64");
}

test("the order's link opens the 3D viewer in a new tab", { timeout: 60_000 }, async (t) => {
  const portal = await portals.open(t);
  await portal.ordersLoaded();
  await portal.$("order-row").first().getByRole("link").click();
  const link = portal.$("open-viewer");
  await link.waitFor();
  assert.match(await link.getAttribute("rel"), /noopener/);
  assert.match(await link.innerText(), /new tab/);
  const opened = portal.context.waitForEvent("page");
  await link.click();
  const viewer = await opened;
  await viewer.locator("h1").waitFor();
  const order = /order number\s*(\d+)/i.exec(await portal.$("order-detail").innerText())[1];
  assert.match(await viewer.locator("h1").innerText(), new RegExp(order));
  assert.equal(await viewer.evaluate(() => window.opener), null);
  portal.assertNoProblems();
  portal.assertOnlyLocalRequests();
});
