// Starts the built sandbox CLI in its own process, as a developer would.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";
import { ROOT, within } from "./test.mjs";

/** The CLI inside the built package. */
export const CLI = join(ROOT, "pkg/bin/itero-dpms-sandbox.js");

/**
 * Starts the CLI on a free port. `stop()` stops it by its process id.
 * @param {string[]} [args]
 * @param {{ cli?: string, command?: string, env?: Record<string, string | undefined> }} [where] another copy of the CLI, an executable to
 *   start instead of node, and what is changed in the environment
 */
export async function startSandbox(args = [], { cli = CLI, command, env = {} } = {}) {
  const all = ["--port", "0", ...args];
  /** @type {import("node:child_process").SpawnOptions} */
  const options = { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } };
  const child = command ? spawn(command, all, options) : spawn(process.execPath, [cli, ...all], options);
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (chunk) => (stderr += chunk));
  const exited = once(child, "exit").then(([code, signal]) => ({ code, signal }));
  const lines = createInterface({ input: child.stdout });
  const printed = [];
  lines.on("line", (line) => printed.push(line));
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
  const text = stripVTControlCharacters(firstLine);
  const baseUrl = /http:\/\/[^\s]+/.exec(text)?.[0];
  const accessToken = /access token: ([^)\s]+)/.exec(text)?.[1];
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
    /** What was printed on stdout so far, as lines. */
    printed,
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
