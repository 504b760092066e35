// Loading (§2.1 of the design): no side effects on import, one load for everyone, and a failed load is not kept.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT, test } from "../support/test.mjs";

const manifest = JSON.parse(readFileSync(join(ROOT, "pkg/package.json"), "utf8"));

/** The file an entry has for a condition, as a file: URL. */
const entry = (name, condition) => pathToFileURL(join(ROOT, "pkg", manifest.exports[name][condition])).href;

/** Runs module code in a process of its own, inside the repository so that bare imports resolve. */
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

const ENTRIES = [
  ["itero-dpms in Node", '"itero-dpms"'],
  ["itero-dpms/sandbox in Node", '"itero-dpms/sandbox"'],
  ["the browser's client under SSR", JSON.stringify(entry(".", "default"))],
  ["the browser's sandbox under SSR", JSON.stringify(entry("./sandbox", "default"))],
];

for (const [what, specifier] of ENTRIES) {
  test(`importing ${what} has no side effects`, () => {
    const out = run(`
      for (const name of ["fetch", "window", "document", "self", "navigator"]) delete globalThis[name];
      const boom = () => { throw new Error("WebAssembly was touched on import"); };
      for (const name of ["Module", "Instance", "compile", "instantiate", "compileStreaming", "instantiateStreaming"]) WebAssembly[name] = boom;
      const before = Reflect.ownKeys(globalThis).length;
      await import(${specifier});
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

  test(`the browser's ${what} fetches its module once, however many ask at once`, () => {
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
