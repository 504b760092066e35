// Runs npm's package linters.
import { after, before } from "node:test";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "../support/test.mjs";
import { openWorkspace } from "./workspace.mjs";

let workspace;
before(() => {
  workspace = openWorkspace();
});
after(() => workspace?.remove());

test("publint reports nothing", { timeout: 120_000 }, () => {
  workspace.run(workspace.installed, "publint", "--strict", "node_modules/itero-dpms");
});

// The package is ESM only. The bundler decides what importing a .wasm returns, so the raw files have no types.
test("attw finds no problem with the types of any entry", { timeout: 120_000 }, () => {
  const tarball = readdirSync(workspace.installed).find((file) => file.endsWith(".tgz"));
  const manifest = JSON.parse(readFileSync(join(workspace.installed, "node_modules/itero-dpms/package.json"), "utf8"));
  const raw = Object.keys(manifest.exports).filter((name) => name.endsWith(".wasm"));
  const flags = ["--profile", "esm-only", "--no-definitely-typed", "--exclude-entrypoints", ...raw];
  workspace.run(workspace.installed, "attw", tarball, ...flags);
});
