// Checks the API reference that `make docs` generates, and with it the comments that editors show, and the tables of README.md
// and docs/*.md that list calls, errors and options.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before } from "node:test";
import { join } from "node:path";
import { Declarations, makeReference, walk } from "../support/declarations.mjs";
import { section, table } from "../support/pages.mjs";
import { ROOT, test } from "../support/test.mjs";

/** @type {ReturnType<typeof makeReference>} */
let made;
before(() => {
  made = makeReference();
});

test("every public item has a comment, every link resolves, and every type that is used is exported", () => {
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

test("the internals of the modules are not shown", () => {
  const names = new Set([...walk(made.reference)].map(([, path]) => path.at(-1)));
  for (const name of ["Pages", "InitInput", "InitOutput", "initSync"]) {
    assert.ok(!names.has(name), name);
  }
  const generated = [...names].filter((name) => /^(?:Js[A-Z]|__wb)/.test(name));
  assert.deepEqual(generated, []);
});

test("the reference's front page is the README", () => {
  const [, title] = /^# (.+)$/m.exec(readFileSync(join(ROOT, "README.md"), "utf8")) ?? [];
  assert.ok(title);
  assert.match(made.frontPage, new RegExp(`<h1[^>]*>${title}`));
});

/** Returns the names in code spans in some columns of a section's table. */
function listed(page, heading, ...columns) {
  const cells = table(section(page, heading)).flatMap((row) => columns.map((column) => row[column]));
  return cells.flatMap((cell) => [...cell.matchAll(/`(\w[\w-]*)(?:\(.*?\))?`/g)].map(([, name]) => name)).sort();
}

/** Returns the names of a declared type's own fields and methods. */
const members = (declared, name) =>
  declared.byName
    .get(name)
    .children.filter(({ name: member, flags }) => /^\w+$/.test(member) && !flags.isExternal)
    .map(({ name: member }) => member)
    .filter((member) => !["constructor", "name"].includes(member));

test("the tables of calls, of error kinds and of an error's fields are complete", () => {
  const declared = new Declarations(made.reference, "itero-dpms");
  assert.deepEqual(listed("README.md", "Every call", 1), members(declared, "DpmsClient").sort());
  const kinds = declared.byName.get("ErrorKind").type.types.map(({ value }) => value);
  assert.deepEqual(listed("README.md", "Errors", 0), kinds.toSorted());
  assert.deepEqual(listed("docs/errors.md", "Kinds", 0), kinds.toSorted());
  assert.deepEqual(listed("docs/errors.md", "Fields", 0), [...members(declared, "DpmsError"), "message"].sort());
});

test("the tables of the sandbox's control operations are complete", () => {
  const control = members(new Declarations(made.reference, "itero-dpms/sandbox"), "SandboxControl");
  assert.deepEqual(listed("docs/testing.md", "In the process", 1), control.toSorted());
  const overHttp = control.filter((name) => !["callbacksSettled", "snapshot"].includes(name));
  assert.deepEqual(listed("docs/testing.md", "Over HTTP", 0), overHttp.sort());
});
