// Chromium, Firefox and WebKit: the main job is a plain page, without a bundler, that a strict policy holds in.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findChromium, launchChromium } from "../support/chromium.mjs";
import { servePage } from "../support/page-server.mjs";
import { onPath, start } from "../support/programs.mjs";
import { closedPort } from "../support/test.mjs";
import { addressFor } from "./page-job.mjs";
import { openBrowser } from "./webdriver.mjs";

/** What a page without a bundler needs. */
const PAGE = `<!doctype html>
<script type="importmap" nonce="test">
  {
    "imports": {
      "itero-dpms": "/node_modules/itero-dpms/lib/client/browser.js",
      "itero-dpms/sandbox": "/node_modules/itero-dpms/lib/sandbox/browser.js"
    }
  }
</script>
<script type="module" src="page.mjs"></script>
`;

/** @param {(url: string) => Promise<{ version: string, report: object }>} visit opens the page, waits for its report */
const browser = (missing, visit) => ({
  missing,
  async run({ project }, practice) {
    writeFileSync(join(project, "index.html"), PAGE);
    const page = await servePage(project, practice.baseUrl);
    try {
      return await visit(addressFor(page.url, practice));
    } finally {
      await page.close();
    }
  },
});

/** What is not on PATH of these; false if nothing is missing. */
function lacking(...names) {
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

export const firefox = browser(lacking("firefox-esr", "geckodriver"), async (url) => {
  const driver = start(onPath("geckodriver"), ["--port", "0", "--binary", onPath("firefox-esr")]);
  try {
    const [, address] = await driver.printed(/Listening on (\S+)/);
    return await visit(url, `http://${address}`, {
      browserName: "firefox",
      "moz:firefoxOptions": { args: ["-headless"] },
    });
  } finally {
    await driver.stop();
  }
});

// WebKitGTK has no headless mode of its own, so it draws on a display that nobody sees.
export const webkit = browser(lacking("WebKitWebDriver", "Xvfb"), async (url) => {
  const display = start(onPath("Xvfb"), ["-displayfd", "3", "-nolisten", "tcp"]);
  const port = await closedPort();
  let driver;
  try {
    const [, number] = await display.printed(/^(\d+)\n/m);
    driver = start(onPath("WebKitWebDriver"), [`--port=${port}`], { env: { ...process.env, DISPLAY: `:${number}` } });
    const address = `http://127.0.0.1:${port}`;
    await answering(`${address}/status`);
    return await visit(url, address, {});
  } finally {
    await driver?.stop();
    await display.stop();
  }
});

async function visit(url, driver, capabilities) {
  const opened = await openBrowser(driver, capabilities);
  try {
    await opened.goto(url);
    return { version: opened.name, report: await opened.global("report") };
  } finally {
    await opened.close();
  }
}

async function answering(url) {
  for (let attempts = 100; attempts > 0; attempts -= 1) {
    const response = await fetch(url).catch(() => null);
    await response?.arrayBuffer();
    if (response?.ok) return;
    await new Promise((next) => setTimeout(next, 100));
  }
  throw new Error(`nothing answers at ${url}`);
}
