// Loading: importing has no side effects, all callers share one load, a failed load is tried again, and each failure says what helps.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT, test } from "../support/test.mjs";

const manifest = JSON.parse(readFileSync(join(ROOT, "pkg/package.json"), "utf8"));

/** Returns an entry's file for a condition as a file: URL. */
const entry = (name, condition) => pathToFileURL(join(ROOT, "pkg", manifest.exports[name][condition])).href;

/** Runs module code in its own process, inside the repository so that bare imports resolve. */
function run(code) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
    cwd: join(ROOT, "tests"),
    encoding: "utf8",
    timeout: 20_000,
    killSignal: "SIGKILL",
  });
  assert.equal(status, 0, stderr);
  assert.equal(stderr, "");
  return stdout;
}

/** Every entry with each of its runtime conditions, but for the worker, which is there for its effects alone. */
const ENTRIES = Object.entries(manifest.exports).flatMap(([name, conditions]) =>
  typeof conditions === "string" || name === "./scan/worker"
    ? []
    : Object.keys(conditions).flatMap((condition) => (condition === "types" ? [] : [[name, condition]])),
);

/** Loader hooks for imports that Workers support and Node 20 does not: .wasm files, and the class of Durable Objects. */
const IMPORTS_OF_WORKERS = `data:text/javascript,${encodeURIComponent(`
  export const resolve = (name, context, next) =>
    name === "cloudflare:workers" ? { url: name, shortCircuit: true } : next(name, context);
  export const load = (url, context, next) =>
    url.endsWith(".wasm") ? { format: "module", source: "export default null", shortCircuit: true }
      : url === "cloudflare:workers" ? { format: "module", source: "export class DurableObject {}", shortCircuit: true }
      : next(url, context);
`)}`;

/** What some runtime or test environment lacks, Jest's jsdom for example. */
const PLATFORM = [
  ...["window", "document", "self", "navigator", "location", "process", "Buffer", "crypto", "performance"],
  ...["TextDecoder", "TextEncoder", "URL", "atob", "Blob", "DecompressionStream", "ReadableStream"],
  ...["fetch", "Request", "Response", "Headers", "AbortController", "FinalizationRegistry"],
];

for (const [name, condition] of ENTRIES) {
  test(`importing the entry ${name} for ${condition} has no side effects, and needs nothing of the platform`, () => {
    const out = run(`
      import { register } from "node:module";
      register(${JSON.stringify(IMPORTS_OF_WORKERS)});
      for (const name of ${JSON.stringify(PLATFORM)}) delete globalThis[name];
      const boom = () => { throw new Error("WebAssembly was touched on import"); };
      for (const name of ["Module", "Instance", "compile", "instantiate", "compileStreaming", "instantiateStreaming"]) WebAssembly[name] = boom;
      const before = Reflect.ownKeys(globalThis).length;
      await import(${JSON.stringify(entry(name, condition))});
      if (Reflect.ownKeys(globalThis).length !== before) throw new Error("a global was added");
      console.log("imported");`);
    assert.equal(out, "imported\n");
  });
}

test("an imported client does not keep the process alive", () => {
  const out = run(`
    import { createClient } from "itero-dpms";
    await createClient({ endpoints: { baseUrl: "https://dpms.invalid" }, accessToken: "x" });
    console.log("made");`);
  assert.equal(out, "made\n");
});

for (const name of [".", "./sandbox"]) {
  const what = name === "." ? "client" : "sandbox";
  const use =
    name === "."
      ? `() => m.createClient({ endpoints: { baseUrl: "https://dpms.invalid" }, accessToken: "x" })`
      : `() => m.createSandbox()`;

  test(`the browser's ${what} fetches its module once for concurrent calls`, () => {
    const out = run(`
      import { readFileSync } from "node:fs";
      let loads = 0;
      globalThis.fetch = async (url) => { loads += 1; return new Response(readFileSync(new URL(url.url ?? url)), { headers: { "Content-Type": "application/wasm" } }); };
      const m = await import(${JSON.stringify(entry(name, "default"))});
      const use = ${use};
      await Promise.all([use(), use(), use()]);
      await use();
      console.log(loads);`);
    assert.equal(out, "1\n");
  });

  test(`the browser's ${what} loads again after a failed load`, () => {
    const out = run(`
      import { readFileSync } from "node:fs";
      let online = false;
      globalThis.fetch = async (url) => {
        if (!online) throw new TypeError("offline");
        return new Response(readFileSync(new URL(url.url ?? url)), { headers: { "Content-Type": "application/wasm" } });
      };
      const m = await import(${JSON.stringify(entry(name, "default"))});
      const use = ${use};
      const first = await use().then(() => "loaded", () => "failed");
      online = true;
      const second = await use().then(() => "loaded", (error) => "failed again: " + error);
      console.log(first, second);`);
    assert.equal(out, "failed loaded\n");
  });
}

/** How each entry is used, in code that has it as `m`. */
const USES = {
  ".": `m.procedures()`,
  "./sandbox": `m.createSandbox()`,
  "./webhook": `m.parseCallback('{"Id":"3f2504e0-4f89-41d3-9a0c-0305e82c3301","CompanyId":"1"}')`,
};

/** What every load that fails says for an entry. */
const failure = (name) =>
  new RegExp(
    `^Error: itero-dpms could not load its WebAssembly module \\((.*)\\)\\. .*keep it external .*"itero-dpms${name.slice(1)}/inline".*README`,
  );

/** Uses an entry's file after `prepare`, and prints the error and its cause. */
const failing = (file, name, prepare) =>
  run(`
    import { register } from "node:module";
    register(${JSON.stringify(IMPORTS_OF_WORKERS)});
    ${prepare}
    const m = await import(${JSON.stringify(file)});
    console.log(await ${USES[name]}.then(() => "loaded", (error) => error + " <- " + error.cause));`);

for (const name of Object.keys(USES)) {
  for (const [what, prepare, reason] of [
    ["a network that fails", `globalThis.fetch = async () => { throw new TypeError("fetch failed"); }`, /fetch failed/],
    [
      "a page in place of its module",
      `globalThis.fetch = async () => new Response("<!doctype html>", { headers: { "Content-Type": "text/html" } })`,
      /no WebAssembly module at file:\S+\.wasm: 200 text\/html/,
    ],
    [
      "no module",
      `globalThis.fetch = async () => new Response(null, { status: 404 })`,
      /no WebAssembly module at file:\S+\.wasm: 404/,
    ],
    [
      "a URL of a bundler's that is none",
      `globalThis.URL = class { constructor() { throw new TypeError("Invalid URL"); } }`,
      /Invalid URL/,
    ],
    ["no TextDecoder", `delete globalThis.TextDecoder`, /TextDecoder/],
  ]) {
    test(`the entry ${name} for browsers that finds ${what} says what helps`, () => {
      const served = `const { readFileSync } = await import("node:fs"); globalThis.fetch = async (url) => new Response(readFileSync(url));`;
      const [message, cause] = failing(entry(name, "default"), name, `${served} ${prepare}`).split(" <- ");
      assert.match(failure(name).exec(message)?.[1] ?? message, reason);
      assert.match(cause, reason);
    });
  }

  test(`the entry ${name} for Node without its file says what helps`, (t) => {
    const folder = mkdtempSync(join(tmpdir(), "itero-dpms-bundle-"));
    t.after(() => rmSync(folder, { recursive: true }));
    cpSync(join(ROOT, "pkg"), folder, { recursive: true, filter: (path) => !path.endsWith(".wasm") });
    const file = pathToFileURL(join(folder, manifest.exports[name].node)).href;
    const [message, cause] = failing(file, name, "").split(" <- ");
    assert.match(failure(name).exec(message)?.[1] ?? message, /ENOENT/);
    assert.match(cause, /ENOENT/);
  });

  test(`the entry ${name} for workerd that is given no module says what helps`, () => {
    assert.match(failing(entry(name, "workerd"), name, ""), failure(name));
  });

  const inline = name === "." ? "./inline" : `${name}/inline`;
  const imported = inline.replace(".", "itero-dpms");

  test(`${imported} needs neither a file nor a network`, () => {
    const out = run(`
      globalThis.fetch = () => { throw new Error("fetch was called"); };
      const m = await import(${JSON.stringify(imported)});
      console.log(await ${USES[name]}.then(() => "loaded"));`);
    assert.equal(out, "loaded\n");
  });

  test(`${imported} where nothing can be decompressed says so`, () => {
    const out = failing(entry(inline, "default"), name, "delete globalThis.DecompressionStream");
    assert.match(failure(name).exec(out)?.[1] ?? out, /DecompressionStream/);
  });

  test(`${imported} exports what ${name.replace(".", "itero-dpms")} does`, () => {
    const out = run(`
      const names = Object.keys(await import(${JSON.stringify(name.replace(".", "itero-dpms"))}));
      console.log(names.length > 0, JSON.stringify(Object.keys(await import(${JSON.stringify(imported)}))) === JSON.stringify(names));`);
    assert.equal(out, "true true\n");
  });
}

test("the browser's client accepts a module with another content type", () => {
  const out = run(`
    import { readFileSync } from "node:fs";
    globalThis.fetch = async (url) => new Response(readFileSync(url), { headers: { "Content-Type": "application/octet-stream" } });
    const { procedures } = await import(${JSON.stringify(entry(".", "default"))});
    console.log((await procedures()).length > 0);`);
  assert.equal(out, "true\n");
});

test("itero-dpms/slim exports what itero-dpms does, and load", () => {
  const out = run(`
    const names = Object.keys(await import("itero-dpms")), others = Object.keys(await import("itero-dpms/slim"));
    console.log(names.filter((name) => !others.includes(name)), others.filter((name) => !names.includes(name)));`);
  assert.equal(out, "[] [ 'load' ]\n");
});

/** Runs code that has `load` and `procedures` of itero-dpms/slim, and `module`. */
const runSlim = (code) =>
  run(`
    import { readFile } from "node:fs/promises";
    import { createRequire } from "node:module";
    import { load, procedures } from "itero-dpms/slim";
    const module = await WebAssembly.compile(await readFile(createRequire(import.meta.url).resolve("itero-dpms/client.wasm")));
    const outcome = (promise) => promise.then(() => "done", (error) => error.name + ": " + error.message);
    ${code}`);

for (const [form, given] of [
  ["a module", "module"],
  ["a promise of one", "Promise.resolve(module)"],
  ["a function that gives one", "async () => module"],
]) {
  test(`itero-dpms/slim loads ${form}, and earlier calls wait for it`, () => {
    const out = runSlim(`
      const loading = load(${given});
      console.log((await procedures()).length > 0, await loading);`);
    assert.equal(out, "true undefined\n");
  });
}

test("itero-dpms/slim loads its module once for concurrent calls", () => {
  const out = runSlim(`
    let asked = 0;
    const give = async () => { asked += 1; return module; };
    await Promise.all([load(give), load(give)]);
    await load(give);
    console.log(asked);`);
  assert.equal(out, "1\n");
});

test("itero-dpms/slim loads again after a failed load", () => {
  const out = runSlim(`
    console.log(await outcome(load(async () => { throw new TypeError("offline"); })));
    console.log(await outcome(load(module)), (await procedures()).length > 0);`);
  assert.equal(out, "TypeError: offline\ndone true\n");
});

test("itero-dpms/slim says what is missing: the load, or a module", () => {
  const out = runSlim(`
    console.log(await outcome(procedures()));
    for (const wrong of [undefined, "/client.wasm", new Uint8Array(8)]) console.log(await outcome(load(wrong)));`);
  const [early, ...wrong] = out.trimEnd().split("\n");
  assert.match(early, /^Error: .*call load\(module\) first/);
  assert.equal(wrong.length, 3);
  for (const line of wrong) assert.match(line, /^TypeError: .*WebAssembly\.Module/);
});
