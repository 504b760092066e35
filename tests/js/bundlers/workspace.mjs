// Creates user projects with the packed package installed and the bundlers on their resolution path.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installPacked } from "../support/packed.mjs";
import { onPath } from "../support/programs.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Tools that report how they are used do not. */
export const ENV = { ...process.env, NEXT_TELEMETRY_DISABLED: "1" };

/** What a load says in a bundle that lost the module. */
export const NOT_LOADED =
  /could not load its WebAssembly module \(.+\)\. In a bundle, keep it external or import "itero-dpms\/(?:\w+\/)?inline"/;

/** A tool of this folder, or what `make engines` installs: Bun. Null where there is none. */
function toolPath(name) {
  const own = here(`node_modules/.bin/${name}`);
  return existsSync(own) ? own : onPath(name);
}

/** Why a test that needs a command is skipped, or false. */
export const missing = ([tool]) => (toolPath(tool) === null ? `${tool} is not installed` : false);

export function openWorkspace() {
  const packed = installPacked();
  const folder = mkdtempSync(join(tmpdir(), "itero-dpms-bundlers-"));
  symlinkSync(here("node_modules"), join(folder, "node_modules"));

  /** Runs a tool in a project and returns its output. */
  function run(project, tool, ...args) {
    try {
      return execFileSync(toolPath(tool) ?? tool, args, {
        cwd: project,
        encoding: "utf8",
        timeout: 240_000,
        stdio: "pipe",
        env: ENV,
      });
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
