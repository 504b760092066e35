// Creates user projects with the packed package installed and the bundlers on their resolution path.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installPacked } from "../support/packed.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** What a load says in a bundle that lost the module. */
export const NOT_LOADED =
  /could not load its WebAssembly module \(.+\)\. In a bundle, keep it external or import "itero-dpms\/(?:\w+\/)?inline"/;

const toolPath = (name) => (existsSync(here(`node_modules/.bin/${name}`)) ? here(`node_modules/.bin/${name}`) : name);

/** Why a test that needs a tool is skipped, or false: Bun comes with `make engines` only. */
export const missing = ([tool]) =>
  spawnSync(toolPath(tool), ["--version"]).error ? `there is no ${tool} here` : false;

export function openWorkspace() {
  const packed = installPacked();
  const folder = mkdtempSync(join(tmpdir(), "itero-dpms-bundlers-"));
  symlinkSync(here("node_modules"), join(folder, "node_modules"));

  /** Runs a tool in a project and returns its output. */
  function run(project, tool, ...args) {
    try {
      return execFileSync(toolPath(tool), args, { cwd: project, encoding: "utf8", timeout: 60_000, stdio: "pipe" });
    } catch (error) {
      throw new Error(`${tool}: ${error.message}\n${error.stdout}`, { cause: error });
    }
  }

  return {
    run,
    /** The project in which the package is installed, next to its tarball. */
    installed: packed.project,
    /** Creates a project with the common files, overlaid with those of `projects/<name>`. */
    project(name) {
      const project = mkdtempSync(join(folder, `${name}-`));
      cpSync(packed.project, project, { recursive: true });
      for (const file of ["main-job.mjs", "page-job.mjs"]) cpSync(here(`../runtimes/${file}`), join(project, file));
      for (const file of ["main.js", "index.html"]) cpSync(here(`projects/${file}`), join(project, file));
      if (existsSync(here(`projects/${name}`))) cpSync(here(`projects/${name}`), project, { recursive: true });
      return project;
    },
    remove() {
      rmSync(folder, { recursive: true, force: true });
      packed.remove();
    },
  };
}
