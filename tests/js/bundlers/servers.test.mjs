// Builds the packed package into bundles for servers: each finds the modules or says what helps, and does load them with the
// ./inline entries or when it keeps the package external.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before } from "node:test";
import { join } from "node:path";
import { test } from "../support/test.mjs";
import { NOT_LOADED, missing, openWorkspace } from "./workspace.mjs";

const ESBUILD = ["esbuild", "main.js", "--bundle", "--platform=node"];
const BUN = ["bun", "build", "main.js", "--outdir=dist"];
const WEBPACK = ["webpack", "--mode=production", "--entry=./main.js", "--target=node", "--output-filename=main.cjs"];

/** How main.js is built, what is made of it, whether that has the modules, and the flags that keep the package external. */
const BUILDS = [
  {
    title: "esbuild",
    command: [...ESBUILD, "--format=esm", "--outfile=dist/main.js"],
    external: ["--packages=external"],
  },
  {
    title: "esbuild to CommonJS",
    command: [...ESBUILD, "--format=cjs", "--outfile=dist/main.cjs"],
    made: "main.cjs",
    external: ["--packages=external"],
  },
  { title: "Bun", command: [...BUN, "--target=node"], external: ["--packages=external"] },
  { title: "Bun for Bun", command: [...BUN, "--target=bun"] },
  { title: "Vite", command: ["vite", "build", "--ssr", "main.js"] },
  { title: "Rollup", command: ["rollup", "--config"], shipsModules: true, external: ["--external", "/^itero-dpms/"] },
  { title: "webpack", command: WEBPACK, made: "main.cjs", shipsModules: true },
];

let workspace;
before(() => {
  workspace = openWorkspace();
});
after(() => workspace?.remove());

/** Builds and runs a project, and returns what became of a use of each entry. */
function outcomes(project, [tool, ...args], made = "main.js") {
  workspace.run(project, tool, ...args);
  const options = { cwd: project, encoding: /** @type {const} */ ("utf8"), timeout: 20_000 };
  return JSON.parse(execFileSync(process.execPath, [join("dist", made)], options));
}

const LOADED = ["loaded", "loaded", "loaded"];

for (const { title, command, made, shipsModules, external } of BUILDS) {
  const options = { timeout: 120_000, skip: missing(command) };

  test(`a server's bundle by ${title} ${shipsModules ? "loads its modules" : "says what helps"}`, options, () => {
    const found = outcomes(workspace.project("server"), command, made);
    if (shipsModules) assert.deepEqual(found, LOADED);
    else for (const message of found) assert.match(message, NOT_LOADED);
  });

  test(`a server's bundle by ${title} loads the ./inline entries' modules`, options, () => {
    const project = workspace.project("server");
    const main = join(project, "main.js");
    writeFileSync(main, readFileSync(main, "utf8").replace(/"(itero-dpms[\w/]*)"/g, '"$1/inline"'));
    assert.deepEqual(outcomes(project, command, made), LOADED);
  });

  if (external) {
    test(`a server's bundle by ${title} that keeps the package external loads its modules`, options, () => {
      assert.deepEqual(outcomes(workspace.project("server"), [...command, ...external], made), LOADED);
    });
  }
}
