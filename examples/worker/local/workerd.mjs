// Runs worker.js on this machine as Cloudflare does: in workerd, their engine, with files in place of R2.
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import workerd from "workerd";

const EXAMPLE = fileURLToPath(new URL("..", import.meta.url));
const PACKAGE = dirname(fileURLToPath(import.meta.resolve("itero-dpms/package.json")));

/**
 * Starts the Worker with its data in a folder. `runCron()` does the same as the cron trigger, and resolves when that is done.
 * The Worker's log is in the streams of `child`.
 *
 * @param {string} path the folder
 * @param {Record<string, string>} env the Worker's environment
 * @param {string} [port]
 */
export async function startWorker(path, env, port = "0") {
  const folder = resolve(path);
  // The folders in which the configuration's imports and embedded files are found.
  const imports = [folder, EXAMPLE, PACKAGE].map((from) => `--import-path=${from}`);
  const args = ["serve", ...imports, join(EXAMPLE, "local/workerd.capnp"), "config", "--control-fd=3"];
  args.push(`--socket-addr=http=127.0.0.1:${port}`);
  for (const name of ["bucket", "storage"]) {
    mkdirSync(join(folder, name), { recursive: true, mode: 0o700 }); // patient data: readable by this user only
    args.push(`--directory-path=${name}=${join(folder, name)}`);
  }
  writeFileSync(join(folder, "modules.capnp"), modules());
  const child = spawn(workerd.default, args, { stdio: ["ignore", "pipe", "pipe", "pipe"], env });
  let errors = "";
  child.stderr.on("data", (text) => (errors += text));
  const url = await new Promise((listens, fails) => {
    createInterface(child.stdio[3]).once("line", (line) => listens(`http://127.0.0.1:${JSON.parse(line).port}`));
    child.once("error", fails);
    child.once("exit", () => fails(new Error(`workerd has ended: ${errors}`)));
  });
  return { url, child, runCron: () => fetch(`${url}/cdn-cgi/handler/scheduled`, { method: "POST" }) };
}

/** Returns the Worker's modules, the entry first, as wrangler would bundle them. */
function modules() {
  const files = readdirSync(PACKAGE, { recursive: true }).filter((file) =>
    /^(?:lib|wasm)\/.*\.(?:js|wasm)$/.test(file),
  );
  const module = (name, kind, source) => `(name = "${name}", ${kind} = ${source})`;
  const list = [
    module("entry.js", "esModule", 'embed "/local/entry.js"'),
    module("worker.js", "esModule", 'embed "/worker.js"'),
    module("itero-dpms", "esModule", `"export * from './itero-dpms/lib/client/workerd.js'"`),
    module(
      "itero-dpms/webhook",
      "esModule",
      `"export * from './lib/webhook/workerd.js'; export { default } from './lib/webhook/workerd.js'"`,
    ),
    ...files.map((file) =>
      module(`itero-dpms/${file}`, file.endsWith(".js") ? "esModule" : "wasm", `embed "/${file}"`),
    ),
  ];
  return `@0xb1e0b8a3a1c5d2f7;
using Workerd = import "/workerd/workerd.capnp";
const modules :List(Workerd.Worker.Module) = [
  ${list.join(",\n  ")}
];
`;
}
