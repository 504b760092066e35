// Builds the service worker and the page that docs/testing.md shows, and opens the page in Chromium.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { launchChromium } from "../support/chromium.mjs";
import { servePage } from "../support/page-server.mjs";
import { BLOCKS } from "../support/pages.mjs";
import { test } from "../support/test.mjs";
import { openWorkspace } from "./workspace.mjs";

/** The code of the one block in docs/testing.md that is not run for this reason. */
function shown(why) {
  const blocks = BLOCKS.filter(({ page, notRun }) => page === "docs/testing.md" && notRun === why);
  assert.equal(blocks.length, 1, why);
  return blocks[0].code;
}

/** Waits for the page's report. */
const reported = async (page) => (await page.waitForFunction(() => globalThis.report)).jsonValue();

test(
  "the docs' service worker answers on the first visit and after each kind of reload",
  { timeout: 120_000 },
  async (t) => {
    const workspace = openWorkspace();
    t.after(() => workspace.remove());
    const project = workspace.project("service-worker");
    writeFileSync(join(project, "sandbox-worker.js"), shown("it is a service worker"));
    writeFileSync(
      join(project, "main.js"),
      `${shown("it is a page")}
    globalThis.report = await client.practiceConfiguration().then(({ doctors }) => doctors.length > 0, String);`,
    );
    workspace.run(project, "vite", "build");
    const served = await servePage(join(project, "dist"), "");
    t.after(() => served.close());
    const browser = await launchChromium();
    t.after(() => browser.close());

    const page = await browser.newPage();
    await page.goto(served.url);
    assert.equal(await reported(page), true);
    await page.reload();
    assert.equal(await reported(page), true);
    const devtools = await page.context().newCDPSession(page);
    await page.evaluate(() => delete globalThis.report);
    await devtools.send("Page.reload", { ignoreCache: true });
    assert.equal(await reported(page), true);
    assert.ok(!served.requested.some((path) => path.startsWith("/sandbox/")), "the worker answered every call");
  },
);
