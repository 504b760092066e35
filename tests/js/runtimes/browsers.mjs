// Chromium, Firefox and WebKit: the main job runs in a plain page, without a bundler and under a strict policy.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findChromium, launchChromium } from "../support/chromium.mjs";
import { servePage } from "../support/page-server.mjs";
import { onPath, start } from "../support/programs.mjs";
import { closedPort } from "../support/test.mjs";
import { addressFor } from "./page-job.mjs";
import { openBrowser } from "./webdriver.mjs";

/** A page with the import map that it needs without a bundler. */
const PAGE = `<!doctype html>
<script type="importmap" nonce="test">
  {
    "imports": {
      "itero-dpms": "/node_modules/itero-dpms/lib/client/browser.js",
      "itero-dpms/sandbox": "/node_modules/itero-dpms/lib/sandbox/browser.js",
      "itero-dpms/scan": "/node_modules/itero-dpms/lib/scan/browser.js"
    }
  }
</script>
<script type="module" src="page.mjs"></script>
`;

/** @param {(url: string) => Promise<{ version: string, report: object }>} visit opens the page and waits for its report */
const browser = (missing, visit) => ({
  missing,
  async run({ project }, practice) {
    writeFileSync(join(project, "index.html"), PAGE);
    const { baseUrl, relay, pagePort } = practice;
    const page = await servePage(project, `${baseUrl} ${relay?.endpoints.edgeUrl ?? ""}`, pagePort);
    try {
      return await visit(addressFor(page.url, practice));
    } finally {
      await page.close();
    }
  },
});

/** Says which of these programs are not on PATH; false if none is missing. */
function missingPrograms(...names) {
  const missing = names.filter((name) => onPath(name) === null);
  return missing.length > 0 && `${missing.join(", ")}: not on PATH`;
}

export const chromium = browser(noChromium(), async (url) => {
  const launched = await launchChromium();
  try {
    const page = await launched.newPage();
    await page.goto(url);
    const report = await (await page.waitForFunction(() => globalThis.report)).jsonValue();
    return { version: `Chromium ${launched.version()}`, report };
  } finally {
    await launched.close();
  }
});

function noChromium() {
  try {
    findChromium();
    return false;
  } catch (error) {
    return error.message;
  }
}

export const firefox = browser(missingPrograms("firefox-esr", "geckodriver", "Xvfb"), (url) =>
  inFirefox(reportOf(url)),
);

export const webkit = browser(missingPrograms("WebKitWebDriver", "Xvfb"), (url) => inWebkit(reportOf(url)));

/** @typedef {Awaited<ReturnType<typeof openBrowser>>} Opened */

/** Has `work` use Firefox, which has WebGL only where it has a display. @template T @param {(opened: Opened) => Promise<T>} work */
export const inFirefox = (work) =>
  onDisplay(async (env) => {
    const driver = start(onPath("geckodriver"), ["--port", "0", "--binary", onPath("firefox-esr")], { env });
    try {
      const [, address] = await driver.printed(/Listening on (\S+)/);
      const prefs = { "webgl.force-enabled": true }; // by software as well
      return await using(`http://${address}`, { browserName: "firefox", "moz:firefoxOptions": { prefs } }, work);
    } finally {
      await driver.stop();
    }
  });

/** Has `work` use WebKitGTK. @template T @param {(opened: Opened) => Promise<T>} work */
export const inWebkit = (work) =>
  onDisplay(async (env) => {
    const port = await closedPort();
    const driver = start(onPath("WebKitWebDriver"), [`--port=${port}`], { env });
    try {
      const address = `http://127.0.0.1:${port}`;
      await ready(`${address}/status`);
      return await using(address, {}, work);
    } finally {
      await driver.stop();
    }
  });

/** Gives `work` the environment of programs that are to draw on a virtual display. */
async function onDisplay(work) {
  const display = start(onPath("Xvfb"), ["-displayfd", "3", "-nolisten", "tcp"]);
  try {
    const [, number] = await display.printed(/^(\d+)\n/m);
    return await work({ ...process.env, DISPLAY: `:${number}` });
  } finally {
    await display.stop();
  }
}

async function using(driver, capabilities, work) {
  const opened = await openBrowser(driver, capabilities);
  try {
    return await work(opened);
  } finally {
    await opened.close();
  }
}

const reportOf = (url) => async (opened) => {
  await opened.goto(url);
  return { version: opened.name, report: await opened.until(() => globalThis.report ?? null) };
};

async function ready(url) {
  for (let attempts = 100; attempts > 0; attempts -= 1) {
    const response = await fetch(url).catch(() => null);
    await response?.arrayBuffer();
    if (response?.ok) return;
    await new Promise((next) => setTimeout(next, 100));
  }
  throw new Error(`no server responds at ${url}`);
}
