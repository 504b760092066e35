// Which machine and which versions the figures are of.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";

const require = createRequire(import.meta.url);

/** The installed version of a package, whether or not it exports its package.json. */
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

/** One line; what else the machine does makes figures worse and their spread wide. */
export function machine() {
  const [{ model }] = cpus();
  const [load] = loadavg();
  const noise = load > cpus().length / 2 ? ": a busy machine, take no figure from it" : "";
  const date = new Date().toISOString().slice(0, 16).replace("T", " ");
  return `${date} UTC, Node ${process.versions.node}, ${cpus().length} × ${model}, load average ${load.toFixed(2)}${noise}`;
}
