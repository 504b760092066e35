// The example a newcomer copies out of README.md is run exactly as it stands there.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import assert from "node:assert/strict";
import { startSandbox } from "../support/sandbox-cli.mjs";
import { ROOT, test } from "../support/test.mjs";

const README = join(ROOT, "README.md");
const FOLDER = join(ROOT, "tests/artifacts/readme");

/** The one js block between the example markers. */
function example() {
  assert.ok(existsSync(README), "README.md is missing");
  const marked = /<!-- example -->([\s\S]*?)<!-- \/example -->/.exec(readFileSync(README, "utf8"))?.[1];
  assert.ok(marked, "README.md has no <!-- example --> … <!-- /example --> part");
  const blocks = [...marked.matchAll(/```(?:js|javascript|ts|typescript)\n([\s\S]*?)```/g)];
  assert.equal(blocks.length, 1, "one code block between the example markers");
  return blocks[0][1];
}

test("the README's example is about 15 lines", () => {
  const lines = example()
    .split("\n")
    .filter((line) => line.trim() !== "");
  assert.ok(lines.length <= 16, `${lines.length} lines`);
});

test("the README's example runs as it stands: it pushes an RX and downloads a scan", { timeout: 90_000 }, async (t) => {
  const sandbox = await startSandbox(["--generation-ms", "200"]);
  t.after(() => sandbox.stop());
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, `example-${process.pid}.mjs`);
  writeFileSync(file, example());
  t.after(() => rmSync(file, { force: true }));

  const child = spawn(process.execPath, [file], {
    cwd: FOLDER,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 60_000,
    killSignal: "SIGKILL",
    env: { ...process.env, DPMS_BASE_URL: sandbox.baseUrl, DPMS_TOKEN: sandbox.accessToken },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => (stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk) => (stderr += chunk));
  const code = await new Promise((resolve) => child.on("close", resolve));

  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
  const rxId = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(stdout)?.[0];
  assert.ok(rxId, `the RX it pushed is printed: ${stdout}`);
  assert.equal((await sandbox.completeScan(rxId)).rxId, rxId, "the RX reached the practice");
  const bytes = Number(/(\d+) bytes/.exec(stdout)?.[1]);
  assert.ok(bytes > 100_000, `the size of the scan it downloaded is printed: ${stdout}`);
  assert.doesNotMatch(stdout, /undefined|\[object Object\]|NaN/);
});
