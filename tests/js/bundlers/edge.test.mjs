// Builds a Worker of one's own with the command in docs/edge.md, and runs it under workerd.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { after, before } from "node:test";
import { join } from "node:path";
import { startEdge } from "../support/edge.mjs";
import { ROOT, test } from "../support/test.mjs";
import { RX_ID } from "../support/wire.mjs";
import { openWorkspace } from "./workspace.mjs";

const [, COMMAND] = /^npx (esbuild .*)$/m.exec(readFileSync(join(ROOT, "docs/edge.md"), "utf8"));

let workspace;
before(() => (workspace = openWorkspace()));
after(() => workspace?.remove());

test(
  "a Worker that esbuild bundles extends the edge function, and stores callbacks",
  { timeout: 120_000 },
  async (t) => {
    const project = workspace.project("edge");
    workspace.run(project, ...COMMAND.split(" "));
    const folder = join(project, "dist");
    const wasm = readdirSync(folder).filter((name) => name.endsWith(".wasm"));
    assert.equal(wasm.length, 1);
    const modules = `modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "${wasm[0]}", wasm = embed "${wasm[0]}"),
  ],`;
    const shipped = readFileSync(join(ROOT, "pkg/workerd.capnp"), "utf8");
    writeFileSync(join(folder, "workerd.capnp"), shipped.replace(/modules = \[[^\]]*\],/, modules));
    const edge = await startEdge(t, { folder });
    assert.equal(await (await fetch(`${edge.url}/hello`)).text(), "a route of your own");
    assert.equal((await edge.notify(RX_ID, 77)).status, 202);
    assert.equal((await edge.state(77)).parked, 1);
  },
);
