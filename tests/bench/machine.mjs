// Describes the machine and the versions that the figures are from.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";

const require = createRequire(import.meta.url);

/** Returns the installed version of a package, whether or not it exports its package.json. */
export function version(name) {
  for (const folder of require.resolve.paths(name)) {
    try {
      return JSON.parse(readFileSync(join(folder, name, "package.json"), "utf8")).version;
    } catch {
      // look further up
    }
  }
  throw new Error(`${name} is not installed: run \`make bench\``);
}

/** Returns one line with the load, since other work on the machine makes figures worse and their spread wider. */
export function machine() {
  const [{ model }] = cpus();
  const [load] = loadavg();
  const noise = load > cpus().length / 2 ? ": the machine is busy, do not use these figures" : "";
  const date = new Date().toISOString().slice(0, 16).replace("T", " ");
  return `${date} UTC, Node ${process.versions.node}, ${cpus().length} × ${model}, load average ${load.toFixed(2)}${noise}`;
}
