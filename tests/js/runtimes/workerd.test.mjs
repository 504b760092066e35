// What only workerd has: compatibility dates, and streams that know their length.
import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { startFaultyServer } from "../support/faulty-server.mjs";
import { installPacked } from "../support/packed.mjs";
import { startSandbox } from "../support/sandbox-cli.mjs";
import { test } from "../support/test.mjs";
import { EXPECTED } from "./main-job.mjs";
import { workerd } from "./workerd.mjs";

const isAsked = process.env.RUNTIMES?.split(" ").includes("workerd") ?? true;
const options = { skip: isAsked ? workerd.missing : "not in RUNTIMES", timeout: 120_000 };

/** The package in a project whose Worker is this file. */
function projectOf(t, worker) {
  const packed = installPacked();
  t.after(() => packed.remove());
  copyFileSync(new URL("main-job.mjs", import.meta.url), join(packed.project, "main-job.mjs"));
  copyFileSync(new URL(worker, import.meta.url), join(packed.project, "worker-job.mjs"));
  return packed;
}

test(
  "a Worker of 2023, which takes no `cache` and brings the token along at redirects, does the main job",
  options,
  async (t) => {
    const sandbox = await startSandbox(["--generation-ms", "1"]);
    t.after(() => sandbox.stop());
    const { baseUrl, accessToken } = sandbox;
    const project = projectOf(t, "worker-job.mjs");
    const { report } = await workerd.run(project, { baseUrl, accessToken, chart: "workerd-2023" }, "2023-03-01");
    assert.deepEqual(report, EXPECTED);
  },
);

test(
  "a Worker passes a download on with its length, reads it into its own memory, and learns that it was cut",
  options,
  async (t) => {
    const file = Buffer.alloc(200_000, "PK");
    const headers = { "Content-Type": "application/zip", "Content-Length": file.length };
    const server = await startFaultyServer((request) => (response) => {
      if (request.method === "PUT") {
        const stored = { bytes: request.body.length, length: request.headers["content-length"] };
        response.end(JSON.stringify(stored));
      } else if (request.path.includes("/2/")) {
        response.writeHead(200, headers);
        response.write(file.subarray(0, 50_000), () => response.socket?.destroySoon());
      } else response.writeHead(200, headers).end(file);
    });
    t.after(() => server.close());
    const { report } = await workerd.run(projectOf(t, "workerd-job.mjs"), { baseUrl: server.baseUrl });
    assert.deepEqual(report, {
      stored: { bytes: file.length, length: String(file.length) },
      read: file.length,
      cut: "truncated",
    });
  },
);
