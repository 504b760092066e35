// Serves the built demo portal as `make demo` does, and opens it in a browser page that records errors.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { assertAccessible, assertContrast } from "./accessibility.mjs";
import { launchChromium } from "./chromium.mjs";
import { ROOT, closedPort, within } from "./test.mjs";

export const SCREENSHOTS = join(ROOT, "tests/artifacts/screenshots");

/**
 * Serves www/dist with `vite preview` on a free port.
 * @param {(url: string) => Promise<Record<string, string>> | undefined} [env] says where an edge function is, given the page's URL;
 *   by default there is none
 */
export async function servePortal(env = () => undefined) {
  assert.ok(existsSync(join(ROOT, "www/dist/index.html")), "www/dist is missing: build the demo page first");
  const port = await closedPort();
  const url = `http://127.0.0.1:${port}/`;
  const edge = (await env(url)) ?? { ITERO_EDGE_URL: "" };
  const child = spawn(
    process.execPath,
    [join(ROOT, "node_modules/vite/bin/vite.js"), "preview", "www", "--port", String(port), "--strictPort"],
    { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...edge } },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk) => (output += chunk));
  await within(ready(url, child), 30_000, "vite preview to start").catch((error) => {
    child.kill("SIGKILL");
    throw new Error(`${error.message}: ${output}`);
  });
  return {
    url,
    async stop() {
      if (child.exitCode !== null) return;
      const exited = once(child, "exit");
      process.kill(child.pid, "SIGTERM");
      await within(exited, 5_000, "vite preview to stop").catch(() => process.kill(child.pid, "SIGKILL"));
    },
  };
}

/** Resolves when a server responds at `url`; rejects when its process exits. */
async function ready(url, child) {
  while (child.exitCode === null) {
    const response = await fetch(url).catch(() => null);
    await response?.arrayBuffer();
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`vite preview exited with code ${child.exitCode}`);
}

/**
 * Serves the portal and starts a browser for the tests of a file.
 * @param {Parameters<typeof servePortal>[0]} [env] for {@link servePortal}, called when the tests begin
 * @returns {{ url: string, open: (t: import("node:test").TestContext, options?: object) => Promise<Portal> }}
 */
export function portalForThisFile(env) {
  const state = {};
  before(async () => {
    state.server = await servePortal(env);
    state.browser = await launchChromium();
  });
  after(async () => {
    await state.browser?.close();
    await state.server?.stop();
  });
  return {
    get url() {
      return state.server.url;
    },
    /** Opens a page in its own context, so that nothing is stored from another test. */
    async open(t, { path = "", awaitConnection = true, ...options } = {}) {
      const context = await state.browser.newContext({
        viewport: { width: 1440, height: 900 },
        reducedMotion: "reduce",
        ...options,
      });
      t.after(() => context.close());
      const portal = await Portal.in(context, state.server.url);
      await portal.page.goto(state.server.url + path);
      if (awaitConnection) await portal.connected();
      return portal;
    },
  };
}

/** Returns the path after the API's version, such as `orders/practice`, or else the whole path. */
function callPath(url) {
  const { pathname } = new URL(url);
  return /\/third-party\/v[23]\/(.*)$/.exec(pathname)?.[1] ?? pathname;
}

const LOCAL = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** A page of the portal, with methods for what a user does there. */
export class Portal {
  /** @type {string[]} console errors, page errors, failed requests, error statuses and policy violations */
  problems = [];
  /** @type {string[]} every request of the page and its service worker */
  requests = [];
  /** @type {{ method: string, url: string, body: string | null }[]} every request of the page */
  sent = [];
  /** @type {{ status: number | "lost" | "aborted", path: RegExp }[]} */
  #expected = [];

  static async in(context, url) {
    const portal = new Portal();
    portal.url = url;
    portal.context = context;
    context.setDefaultTimeout(15_000);
    context.on("request", (request) => {
      portal.requests.push(request.url());
      // The service worker's requests repeat the page's.
      if (request.serviceWorker() === null)
        portal.sent.push({ method: request.method(), url: request.url(), body: request.postData() });
    });
    await context.exposeBinding("reportViolation", (_, what) => portal.problems.push(`policy violation: ${what}`));
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        window.reportViolation(`${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    const page = await context.newPage();
    portal.page = page;
    page.on("console", (message) => {
      // The browser itself logs what it could not load.
      const status = /status of (\d+)/.exec(message.text())?.[1];
      const failure =
        status === undefined
          ? message.text().startsWith("Failed to load resource: net::ERR") && "lost"
          : Number(status);
      if (failure && portal.#expects(failure, message.location().url)) return;
      // Graphics without a card are slow, which is no fault of the page.
      if (message.text().includes("GPU stall due to ReadPixels")) return;
      if (["error", "warning"].includes(message.type()))
        portal.problems.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => portal.problems.push(`page error: ${error.stack ?? error}`));
    page.on("requestfailed", (request) => {
      const failure = request.failure()?.errorText === "net::ERR_ABORTED" ? "aborted" : "lost";
      if (portal.#expects(failure, request.url())) return;
      portal.problems.push(`request failed: ${request.method()} ${request.url()} ${request.failure()?.errorText}`);
    });
    page.on("response", (response) => {
      if (response.status() < 400 || portal.#expects(response.status(), response.url())) return;
      portal.problems.push(`status ${response.status()}: ${response.url()}`);
    });
    // A 3D file that is not generated yet (§4.7.3).
    portal.expect(404, /\/download\/IDE$/);
    return portal;
  }

  /**
   * From now on, responses with this status to requests with this path are expected. "lost" means no response, "aborted" a
   * request that the page itself aborted.
   */
  expect(status, path) {
    this.#expected.push({ status, path });
  }

  #expects(status, url) {
    const { pathname } = new URL(url, this.url);
    return this.#expected.some((each) => each.status === status && each.path.test(pathname));
  }

  /** The element with this test id. */
  $(testid) {
    return this.page.getByTestId(testid);
  }

  field(name) {
    return this.page.locator(`[name="${name}"]`);
  }

  connected(who = "Sandbox") {
    return this.$("connection-status")
      .filter({ hasText: new RegExp(`${who}: \\S`) })
      .waitFor({ timeout: 30_000 });
  }

  assertNoProblems() {
    assert.deepEqual(this.problems, []);
  }

  assertOnlyLocalRequests() {
    const remote = this.requests.filter(
      (url) => !/^(blob|data):/.test(url) && !(URL.canParse(url) && LOCAL.has(new URL(url).hostname)),
    );
    assert.deepEqual(remote, [], "requests left the machine");
    assert.ok(this.requests.length > 0);
  }

  async assertNoHorizontalScroll(what) {
    const { scroll, client } = await this.page.evaluate(() => {
      const parts = [document.documentElement, document.getElementById("page")];
      return {
        scroll: Math.max(...parts.map(({ scrollWidth }) => scrollWidth)),
        client: Math.min(...parts.map(({ clientWidth }) => clientWidth)),
      };
    });
    assert.ok(scroll <= client, `${what} is ${scroll} px wide in a window of ${client} px`);
  }

  /**
   * Looks at a view as it is, in both colour schemes: it does not scroll sideways, is accessible, and screenshots of it are kept.
   * @param {string} view its name
   * @param {{ dialog?: boolean }} [options] whether the screenshots are of the window only, rather than of the whole page
   */
  async look(view, { dialog = false } = {}) {
    const { width, height } = this.page.viewportSize();
    const name = `${view}-${width}`;
    await this.assertNoHorizontalScroll(view);
    await assertAccessible(this.page, name);
    await this.page.emulateMedia({ colorScheme: "dark" });
    await assertContrast(this.page, `${name}, dark`);
    if (!dialog) {
      const hidden = await this.page.evaluate(() => {
        const { scrollHeight, clientHeight } = document.getElementById("page");
        return scrollHeight - clientHeight;
      });
      await this.page.setViewportSize({ width, height: height + hidden });
      // Wait for pictures that have become visible.
      await this.page.locator(".thumbnail-loading").first().waitFor({ state: "detached" });
    }
    mkdirSync(SCREENSHOTS, { recursive: true });
    for (const colorScheme of /** @type {const} */ (["dark", "light"])) {
      await this.page.emulateMedia({ colorScheme });
      await this.page.screenshot({ path: join(SCREENSHOTS, `${name}-${colorScheme}.png`), animations: "disabled" });
    }
    if (!dialog) await this.page.setViewportSize({ width, height });
  }

  /** The requests of the page so far, as method and path after the API's version: "PATCH patients". */
  calls(pattern = /./) {
    return this.sent.map(({ method, url }) => `${method} ${callPath(url)}`).filter((call) => pattern.test(call));
  }

  /** The parsed bodies that were sent to this path. */
  bodies(path) {
    return this.sent.filter(({ url }) => callPath(url) === path).map(({ body }) => JSON.parse(body));
  }

  /** Calls a control operation of the page's sandbox directly, without the page's own controls. */
  async control(operation, body = {}) {
    return this.page.evaluate(
      async ([name, input]) => {
        const response = await fetch(`/sandbox-practice/sandbox/${name}`, {
          method: "POST",
          headers: { Authorization: "Bearer sandbox-access-token", "Content-Type": "application/json" },
          body: JSON.stringify(input),
        });
        if (!response.ok) throw new Error(`${name} responded with ${response.status}`);
        return response.json();
      },
      [operation, body],
    );
  }

  /** Everything that the browser would keep of this page: its URL and storage. */
  stored() {
    return this.page.evaluate(() =>
      JSON.stringify([
        location.href,
        document.title,
        history.state,
        { ...localStorage },
        { ...sessionStorage },
        document.cookie,
      ]),
    );
  }

  /** Whether the element has the focus or gets it soon, since navigation moves the focus asynchronously. */
  async hasFocus(locator) {
    const element = await locator.elementHandle();
    const focused = this.page.waitForFunction((element) => element === document.activeElement, element, {
      timeout: 5_000,
    });
    return focused.then(
      () => true,
      () => false,
    );
  }

  // ---- what a user does ------------------------------------------------------------------------------------------

  async connectTo(baseUrl, token) {
    if (!(await this.$("base-url").isVisible())) await this.$("connect-own").click();
    await this.$("base-url").fill(baseUrl);
    await this.$("access-token").fill(token);
    await this.$("connect-button").click();
  }

  /** Fills in the mandatory fields of the scan request. */
  async fillScanRequest({ firstName = "Maria", lastName = "Jansen", chart = "E2E-1", birth = "1990-02-28" } = {}) {
    await this.field("patientFirstName").fill(firstName);
    await this.field("patientLastName").fill(lastName);
    await this.field("patientChartNumber").fill(chart);
    await this.field("dateOfBirth").fill(birth);
    await this.field("doctorId").selectOption({ index: 1 });
  }

  /** Opens the patients and waits for them. */
  async openPatients() {
    await this.$("nav-patients").click();
    return this.patientsLoaded();
  }

  /** Waits until the patients are loaded and returns the text of their counter. */
  async patientsLoaded() {
    await this.page.locator('section[aria-label="Patients"][aria-busy="false"]').waitFor();
    return this.$("patients-count").innerText();
  }

  /** Searches for patients; the keys of `criteria` are those of the client's filter. */
  async searchPatients(criteria) {
    for (const [name, value] of Object.entries(criteria)) await this.field(`search-${name}`).fill(value);
    await this.$("patients-find").click();
    return this.patientsLoaded();
  }

  patientRow(text) {
    return this.$("patient-row").filter({ hasText: text });
  }

  /** Sends an RX and returns its id. The default patient is new to the practice, so that the portal asks nothing. */
  async pushScanRequest(patient) {
    await this.$("nav-new-scan").click();
    await this.fillScanRequest(patient);
    await this.$("rx-submit").click();
    return this.sentRx();
  }

  async sentRx() {
    const text = await this.$("rx-created").innerText();
    const rxId = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(text)?.[0];
    assert.ok(rxId, `an RX id in ${JSON.stringify(text)}`);
    return rxId;
  }

  pendingScan(rxId) {
    return this.$("pending-rx").locator(`[data-rx-id="${rxId}"]`);
  }

  orderRow(rxId) {
    return this.page.locator(`[data-testid="order-row"][data-rx-id="${rxId}"]`);
  }

  async completeScan(rxId) {
    await this.pendingScan(rxId).getByTestId("complete-scan").click();
    await this.orderRow(rxId).waitFor();
  }

  async openOrder(rxId) {
    await this.orderRow(rxId).getByRole("link").click();
    await this.$("download-scan").waitFor();
  }

  /** Downloads the 3D scan of the open order and waits for its contents. */
  async download() {
    await this.$("download-scan").click();
    await this.$("archive-entries").waitFor({ timeout: 45_000 });
  }

  /** The widths of the archive's pictures as the browser decoded them. */
  pictureWidths() {
    return this.$("archive-picture").evaluateAll((images) =>
      Promise.all(
        images.map(async (image) => {
          image.loading = "eager";
          await image.decode();
          return image.naturalWidth;
        }),
      ),
    );
  }

  /** Waits until the orders are loaded and returns the text of their counter. */
  async ordersLoaded() {
    await this.page.locator('section[aria-label="Orders"][aria-busy="false"]').waitFor();
    return this.$("orders-count").innerText();
  }
}
