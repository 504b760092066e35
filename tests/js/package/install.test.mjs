// What `npm install itero-dpms` installs, and that it works in a project that has nothing else.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before } from "node:test";
import { join } from "node:path";
import { installPacked } from "../support/packed.mjs";
import { startSandbox } from "../support/sandbox-cli.mjs";
import { test } from "../support/test.mjs";

/** @type {ReturnType<typeof installPacked>} */
let packed;
/** @type {any} */
let manifest;

before(() => {
  packed = installPacked();
  manifest = JSON.parse(readFileSync(join(packed.project, "node_modules/itero-dpms/package.json"), "utf8"));
});
after(() => packed?.remove());

/** Runs code in the consumer's project. */
function run(code, type = "module") {
  return spawnSync(process.execPath, [`--input-type=${type}`, "-e", code], {
    cwd: packed.project,
    encoding: "utf8",
    timeout: 20_000,
    killSignal: "SIGKILL",
  });
}

const ALLOWED = [
  /^package\.json$/,
  /^README\.md$/,
  /^docs\/[\w-]+\.md$/,
  /^LICENSE-(MIT|APACHE)$/,
  /^THIRD-PARTY-NOTICES\.txt$/,
  /^(?:[\w.-]+\/)*[\w.-]+\.(?:js|d\.ts|wasm)$/,
  /^(?:wrangler\.jsonc|workerd\.capnp)$/,
];
const FORBIDDEN = [/(^|\/)\./, /node_modules/, /^(src|tests?|target|www)\//, /\.test\./, /\.tgz$/, /package-lock/];

test("the tarball holds the README, both licences and the package's own files, and nothing else", () => {
  const paths = packed.files.map((file) => file.path);
  for (const path of ["README.md", "LICENSE-MIT", "LICENSE-APACHE", "package.json"])
    assert.ok(paths.includes(path), `${path} is missing`);
  for (const path of paths) {
    assert.ok(
      ALLOWED.some((pattern) => pattern.test(path)),
      `${path} does not belong in the package`,
    );
    assert.ok(!FORBIDDEN.some((pattern) => pattern.test(path)), `${path} does not belong in the package`);
  }
  for (const file of packed.files) assert.ok(file.size > 0, `${file.path} is empty`);
});

test("each .wasm is an entry, and no other .wasm is shipped", () => {
  const wasm = packed.files.map((file) => file.path).filter((path) => path.endsWith(".wasm"));
  const entries = Object.keys(manifest.exports).filter((name) => name.endsWith(".wasm"));
  assert.deepEqual(wasm.sort(), entries.map((name) => manifest.exports[name].replace("./", "")).sort());
});

test("the notices name each crate that is compiled into the modules, with its licence", () => {
  const text = readFileSync(join(packed.project, "node_modules/itero-dpms/THIRD-PARTY-NOTICES.txt"), "utf8");
  const [, ...notices] = text.split(/^-{80}$/m);
  const names = new Map(notices.map((notice) => [/^\s*(\S+) \S+ \(/.exec(notice)?.[1], notice]));
  for (const name of ["wasm-bindgen", "serde", "zip"]) assert.ok(names.has(name), name);
  for (const name of ["syn", "wasm-bindgen-macro", "proptest"])
    assert.ok(!names.has(name), `${name} is not compiled in`);
  for (const [name, notice] of names) assert.match(notice, /MIT|Apache|Zlib/, name);
});

test("the modules' declarations show neither how they are loaded nor how their memory is managed", () => {
  const declarations = packed.files.map((file) => file.path).filter((path) => /^wasm\/.*\.d\.ts$/.test(path));
  assert.equal(declarations.length, 4);
  for (const path of declarations) {
    const text = readFileSync(join(packed.project, "node_modules/itero-dpms", path), "utf8");
    assert.doesNotMatch(text, /\b(?:initSync|InitInput|InitOutput|__wb\w+|free|dispose)\b|export default/, path);
  }
});

test("every file that package.json names is in the tarball", () => {
  const paths = new Set(packed.files.map((file) => file.path));
  const named = [];
  const walk = (value) => (typeof value === "string" ? named.push(value) : value && Object.values(value).forEach(walk));
  walk(manifest.exports);
  walk(manifest.bin);
  walk([manifest.main, manifest.types, manifest.module]);
  assert.ok(named.length >= 6);
  for (const path of named) assert.ok(paths.has(path.replace(/^\.\//, "")), `${path} is named but not shipped`);
});

test("package.json has the metadata that npm users expect", () => {
  assert.equal(manifest.name, "itero-dpms");
  assert.equal(manifest.type, "module");
  assert.match(manifest.license, /MIT/);
  assert.match(manifest.license, /Apache-2\.0/);
  assert.ok(manifest.description);
  assert.match(manifest.engines.node, /20/);
  assert.equal(manifest.dependencies, undefined);
  assert.equal(manifest.scripts?.install ?? manifest.scripts?.postinstall, undefined, "nothing runs on install");
  for (const [name, conditions] of Object.entries(manifest.exports)) {
    if (typeof conditions === "object")
      assert.equal(Object.keys(conditions)[0], "types", `types come first in ${name}`);
  }
});

test("no file in the package contains a local path", () => {
  for (const { path } of packed.files) {
    const bytes = readFileSync(join(packed.project, "node_modules/itero-dpms", path)).toString("latin1");
    const folder = /\/(?:root|home|work|Users)\/[\w.-]+/.exec(bytes)?.[0];
    assert.equal(folder, undefined, `${path} names ${folder}`);
  }
});

test("import works in Node and exports the documented names", () => {
  const { stdout, stderr, status } = run(`
    const client = await import("itero-dpms");
    const sandbox = await import("itero-dpms/sandbox");
    const webhook = await import("itero-dpms/webhook");
    console.log(JSON.stringify([client, sandbox, webhook].map((entry) => Object.keys(entry).sort())));`);
  assert.equal(status, 0, stderr);
  assert.equal(stderr, "");
  const [client, sandbox, webhook] = JSON.parse(stdout);
  assert.deepEqual(client, [
    "DpmsClient",
    "DpmsError",
    "createClient",
    "findProcedure",
    "isDpmsError",
    "orderStatuses",
    "parsePairingResponse",
    "procedures",
    "unitTypes",
  ]);
  assert.deepEqual(sandbox, ["createSandbox"]);
  assert.deepEqual(webhook, ["PracticeInbox", "createReceiver", "default", "parseCallback"]);
});

test("the installed client does the main job against the installed sandbox", () => {
  const { stdout, stderr, status } = run(`
    import { createClient, isDpmsError } from "itero-dpms";
    import { createSandbox } from "itero-dpms/sandbox";
    const sandbox = await createSandbox({ generationMs: 1 });
    const client = await createClient({ endpoints: sandbox.endpoints, accessToken: sandbox.accessToken, fetch: sandbox.fetch });
    const { companyId, doctors } = await client.practiceConfiguration();
    const rxId = await client.createScanRequest({ companyId, doctorId: doctors[0].id, patientFirstName: "A", patientLastName: "B", patientChartNumber: "C" });
    const { orderId } = await sandbox.control.completeScan(rxId);
    const bytes = await (await client.downloadScan(orderId, "IMAGE_GALLERY")).arrayBuffer();
    const error = await client.getOrder("x").catch((error) => error);
    console.log((await client.getOrder(rxId)).rxId === rxId, bytes.byteLength > 1000, isDpmsError(error));`);
  assert.equal(status, 0, stderr);
  assert.equal(stdout, "true true true\n");
});

test("require works if Node can require ES modules, and fails with a clear code otherwise", () => {
  const { stdout, stderr, status } = run(
    `try { console.log(typeof require("itero-dpms").createClient); } catch (error) { console.log(error.code); }`,
    "commonjs",
  );
  assert.equal(status, 0, stderr);
  assert.equal(stdout.trim(), process.features.require_module ? "function" : "ERR_REQUIRE_ESM");
});

test("the package's own package.json can be read through its exports, its internals cannot", () => {
  const { stdout, stderr, status } = run(`
    const { default: manifest } = await import("itero-dpms/package.json", { with: { type: "json" } });
    const inner = await import("itero-dpms/lib/client/node.js").then(() => "open", (error) => error.code);
    console.log(manifest.name, inner);`);
  assert.equal(status, 0, stderr);
  assert.equal(stdout.trim(), "itero-dpms ERR_PACKAGE_PATH_NOT_EXPORTED");
});

test("the bin runs from node_modules/.bin and serves", async (t) => {
  const sandbox = await startSandbox(["--token", "from-bin"], {
    command: join(packed.project, "node_modules/.bin/itero-dpms-sandbox"),
  });
  t.after(() => sandbox.stop());
  const response = await fetch(`${sandbox.baseUrl}/api/third-party/v2/practice-configuration`, {
    headers: { Authorization: "Bearer from-bin" },
  });
  assert.equal(response.status, 200);
  assert.equal((await response.json()).Status, 1);
});
