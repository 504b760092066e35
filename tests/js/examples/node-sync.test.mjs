// Runs examples/node-sync as its user does, one process after the other, against the sandbox over HTTP.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startSandbox } from "../support/sandbox-cli.mjs";
import { ROOT, test } from "../support/test.mjs";

const MAIN = join(ROOT, "examples/node-sync/main.mjs");

test("node-sync stores each order once and the next scans, from run to run", { timeout: 60_000 }, async (t) => {
  const sandbox = await startSandbox(["--generation-ms", "20"]);
  const folder = mkdtempSync(join(tmpdir(), "itero-dpms-example-"));
  t.after(async () => {
    await sandbox.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const run = async (scans) => {
    const env = { ...process.env, DPMS_BASE_URL: sandbox.baseUrl, DPMS_TOKEN: sandbox.accessToken };
    const practice = join(folder, "practice");
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, practice, `${scans}`], { env });
    const [, changes, orders, saved] = /(\d+) changes; (\d+) orders\.\n(\d+) scans saved\./.exec(stdout) ?? [];
    return [changes, orders, saved].map(Number);
  };

  const [first, orders, saved] = await run(2);
  assert.ok(first > 100, `${first} changes`);
  assert.deepEqual([orders, saved], [first, 2]);
  assert.deepEqual(await run(1), [0, orders, 1]);
  const files = readdirSync(join(folder, "practice/scans"));
  assert.equal(files.length, 3);
  for (const file of files) {
    assert.match(file, /^\d+\.zip$/);
    assert.equal(readFileSync(join(folder, "practice/scans", file)).toString("latin1", 0, 2), "PK");
  }
  assert.equal(statSync(join(folder, "practice")).mode & 0o077, 0, "only this user reads patients' data");
});
