// workerd, the runtime of Cloudflare Workers. The Worker is bundled as wrangler does it: with the `workerd` condition, and with
// each .wasm as a separate module.
import { execFileSync } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { rolldown } from "rolldown";
import { onPath, start } from "../support/programs.mjs";

const COMMAND = onPath("workerd");

export const workerd = {
  missing: COMMAND === null && "it is not on PATH",
  /** @param {string} [date] the compatibility date */
  async run({ project }, practice, date = "2026-04-01") {
    const wasm = await bundle(project);
    writeFileSync(join(project, "workerd.capnp"), config(wasm, date));
    const server = start(COMMAND, ["serve", "workerd.capnp", "--control-fd=3"], { cwd: project });
    try {
      const [, port] = await server.printed(/"port":(\d+)/);
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: JSON.stringify(practice) });
      if (!response.ok) throw new Error(`the Worker responded with ${response.status}: ${server.output}`);
      return {
        version: execFileSync(COMMAND, ["--version"], { encoding: "utf8" }).trim(),
        report: await response.json(),
      };
    } finally {
      await server.stop();
    }
  },
};

/** Writes worker.js and its .wasm modules into the project and returns the modules' names. */
async function bundle(project) {
  const wasm = [];
  const modules = {
    name: "wasm-modules",
    async resolveId(source, importer) {
      if (!source.endsWith(".wasm")) return null;
      const { id } = await this.resolve(source, importer, { skipSelf: true });
      const name = `./${wasm.length}-${basename(id)}`;
      copyFileSync(id, join(project, name));
      wasm.push(name);
      return { id: name, external: true };
    },
  };
  const build = await rolldown({
    cwd: project,
    input: "worker-job.mjs",
    plugins: [modules],
    resolve: { conditionNames: ["workerd", "worker", "browser", "import"] },
  });
  await build.write({ file: join(project, "worker.js"), format: "esm" });
  return wasm;
}

/** Lets the Worker call 127.0.0.1, which workerd forbids by default. */
const config = (wasm, date) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      compatibilityDate = "${date}",
      modules = [
        (name = "worker.js", esModule = embed "worker.js"),
        ${wasm.map((name) => `(name = "${name}", wasm = embed "${name}")`).join(", ")}
      ],
    )),
    (name = "internet", network = (allow = ["local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;
