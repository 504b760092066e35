// Node, Deno and Bun: the main job runs as a program.
import { execFileSync } from "node:child_process";
import { onPath } from "../support/programs.mjs";

/**
 * @param {string | null} command
 * @param {string[]} flags that let it run a file that calls 127.0.0.1
 */
const server = (command, flags) => ({
  missing: command === null && "it is not on PATH",
  run({ project }, practice) {
    const run = (...args) => execFileSync(command, args, { cwd: project, encoding: "utf8", timeout: 60_000 });
    const report = JSON.parse(run(...flags, "node-job.mjs", JSON.stringify(practice)));
    return { version: run("--version").split("\n")[0], report };
  },
});

export const node = server(process.execPath, []);
export const deno = server(onPath("deno"), ["run", "--allow-net=127.0.0.1", "--allow-read=."]);
export const bun = server(onPath("bun"), ["run"]);
