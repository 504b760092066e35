// The packed package opens a scan in every runtime: in a worker in browsers, in its own thread elsewhere. RUNTIMES names those to run.
import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { after, before } from "node:test";
import { join } from "node:path";
import { installPacked } from "../support/packed.mjs";
import { startSandbox } from "../support/sandbox-cli.mjs";
import { test } from "../support/test.mjs";
import { chromium, firefox, webkit } from "./browsers.mjs";
import { WORKERS, expected } from "./scan-job.mjs";
import { bun, deno, node } from "./servers.mjs";
import { workerd } from "./workerd.mjs";

const BROWSERS = { chromium, firefox, webkit };
const RUNTIMES = { node, deno, bun, workerd, ...BROWSERS };
const names = process.env.RUNTIMES?.split(" ") ?? Object.keys(RUNTIMES);

/** Each job as the file that its runtime runs. */
const JOBS = { "node.mjs": "node-job.mjs", "page.mjs": "page.mjs", "worker.mjs": "worker-job.mjs" };

let packed;
let sandbox;
before(async () => {
  packed = installPacked();
  copyFileSync(new URL("scan-job.mjs", import.meta.url), join(packed.project, "scan-job.mjs"));
  for (const [job, file] of Object.entries(JOBS)) {
    copyFileSync(new URL(`scan-jobs/${job}`, import.meta.url), join(packed.project, file));
  }
  sandbox = await startSandbox(["--generation-ms", "1", "--allow-origin", "*"]);
});
after(async () => {
  await sandbox?.stop();
  packed?.remove();
});

for (const name of names) {
  const { missing, run } = RUNTIMES[name];
  test(`the installed package opens a scan in ${name}`, { skip: missing, timeout: 120_000 }, async (t) => {
    const { baseUrl, accessToken } = sandbox;
    const { version, report } = await run(packed, { baseUrl, accessToken });
    t.diagnostic(version);
    assert.deepEqual(report, expected(name in BROWSERS ? WORKERS : {}));
  });
}
