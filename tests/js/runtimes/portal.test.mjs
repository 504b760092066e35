// The portal's viewer in Firefox and WebKit; tests/js/e2e has all of the portal in Chromium. RUNTIMES names those to run.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SCREENSHOTS, servePortal } from "../support/portal.mjs";
import { scriptedPractice } from "../support/scripted-practice.mjs";
import { test } from "../support/test.mjs";
import { HALTING } from "../support/viewer.mjs";
import { firefox, inFirefox, inWebkit, webkit } from "./browsers.mjs";

const BROWSERS = { firefox: { ...firefox, browse: inFirefox }, webkit: { ...webkit, browse: inWebkit } };
const names = Object.keys(BROWSERS).filter((name) => process.env.RUNTIMES?.split(" ").includes(name) ?? true);

const LIMIT = { timeout: 180_000 };

// What runs in the page stands alone.
const selector = (testid) => `[data-testid="${testid}"]`;
const click = (opened, what) =>
  opened.until((what) => {
    const element = document.querySelector(what);
    element?.click();
    return element && true;
  }, what);
const fill = (opened, what, text) =>
  opened.run(
    (what, text) => {
      const field = document.querySelector(what);
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    },
    what,
    text,
  );
const openViewer = async (opened) => {
  await click(opened, `${selector("order-row")} a`);
  await click(opened, selector("view-3d"));
};
/** What the viewer shows once it has got as far as `state` says, or that there is no WebGL. */
const shown = (opened, state) =>
  opened.until((state) => {
    const pictures = document.querySelectorAll(".archive .thumbnail").length;
    if (document.querySelector('[data-testid="viewer-no-webgl"]') && pictures === 6) return { pictures };
    const viewer = document.querySelector(".viewer");
    const text = document.querySelector('[data-testid="viewer-state"]')?.textContent ?? "";
    const parts = ["upper", "lower"].filter((part) => document.querySelector(`[data-testid="viewer-part-${part}"]`));
    return viewer?.dataset.frames > 0 && parts.length > 0 && text.includes(state) ? { text, parts } : null;
  }, state);

async function openPortal(t, opened) {
  const portal = await servePortal();
  t.after(() => portal.stop());
  await opened.goto(portal.url);
}

async function keep(opened, name) {
  await opened.run(() => document.querySelector(".scan-viewer").scrollIntoView());
  await sleep(500); // WebKit scrolls later
  mkdirSync(SCREENSHOTS, { recursive: true });
  writeFileSync(join(SCREENSHOTS, `${name}.png`), await opened.screenshot());
}

for (const name of names) {
  const { missing, browse } = BROWSERS[name];

  test(
    `${name} shows both arches of a sandbox order, or without WebGL its pictures`,
    { skip: missing, ...LIMIT },
    (t) =>
      browse(async (opened) => {
        t.diagnostic(opened.name);
        await openPortal(t, opened);
        await openViewer(opened);
        const view = await shown(opened, "Complete");
        t.diagnostic(JSON.stringify(view));
        await keep(opened, `viewer-${name}`);
        if (view.pictures === undefined) assert.deepEqual(view.parts, ["upper", "lower"]);
      }),
  );

  test(`${name} shows an arch while the other is still on its way`, { skip: missing, ...LIMIT }, (t) =>
    browse(async (opened) => {
      const server = await scriptedPractice(t, { download: () => HALTING });
      await openPortal(t, opened);
      await click(opened, selector("connect-own"));
      await fill(opened, selector("base-url"), server.baseUrl);
      await fill(opened, selector("access-token"), "SOME-TOKEN");
      await click(opened, selector("connect-button"));
      await opened.until(() => (document.querySelectorAll('[data-testid="order-row"]').length === 1 ? true : null));
      await openViewer(opened);
      const view = await shown(opened, "preview");
      t.diagnostic(JSON.stringify(view));
      assert.ok(view.parts.includes("upper"));
      await keep(opened, `viewer-${name}-arriving`);
    }),
  );
}
