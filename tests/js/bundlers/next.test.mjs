// Builds a Next app with each of its bundlers, as docs/bundlers.md says and without, and uses the package in a server component, a route
// and a page.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before } from "node:test";
import { join } from "node:path";
import { launchChromium } from "../support/chromium.mjs";
import { start } from "../support/programs.mjs";
import { ROOT, closedPort, test } from "../support/test.mjs";
import { reportOf } from "./report.mjs";
import { ENV, NOT_LOADED, openWorkspace } from "./workspace.mjs";

const LOADED = ["loaded", "loaded", "loaded"];
const EXTERNAL = 'serverExternalPackages: ["itero-dpms"]';

let workspace, browser;
before(async () => {
  workspace = openWorkspace();
  browser = await launchChromium();
});
after(async () => {
  await browser?.close();
  workspace?.remove();
});

/** Builds and starts the app, and returns what becomes of a use of each entry in each place. */
async function outcomes(t, project, bundler) {
  workspace.run(project, "next", "build", bundler);
  const port = await closedPort();
  const next = start(
    join(project, "../node_modules/.bin/next"),
    ["start", "--hostname", "127.0.0.1", "--port", `${port}`],
    { cwd: project, env: ENV },
  );
  t.after(() => next.stop());
  await next.printed(/Ready in/);
  const response = await fetch(`http://127.0.0.1:${port}/api`);
  return { ...(await response.json()), ...(await reportOf(browser, `http://127.0.0.1:${port}/`)) };
}

for (const bundler of ["--turbopack", "--webpack"]) {
  test(
    `a Next app (${bundler}) with the line of docs/bundlers.md loads every module everywhere`,
    { timeout: 300_000 },
    async (t) => {
      const found = await outcomes(t, workspace.project("next"), bundler);
      assert.deepEqual(found, { inRoute: LOADED, inline: LOADED, inServerComponent: LOADED, inPage: "loaded" });
    },
  );

  test(
    `a Next app (${bundler}) that bundles the package loads a module or says what helps`,
    { timeout: 300_000 },
    async (t) => {
      const project = workspace.project("next");
      const config = join(project, "next.config.js");
      writeFileSync(config, readFileSync(config, "utf8").replace(EXTERNAL, "serverExternalPackages: []"));
      const { inline, inPage, inRoute, inServerComponent } = await outcomes(t, project, bundler);
      assert.deepEqual([inline, inPage], [LOADED, "loaded"]);
      for (const outcome of [...inRoute, ...inServerComponent]) {
        if (outcome !== "loaded") assert.match(outcome, NOT_LOADED);
      }
    },
  );
}

test("docs/bundlers.md shows the line for Next that is tested", () => {
  assert.ok(readFileSync(join(ROOT, "docs/bundlers.md"), "utf8").includes(EXTERNAL));
  assert.ok(readFileSync(new URL("projects/next/next.config.js", import.meta.url), "utf8").includes(EXTERNAL));
});
