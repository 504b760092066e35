// Installs an example's dependencies into a copy of it outside of the repository, as its reader does, and starts it there.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before } from "node:test";
import { launchChromium } from "../support/chromium.mjs";
import { ROOT, closedPort, within } from "../support/test.mjs";

/** What running the example leaves in its folder. */
const LEFT = new Set(["node_modules", ".next", "package-lock.json"]);

const ENV = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", npm_config_update_notifier: "false" };

/** Runs an example for the tests of a file, with a browser to visit it: both are there once these tests run. */
export function exampleForThisFile(name) {
  const running =
    /** @type {{ portal: Awaited<ReturnType<typeof startExample>>, browser: import("playwright-core").Browser }} */ ({});
  let example;
  before(async () => {
    example = installExample(name);
    running.portal = await startExample(example.project);
    running.browser = await launchChromium();
  });
  after(async () => {
    await running.browser?.close();
    await running.portal?.stop();
    example?.remove();
  });
  return running;
}

/** Returns the copy's folder. `remove()` removes it with the package's copy beside it. */
function installExample(name) {
  const folder = mkdtempSync(join(tmpdir(), "itero-dpms-example-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    for (const path of ["pkg", "examples/practice.mjs", `examples/${name}`]) {
      cpSync(join(ROOT, path), join(folder, path), { recursive: true, filter: (from) => !LEFT.has(basename(from)) });
    }
    const project = join(folder, "examples", name);
    execFileSync("npm", ["install", "--no-audit", "--no-fund"], {
      cwd: project,
      env: ENV,
      timeout: 180_000,
      stdio: "pipe",
    });
    return { project, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Runs `npm start` on a free port until it prints where the page is. */
async function startExample(project) {
  const port = await closedPort();
  // A group of its own, by which npm ends with all that it started.
  const child = spawn("npm", ["start"], {
    cwd: project,
    env: { ...ENV, PORT: `${port}` },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const ended = once(child, "close");
  let output = "";
  const ready = new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
        const url = /^The portal: (\S+)$/m.exec(output)?.[1];
        if (url) resolve(url);
      });
    }
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, "SIGTERM");
    await within(ended, 10_000, "the example to stop").catch(() => process.kill(-child.pid, "SIGKILL"));
  };
  const failed = ended.then(([code]) => Promise.reject(new Error(`npm start ended with ${code}`)));
  try {
    const url = await within(Promise.race([ready, failed]), 180_000, "the portal's address");
    failed.catch(() => {});
    return { url, stop, pressEnter: () => child.stdin.write("\n") };
  } catch (error) {
    await stop();
    throw new Error(`${error.message}: ${output}`, { cause: error });
  }
}
