// The packed package does the main job in every runtime, over HTTP and in process. RUNTIMES names those to run, by default all.
// A runtime that is not installed is skipped with a message.
import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { after, before } from "node:test";
import { join } from "node:path";
import { installPacked } from "../support/packed.mjs";
import { startSandbox } from "../support/sandbox-cli.mjs";
import { test } from "../support/test.mjs";
import { chromium, firefox, webkit } from "./browsers.mjs";
import { EXPECTED } from "./main-job.mjs";
import { bun, deno, node } from "./servers.mjs";
import { workerd } from "./workerd.mjs";

const RUNTIMES = { node, deno, bun, workerd, chromium, firefox, webkit };
const names = process.env.RUNTIMES?.split(" ") ?? Object.keys(RUNTIMES);

let packed;
let sandbox;
before(async () => {
  packed = installPacked();
  for (const file of ["main-job.mjs", "node-job.mjs", "page-job.mjs", "page.mjs", "worker-job.mjs"]) {
    copyFileSync(new URL(file, import.meta.url), join(packed.project, file));
  }
  sandbox = await startSandbox(["--generation-ms", "1", "--allow-origin", "*"]);
});
after(async () => {
  await sandbox?.stop();
  packed?.remove();
});

for (const name of names) {
  const { missing, run } = RUNTIMES[name];
  test(`the installed package does the main job in ${name}`, { skip: missing, timeout: 120_000 }, async (t) => {
    const { baseUrl, accessToken } = sandbox;
    const { version, report } = await run(packed, { baseUrl, accessToken, chart: name });
    t.diagnostic(version);
    assert.deepEqual(report, EXPECTED);
  });
}
