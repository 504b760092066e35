// Builds the packed package for pages with the bundlers that users have: each ships the client's .wasm once, or none with ./inline,
// and the result does the main job in Chromium under a policy without `unsafe-eval`. The projects' files are those in docs/bundlers.md.
import assert from "node:assert/strict";
import { copyFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { after, before } from "node:test";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { EXPECTED } from "../runtimes/main-job.mjs";
import { addressFor } from "../runtimes/page-job.mjs";
import { launchChromium } from "../support/chromium.mjs";
import { servePage } from "../support/page-server.mjs";
import { start } from "../support/programs.mjs";
import { startSandbox } from "../support/sandbox-cli.mjs";
import { ROOT, closedPort, test } from "../support/test.mjs";
import { reportOf } from "./report.mjs";
import { NOT_LOADED, missing, openWorkspace } from "./workspace.mjs";

const ESBUILD = ["esbuild", "main.js", "--bundle", "--format=esm", "--minify", "--outdir=dist"];
const ESBUILD_IIFE = [...ESBUILD.filter((argument) => !argument.startsWith("--format")), "--format=iife"];
const VITE = ["vite", "build"];
const VITE_UMD = [...VITE];
const WEBPACK = ["webpack", "--mode=production", "--entry=./main.js"];
const BUN = ["bun", "build", "main.js", "--outdir=dist"];
const DOCS = readFileSync(join(ROOT, "docs/bundlers.md"), "utf8");

/** The command that builds each project, which of its files docs/bundlers.md shows, and whether it needs ./inline. */
const BUILDS = [
  { title: "Vite", project: "vite", command: VITE },
  { title: "Vite, for a worker,", project: "worker", command: VITE },
  { title: "Vite with ./inline", project: "inline", command: VITE, isInline: true },
  { title: "webpack", project: "webpack", command: WEBPACK },
  { title: "Rollup", project: "rollup", command: ["rollup", "--config"], shown: "rollup.config.js" },
  {
    title: "esbuild with ./slim",
    project: "esbuild",
    command: [...ESBUILD, "--loader:.wasm=file"],
    shown: "connect.js",
  },
  { title: "esbuild with ./inline", project: "inline", command: ESBUILD, isInline: true, losesModule: true },
  { title: "esbuild as a classic script", project: "iife", command: ESBUILD_IIFE, isInline: true, losesModule: true },
  { title: "Bun with ./inline", project: "inline", command: BUN, isInline: true, losesModule: true },
  { title: "Vite as a UMD library", project: "umd", command: VITE_UMD, isInline: true, losesModule: true },
  { title: "Vite for an inline worker", project: "inline-worker", command: VITE, isInline: true, losesModule: true },
];

/** The report of a page that does not include the sandbox. */
const REPORT = { ...EXPECTED, sandbox: null };

let workspace, sandbox, browser;
before(async () => {
  workspace = openWorkspace();
  sandbox = await startSandbox(["--generation-ms", "1", "--allow-origin", "*"]);
  browser = await launchChromium();
});
after(async () => {
  await browser?.close();
  await sandbox?.stop();
  workspace?.remove();
});

const practice = (chart) => ({ baseUrl: sandbox.baseUrl, accessToken: sandbox.accessToken, chart });

/** Builds a project and returns the .wasm files in its dist. */
function build(project, [tool, ...args]) {
  workspace.run(project, tool, ...args);
  const files = readdirSync(join(project, "dist"), { recursive: true });
  return files.filter((file) => file.endsWith(".wasm")).map((file) => join(project, "dist", file));
}

/** Serves what a project was built to and returns its page's report. */
async function reportOfBuilt(t, project, command, chart) {
  if (command !== VITE) copyFileSync(join(project, "index.html"), join(project, "dist/index.html"));
  const page = await servePage(join(project, "dist"), sandbox.baseUrl);
  t.after(() => page.close());
  return reportOf(browser, addressFor(page.url, practice(chart)));
}

for (const { title, project: name, command, isInline, losesModule, shown } of BUILDS) {
  const ships = isInline ? "no .wasm" : "the client's .wasm once";
  const options = { timeout: 120_000, skip: missing(command) };
  test(`${title} ships ${ships}, and the page does the main job`, options, async (t) => {
    const project = workspace.project(name);
    const client = readFileSync(join(project, "node_modules/itero-dpms/wasm/client/itero_dpms_bg.wasm"));
    const isClient = build(project, command).map((file) => readFileSync(file).equals(client));
    assert.deepEqual(isClient, isInline ? [] : [true]);
    assert.deepEqual(await reportOfBuilt(t, project, command, title), REPORT);
  });

  if (losesModule) {
    test(`${title}, but importing itero-dpms: the page says what helps`, options, async (t) => {
      const project = workspace.project(name);
      for (const file of ["main.js", "worker.js"].map((file) => join(project, file)).filter(existsSync)) {
        writeFileSync(file, readFileSync(file, "utf8").replace("itero-dpms/inline", "itero-dpms"));
      }
      build(project, command);
      assert.match((await reportOfBuilt(t, project, command, title)).failed, NOT_LOADED);
    });
  }

  if (shown) {
    test(`docs/bundlers.md shows the ${shown} that ${title} is tested with`, () => {
      const file = readFileSync(new URL(`projects/${name}/${shown}`, import.meta.url), "utf8");
      assert.ok(DOCS.includes(`\`\`\`js\n${file}\`\`\``));
    });
  }
}

test("a page opened from a file, as Electron does, does the main job with ./inline", { timeout: 120_000 }, async () => {
  const project = workspace.project("iife");
  build(project, ESBUILD_IIFE);
  copyFileSync(join(project, "index.html"), join(project, "dist/index.html"));
  const url = pathToFileURL(join(project, "dist/index.html")).href;
  assert.deepEqual(await reportOf(browser, addressFor(url, practice("file"))), REPORT);
});

test(
  "a page without a bundler does the main job with the import map of docs/bundlers.md",
  { timeout: 120_000 },
  async (t) => {
    const project = workspace.project("plain");
    const importMap = /```html\n([^`]*)```/.exec(DOCS)[1].replace("<script", '<script nonce="test"');
    writeFileSync(
      join(project, "index.html"),
      `<!doctype html>${importMap}<script type="module" src="main.js"></script>`,
    );
    const page = await servePage(project, sandbox.baseUrl);
    t.after(() => page.close());
    assert.deepEqual(await reportOf(browser, addressFor(page.url, practice("plain"))), REPORT);
  },
);

test(
  "a page with the link of docs/bundlers.md requests the module once, before its script (Vite)",
  { timeout: 120_000 },
  async (t) => {
    const project = workspace.project("vite");
    const link = /```html\n(<link[^`]*)```/.exec(DOCS)[1];
    const index = join(project, "index.html");
    writeFileSync(index, readFileSync(index, "utf8").replace("<script", `${link}<script`));
    build(project, VITE);
    const served = await servePage(join(project, "dist"), sandbox.baseUrl);
    t.after(() => served.close());
    const page = await browser.newPage();
    t.after(() => page.close());
    await page.goto(addressFor(served.url, practice("preload")));
    assert.deepEqual(await (await page.waitForFunction(() => globalThis.report)).jsonValue(), REPORT);
    const requested = await page.evaluate(() =>
      performance
        .getEntriesByType("resource")
        .filter(({ name }) => name.endsWith(".wasm"))
        .map(({ initiatorType }) => initiatorType),
    );
    assert.deepEqual(requested, ["link"]);
  },
);

test("Vite's development server runs the main job without configuration", { timeout: 120_000 }, async (t) => {
  const project = workspace.project("vite");
  const port = await closedPort();
  const vite = start(join(project, "../node_modules/.bin/vite"), ["--host", "127.0.0.1", "--port", `${port}`], {
    cwd: project,
  });
  t.after(() => vite.stop());
  await vite.printed(/ready in/);
  assert.deepEqual(await reportOf(browser, addressFor(`http://127.0.0.1:${port}/`, practice("vite-dev"))), REPORT);
});

test("what Vite builds for server-side rendering does the main job in Node", { timeout: 120_000 }, async () => {
  const project = workspace.project("vite");
  workspace.run(project, "vite", "build", "--ssr", "server.js");
  const { render } = await import(pathToFileURL(join(project, "dist/server.js")).href);
  assert.deepEqual(await render(practice("vite-ssr")), REPORT);
});

test("a page that only recognises errors ships no .wasm (webpack)", { timeout: 120_000 }, async (t) => {
  const project = workspace.project("errors");
  assert.deepEqual(build(project, WEBPACK), []);
  copyFileSync(join(project, "index.html"), join(project, "dist/index.html"));
  const page = await servePage(join(project, "dist"), sandbox.baseUrl);
  t.after(() => page.close());
  assert.deepEqual(await reportOf(browser, page.url), { isDpmsError: false });
});

test("docs/bundlers.md names what a page's policy must allow", () => {
  for (const directive of ["script-src 'wasm-unsafe-eval'", "connect-src 'self'"]) {
    assert.ok(DOCS.includes(`\`${directive}\``), directive);
  }
});
