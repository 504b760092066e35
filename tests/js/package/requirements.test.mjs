// tests/requirements.md lists the tests of each requirement of the API document, and docs/api-deviations.md how its gaps are
// read. Both are checked against the document's table of contents, the deviations that are cited, and the existing tests.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT, test } from "../support/test.mjs";

/** The table of contents of the document's chapters 3 to 6. */
const CONTENTS = `
3 DPMS API Overview
3.1 Dynamic Domain and Base URL
3.2 Prerequisites
4 DPMS API Integration
4.1 Get Practice Configuration
4.1.1 Headers
4.1.2 Response
4.1.3 Unit Types
4.2 Scan Request
4.2.1 Headers
4.2.2 Response
4.2.3 Procedure selection
4.3 Delete RX
4.3.1 Headers
4.3.2 Path Variables
4.3.3 Response
4.4 Get Orders for Practice
4.4.1 Headers
4.4.2 Parameters
4.4.3 Response
4.4.4 Procedures and types
4.4.5 Backwards Compatibility
4.4.6 Order Status
4.4.7 Listed Orders
4.4.8 Link to iTero Viewer
4.5 Callback Request
4.5.1 Notification Criteria
4.5.2 Pushed data
4.5.3 Callback URL
4.6 Get Order by RX ID
4.6.1 Headers
4.6.2 Path Parameters
4.6.3 Response
4.7 Download Scan
4.7.1 Header
4.7.2 Path Variables
4.7.3 Response
4.7.4 Downloaded Artifacts
4.7.5 Export Format
4.7.6 Default Export Settings
4.7.7 Hide Patient Name
4.8 Get List of Screen Captures
4.8.1 Headers
4.8.2 Path Variables
4.8.3 Response
4.9 Download Single Screen Capture
4.9.1 Headers
4.9.2 Path Variables
4.9.3 Downloaded Artifacts
5 Patient Management API
5.1 Patient Search
5.1.1 Headers
5.1.2 Query Parameters
5.1.3 Response
5.2 Patient Search - V3
5.2.1 Headers
5.2.2 Query Parameters
5.2.3 Response Body
5.2.4 Response Code
5.3 Patient's Details Update by Patient ID
5.3.1 Headers
5.3.2 Body
5.3.3 Response Body
5.3.4 Response Code
5.4 Patient's Details Update by Chart Number
5.4.1 Headers
5.4.2 Request Body
5.4.3 Response
5.5 Scan Request with Update
5.6 Pairing Enhancement
6 API Summary
6.1 Practice Configuration
6.2 Scan Request
6.3 Delete Rx
6.4 Callback Request
6.5 Get Orders for Practice
6.6 Get Order by RX ID
6.7 Download Scan
6.8 Get List of Screen Captures
6.9 Download Single Screen Capture
6.10 Patient Search
6.11 Patient Search – V3
6.12 Patient's Details Update by Patient ID
6.13 Patient's Details Update by Chart Number
`;

const CHAPTERS_OF_SECTIONS_ONLY = ["3", "4", "6"];

/**
 * The sections of tests/requirements.md with their requirements and tests.
 * @typedef {{ text: string, tests: { file: string, name: string }[] }} Requirement
 * @type {Map<string, Requirement[]>}
 */
const SECTIONS = new Map();
for (const line of readFileSync(join(ROOT, "tests/requirements.md"), "utf8").split("\n")) {
  const [, heading] = /^##+ (.+)$/.exec(line) ?? [];
  const [, text] = /^- (.+)$/.exec(line) ?? [];
  const [, file, name] = /^  - (\S+) :: (.+)$/.exec(line) ?? [];
  const section = [...SECTIONS.values()].at(-1);
  if (heading) SECTIONS.set(heading, []);
  else if (text) section.push({ text, tests: [] });
  else if (file) section.at(-1).tests.push({ file, name });
  else if (section) assert.equal(line, "", "a line that is neither a requirement nor a test");
}
const REQUIREMENTS = [...SECTIONS].flatMap(([heading, list]) => list.map((each) => ({ heading, ...each })));
const TESTS = REQUIREMENTS.flatMap(({ tests }) => tests);

test("every section of the document's chapters 3 to 6 is there, in order", () => {
  assert.deepEqual([...SECTIONS.keys()], CONTENTS.trim().split("\n"));
});

test("every section that is not only a chapter heading has a requirement", () => {
  const empty = [...SECTIONS].filter(([, list]) => list.length === 0).map(([heading]) => heading.split(" ")[0]);
  assert.deepEqual(empty, CHAPTERS_OF_SECTIONS_ONLY);
});

test("every requirement names a test", () => {
  for (const { heading, text, tests } of REQUIREMENTS) assert.ok(tests.length > 0, `${heading}: ${text}`);
});

test("every test that is named exists in its file", () => {
  assert.deepEqual(unknownTests(TESTS), []);
});

/** The numbers of docs/api-deviations.md, each with its tests. */
const DEVIATIONS = new Map();
for (const line of readFileSync(join(ROOT, "docs/api-deviations.md"), "utf8").split("\n")) {
  const [, number] = /^- \*\*(R\d+)\*\* \(.+?\) \S/.exec(line) ?? [];
  const [, file, name] = /^  - (\S+) :: (.+)$/.exec(line) ?? [];
  if (number) {
    assert.ok(!DEVIATIONS.has(number), `${number} is there twice`);
    DEVIATIONS.set(number, []);
  } else if (file) [...DEVIATIONS.values()].at(-1).push({ file, name });
}

test("every deviation that is cited is described", () => {
  const undescribed = citedNumbers().filter((number) => !DEVIATIONS.has(number));
  assert.deepEqual(undescribed, []);
});

test("every deviation names a test, and every test that is named exists in its file", () => {
  for (const [number, tests] of DEVIATIONS) assert.ok(tests.length > 0, number);
  assert.deepEqual(unknownTests([...DEVIATIONS.values()].flat()), []);
});

/** Returns the tests that do not exist in their files. */
function unknownTests(tests) {
  const files = [...new Set(tests.map(({ file }) => file))];
  const missing = files.filter((file) => !existsSync(join(ROOT, file)));
  assert.deepEqual(missing, []);
  const names = { ...titles(files.filter((file) => file.endsWith(".mjs"))) };
  for (const file of files.filter((each) => each.endsWith(".rs"))) names[file] = rustTests(file);
  return tests.filter(({ file, name }) => !names[file]?.includes(name)).map(({ file, name }) => `${file} :: ${name}`);
}

/** Returns the numbers of deviations, such as R24, that code, tests and pages cite. */
function citedNumbers() {
  const folders = ["src", "tests", "docs", "fuzz", "pkg-template", "www", "scripts"];
  const files = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map((path) => join(folder, path)),
  );
  const texts = files.filter(
    (path) =>
      /\.(?:rs|m?js|ts|md)$/.test(path) &&
      !/node_modules|\bdist\b/.test(path) &&
      !["docs/api-deviations.md", "tests/js/package/requirements.test.mjs"].includes(path),
  );
  return ["README.md", ...texts].flatMap((path) => readFileSync(join(ROOT, path), "utf8").match(/\bR\d{1,3}\b/g) ?? []);
}

/** Returns the titles of JavaScript tests by file, including those that are generated in a loop. */
function titles(files) {
  const program = fileURLToPath(new URL("../support/test-names.mjs", import.meta.url));
  const options = { cwd: ROOT, encoding: "utf8", timeout: 20_000, killSignal: "SIGKILL" };
  return JSON.parse(execFileSync(process.execPath, [program, ...files], options));
}

/** Returns the names of the test functions in a Rust file. */
function rustTests(file) {
  const text = readFileSync(join(ROOT, file), "utf8");
  return [...text.matchAll(/#\[(?:test|wasm_bindgen_test)\]\s*(?:async )?fn (\w+)/g)].map(([, name]) => name);
}
