// The API reference that `make docs` makes, and through it the comments that editors show.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before } from "node:test";
import { join } from "node:path";
import { makeReference, walk } from "../support/declarations.mjs";
import { ROOT, test } from "../support/test.mjs";

/** @type {ReturnType<typeof makeReference>} */
let made;
before(() => {
  made = makeReference();
});

test("every public item has a comment, every link leads somewhere, every type that is used is exported", () => {
  assert.doesNotMatch(made.output, /warning|error/i);
});

test("the reference has every entry of the package under the name that it is imported by", () => {
  const { name, exports } = JSON.parse(readFileSync(join(ROOT, "pkg/package.json"), "utf8"));
  const typed = new Map();
  for (const [path, { types }] of Object.entries(exports)) {
    if (types && ![...typed.values()].includes(types)) typed.set(path.replace(".", name), types);
  }
  assert.deepEqual(made.reference.children.map((module) => module.name).sort(), [...typed.keys()].sort());
});

test("no `any` reaches a user", () => {
  const found = [...walk(made.reference)].filter(([node]) => node.type === "intrinsic" && node.name === "any");
  assert.deepEqual(
    found.map(([, path]) => path.join(".")),
    [],
  );
});

test("the plumbing of the modules is not shown", () => {
  const names = new Set([...walk(made.reference)].map(([, path]) => path.at(-1)));
  for (const name of ["Pages", "SandboxCore", "Answer", "InitInput", "InitOutput", "initSync"]) {
    assert.ok(!names.has(name), name);
  }
  const generated = [...names].filter((name) => /^(?:Js[A-Z]|__wb)/.test(name));
  assert.deepEqual(generated, []);
});

test("its front page is the README", () => {
  const [, title] = /^# (.+)$/m.exec(readFileSync(join(ROOT, "README.md"), "utf8")) ?? [];
  assert.ok(title);
  assert.match(made.frontPage, new RegExp(`<h1[^>]*>${title}`));
});
