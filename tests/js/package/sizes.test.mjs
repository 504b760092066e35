// The download size of each module: its .wasm and JavaScript as one gzip, as the build prints it. Deterministic, unlike the
// benchmark. docs/decisions/0004 explains the budgets.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { ROOT, test } from "../support/test.mjs";

// The client is to be 72 KB or less, the edge function 160 KB, the scan's module 50 KB. None may grow unnoticed.
const BUDGETS = { client: 91_300, webhook: 142_500, scan: 80_000 };

for (const [entry, budget] of Object.entries(BUDGETS)) {
  test(`the module of ${entry} is within ${budget / 1000} KB of gzip`, () => {
    const folder = join(ROOT, "pkg/wasm", entry);
    const files = [".wasm", ".js"].flatMap((end) => readdirSync(folder).filter((name) => name.endsWith(end)));
    assert.equal(files.length, 2, "a .wasm and its JavaScript");
    const bytes = gzipSync(Buffer.concat(files.map((name) => readFileSync(join(folder, name)))), { level: 9 }).length;
    assert.ok(bytes <= budget, `${bytes} bytes`);
  });
}

test("the client's module holds no comment and no name that only the build needs", () => {
  const folder = join(ROOT, "pkg/wasm/client");
  const declarations = readFileSync(join(folder, "itero_dpms.d.ts"), "utf8");
  const comments = [...declarations.matchAll(/^ *(?:\/\*)?\*+ (.{20,}?)(?: \*\/)?$/gm)].map(([, line]) => line);
  const names = [...declarations.matchAll(/^ +(\w+)\??:/gm)].map(([, name]) =>
    name.replace(/[A-Z]/g, (upper) => `_${upper.toLowerCase()}`),
  );
  const inRust = names.filter((name) => name.includes("_"));
  assert.ok(comments.length > 200 && inRust.length > 50, `${comments.length} comments, ${inRust.length} names`);
  const module = readFileSync(join(folder, "itero_dpms_bg.wasm"), "utf8");
  assert.deepEqual(
    [...comments, ...inRust].filter((text) => module.includes(text)),
    [],
  );
});

test("the entry for live events is within 5 KB of gzip, and has no module", async () => {
  const build = await rolldown({ input: join(ROOT, "pkg/lib/events/events.js") });
  const { output } = await build.generate({ format: "esm", minify: true });
  assert.equal(output.length, 1);
  const bytes = gzipSync(output[0].code, { level: 9 }).length;
  assert.ok(bytes <= 5_000, `${bytes} bytes`);
  assert.doesNotMatch(output[0].code, /\bimport\b|WebAssembly/);
});

for (const entry of ["client", "webhook", "sandbox"]) {
  test(`the inline form of ${entry} travels as small as the module that it holds`, () => {
    const inline = gzipSync(readFileSync(join(ROOT, "pkg/lib", entry, "base64.js")), { level: 9 }).length;
    const module = gzipSync(readFileSync(join(ROOT, "pkg/wasm", entry, "itero_dpms_bg.wasm")), { level: 9 }).length;
    assert.ok(inline < module * 1.05, `${inline} bytes, ${module} alone`);
  });
}
