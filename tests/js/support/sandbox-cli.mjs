// Starts the built sandbox CLI in its own process, as a developer would.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ROOT, within } from "./test.mjs";

/** The CLI inside the built package. */
export const CLI = join(ROOT, "pkg/bin/itero-dpms-sandbox.js");

/**
 * Starts the CLI on a free port. `stop()` stops it by its process id.
 * @param {string[]} [args]
 * @param {{ cli?: string, command?: string }} [where] another copy of the CLI, or an executable to start instead of node
 */
export async function startSandbox(args = [], { cli = CLI, command } = {}) {
  const all = ["--port", "0", ...args];
  const child = command
    ? spawn(command, all, { stdio: ["ignore", "pipe", "pipe"] })
    : spawn(process.execPath, [cli, ...all], { stdio: ["ignore", "pipe", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (chunk) => (stderr += chunk));
  const exited = once(child, "exit").then(([code, signal]) => ({ code, signal }));
  const lines = createInterface({ input: child.stdout });
  const firstLine = await within(
    Promise.race([
      once(lines, "line").then(([line]) => line),
      exited.then(({ code }) => {
        throw new Error(`the sandbox exited with code ${code} before printing its address: ${stderr}`);
      }),
    ]),
    15_000,
    "the sandbox's first line",
  ).catch((error) => {
    child.kill("SIGKILL");
    throw error;
  });
  const baseUrl = /http:\/\/[^\s]+/.exec(firstLine)?.[0];
  const accessToken = /access token: ([^)\s]+)/.exec(firstLine)?.[1];
  if (!baseUrl || !accessToken) {
    child.kill("SIGKILL");
    throw new Error(`no address or token in the sandbox's first line: ${firstLine}`);
  }
  /** Calls a control operation of the sandbox, with its first token, and returns the response. */
  const operate = (operation, body) =>
    fetch(`${baseUrl}/sandbox/${operation}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${accessToken}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  /** Calls a control operation and returns its result. */
  const control = async (operation, body) => {
    const response = await operate(operation, body);
    if (!response.ok) throw new Error(`${operation} responded with ${response.status}`);
    return response.json();
  };
  return {
    baseUrl,
    accessToken,
    firstLine,
    exited,
    pid: child.pid,
    operate,
    control,
    /** Simulates the scan: the RX becomes an order. */
    completeScan: (rxId) => control("complete-scan", { rxId }),
    async stop(signal = "SIGTERM") {
      if (child.exitCode === null && child.signalCode === null) process.kill(child.pid, signal);
      const ended = await within(exited, 5_000, "the sandbox to stop").catch((error) => {
        child.kill("SIGKILL");
        throw error;
      });
      return { ...ended, stderr };
    },
  };
}
