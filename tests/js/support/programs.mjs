// Programs that the tests start. They are found on PATH and stopped by process id.
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { once } from "node:events";
import { within } from "./test.mjs";

/** Returns the first executable with this name on PATH, or null. */
export function onPath(name) {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // not in this folder
    }
  }
  return null;
}

/**
 * Starts a program. `printed(pattern)` waits for a match in its output on descriptors 1 to 3.
 * @param {string} command
 * @param {string[]} args
 * @param {import("node:child_process").SpawnOptions} [options]
 */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe", "pipe"] });
  let output = "";
  let listen = () => {};
  for (const stream of child.stdio.slice(1)) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
      listen();
    });
  }
  const ended = Promise.race([once(child, "close"), once(child, "error").then(([error]) => [error.message])]).then(
    ([code]) => code,
  );
  return {
    ended,
    get output() {
      return output;
    },
    /** @param {RegExp} pattern @returns {Promise<RegExpExecArray>} */
    printed(pattern, ms = 20_000) {
      const match = new Promise((resolve, reject) => {
        listen = () => pattern.test(output) && resolve(pattern.exec(output));
        listen();
        void ended.then((code) => reject(new Error(`${command} ended with ${code}: ${output}`)));
      });
      return within(match, ms, `${pattern} from ${command}`).catch((error) => {
        throw new Error(`${error.message}: ${output}`);
      });
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
      child.kill("SIGTERM");
      await within(ended, 5_000, `${command} to stop`).catch(() => child.kill("SIGKILL"));
    },
  };
}
