// The packed package does the main job in every runtime, over HTTP, through the edge function and in process. RUNTIMES names those to run, by default all.
// A runtime that is not installed is skipped with a message.
import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { after, before } from "node:test";
import { join } from "node:path";
import { createClient } from "itero-dpms";
import { startEdge } from "../support/edge.mjs";
import { installPacked } from "../support/packed.mjs";
import { SESSION_SECRET, session } from "../support/relay.mjs";
import { startSandbox } from "../support/sandbox-cli.mjs";
import { closedPort, test } from "../support/test.mjs";
import { chromium, firefox, webkit } from "./browsers.mjs";
import { EXPECTED } from "./main-job.mjs";
import { bun, deno, node } from "./servers.mjs";
import { workerd } from "./workerd.mjs";

const RUNTIMES = { node, deno, bun, workerd, chromium, firefox, webkit };
const names = process.env.RUNTIMES?.split(" ") ?? Object.keys(RUNTIMES);

let packed;
let sandbox;
/** How the practice is reached through the edge function, and from which port a page may do so. */
let through;
const ends = [];
before(async () => {
  packed = installPacked();
  for (const file of ["main-job.mjs", "node-job.mjs", "page-job.mjs", "page.mjs", "worker-job.mjs"]) {
    copyFileSync(new URL(file, import.meta.url), join(packed.project, file));
  }
  sandbox = await startSandbox(["--generation-ms", "1", "--allow-origin", "*"]);
  through = await startEdgeFor(sandbox);
});
after(async () => {
  for (const end of ends) await end();
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

  test(
    `the same through the edge function, with a session, in ${name}`,
    { skip: missing, timeout: 120_000 },
    async () => {
      const { baseUrl, accessToken } = sandbox;
      const { report } = await run(packed, { baseUrl, accessToken, chart: `RELAY-${name}`, ...through });
      assert.deepEqual(report, EXPECTED);
    },
  );
}

/** An edge function that knows the sandbox's practice. */
async function startEdgeFor({ baseUrl, accessToken }) {
  const direct = await createClient({ endpoints: { baseUrl }, accessToken });
  const { companyId } = await direct.practiceConfiguration();
  const pagePort = await closedPort();
  const env = { SESSION_SECRETS: SESSION_SECRET, ALLOWED_ORIGINS: `http://127.0.0.1:${pagePort}` };
  const edge = await startEdge({ after: (end) => ends.push(end) }, { env });
  await edge.register(companyId, { endpoints: { baseUrl }, accessToken });
  const relay = { endpoints: { edgeUrl: edge.url, companyId }, accessToken: await session({ companyId }) };
  return { relay, pagePort };
}
