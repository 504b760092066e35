// Builds pages that open a scan: each ships the scan's .wasm and a worker, and the result works in Chromium under a strict policy.
// What docs/scan.md shows for bundlers are the files of these projects.
import assert from "node:assert/strict";
import { copyFileSync, existsSync, readFileSync, readdirSync } from "node:fs";
import { after, before } from "node:test";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { addressFor } from "../runtimes/page-job.mjs";
import { WORKERS, expected } from "../runtimes/scan-job.mjs";
import { launchChromium } from "../support/chromium.mjs";
import { servePage } from "../support/page-server.mjs";
import { start } from "../support/programs.mjs";
import { startSandbox } from "../support/sandbox-cli.mjs";
import { ROOT, closedPort, test } from "../support/test.mjs";
import { reportOf } from "./report.mjs";
import { missing, openWorkspace } from "./workspace.mjs";

const BUILDS = [
  { title: "Vite", name: "scan", command: ["vite", "build"] },
  { title: "webpack", name: "scan", command: ["webpack", "--mode=production", "--entry=./main.js"] },
  { title: "Rollup", name: "scan-own", command: ["rollup", "--config"], shown: ["open-scan.js", "rollup.config.js"] },
  {
    title: "esbuild",
    name: "scan-esbuild",
    command: "esbuild main.js scan.worker.js --bundle --format=esm --minify --outdir=dist --loader:.wasm=file".split(
      " ",
    ),
    shown: ["open-scan.js"],
  },
];

/** The files of these tests in a project, beside those that all projects have. */
const FILES = { "../runtimes/scan-job.mjs": "scan-job.mjs", "scan-page-job.mjs": "scan-page-job.mjs" };

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

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

const practice = () => ({ baseUrl: sandbox.baseUrl, accessToken: sandbox.accessToken });

function projectOf(name) {
  const project = workspace.project(name);
  for (const [from, to] of Object.entries(FILES)) copyFileSync(here(from), join(project, to));
  return project;
}

/** A page that brings its own worker has an error, not another thread, where that does not start. */
const REPORTS = {
  scan: expected(WORKERS),
  "scan-own": expected({ workers: WORKERS.workers, missing: WORKERS.missing }),
  "scan-esbuild": expected({ workers: WORKERS.workers, missing: WORKERS.missing }),
};

for (const { title, name, command, shown = [] } of BUILDS) {
  test(`what ${title} builds opens scans in a worker`, { timeout: 120_000, skip: missing(command) }, async (t) => {
    const project = projectOf(name);
    workspace.run(project, ...command);
    const scan = readFileSync(join(project, "node_modules/itero-dpms/wasm/scan/itero_dpms_bg.wasm"));
    const wasm = readdirSync(join(project, "dist"), { recursive: true }).filter((file) => file.endsWith(".wasm"));
    assert.equal(wasm.filter((file) => readFileSync(join(project, "dist", file)).equals(scan)).length, 1);
    if (!existsSync(join(project, "dist/index.html")))
      copyFileSync(join(project, "index.html"), join(project, "dist/index.html"));
    const page = await servePage(join(project, "dist"), sandbox.baseUrl);
    t.after(() => page.close());
    assert.deepEqual(await reportOf(browser, addressFor(page.url, practice())), REPORTS[name]);
  });

  for (const file of shown) {
    test(`docs/scan.md shows the ${file} that ${title} is tested with`, () => {
      const text = readFileSync(here(`projects/${name}/${file}`), "utf8");
      assert.ok(readFileSync(join(ROOT, "docs/scan.md"), "utf8").includes(`\`\`\`js\n${text}\`\`\``));
    });
  }
}

test("Vite's development server opens scans in a worker without configuration", { timeout: 120_000 }, async (t) => {
  const project = projectOf("scan");
  const port = await closedPort();
  const vite = start(join(project, "../node_modules/.bin/vite"), ["--host", "127.0.0.1", "--port", `${port}`], {
    cwd: project,
  });
  t.after(() => vite.stop());
  await vite.printed(/ready in/);
  const report = await reportOf(browser, addressFor(`http://127.0.0.1:${port}/`, practice()));
  assert.deepEqual(report, REPORTS.scan);
});
