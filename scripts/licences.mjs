// Checks the crates that this project depends on.
//
//   node scripts/licences.mjs             fails for a licence or a source that is not allowed, and lists duplicate crates
//   node scripts/licences.mjs <notices>   writes the licences of the crates that are compiled into the published modules
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The part of `cargo metadata` that is used here.
 *
 * @typedef {{ id: string; name: string; version: string; license: string | null; source: string | null; authors: string[];
 *   manifest_path: string; targets: { kind: string[] }[] }} Package
 * @typedef {{ id: string; deps: { pkg: string; dep_kinds: { kind: string | null }[] }[] }} Node
 * @typedef {{ packages: Package[]; resolve: { root: string; nodes: Node[] } }} Metadata
 */

/** Licences that the package's own (MIT or Apache-2.0) can be combined with, by their SPDX names. */
const ALLOWED = new Set([
  "0BSD",
  "Apache-2.0",
  "BSD-3-Clause",
  "BSL-1.0",
  "IJG",
  "ISC",
  "MIT",
  "MIT-0",
  "Unicode-3.0",
  "Zlib",
]);

/** Where crates may come from. The project's own crate has no source. */
const SOURCE = "registry+https://github.com/rust-lang/crates.io-index";

const MODULES = ["client", "webhook", "sandbox"];
const TARGET = "wasm32-unknown-unknown";

const [notices] = process.argv.slice(2);
if (notices === undefined) check();
else writeFileSync(notices, noticesOf(compiledIn()));

function check() {
  const { packages } = metadata("--all-features");
  const problems = packages.flatMap(({ name, version, license, source }) => [
    ...(source === null || source === SOURCE ? [] : [`${name} ${version} is not from crates.io: ${source}`]),
    ...(isAllowed(license ?? "") ? [] : [`${name} ${version} has a licence that is not allowed: ${license}`]),
  ]);
  for (const [name, versions] of duplicates(packages))
    console.log(`${name} comes in several versions: ${versions.join(", ")}`);
  console.log(`${packages.length} crates, ${problems.length} problems`);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}

/**
 * Returns the crates that are present in several versions. Not an error: which versions dependencies use is seldom up to us.
 *
 * @param {Package[]} packages
 */
function duplicates(packages) {
  /** @type {Map<string, string[]>} */
  const versions = new Map();
  for (const { name, version } of packages) versions.set(name, [...(versions.get(name) ?? []), version]);
  return [...versions].filter(([, several]) => several.length > 1);
}

/**
 * Whether an SPDX expression permits an allowed licence. Old manifests write "/" for OR.
 *
 * @param {string} expression
 */
function isAllowed(expression) {
  const tokens = expression.replaceAll("/", " OR ").match(/[()]|[^\s()]+/g) ?? [];
  const either = () => {
    let allowed = both();
    while (tokens[0] === "OR") {
      tokens.shift();
      allowed = both() || allowed;
    }
    return allowed;
  };
  const both = () => {
    let allowed = single();
    while (tokens[0] === "AND") {
      tokens.shift();
      allowed = single() && allowed;
    }
    return allowed;
  };
  /** @type {() => boolean} */
  const single = () => {
    const token = tokens.shift();
    if (token !== "(") return ALLOWED.has(token ?? "");
    const allowed = either();
    tokens.shift();
    return allowed;
  };
  return either() && tokens.length === 0;
}

/**
 * Returns the crates that are compiled into the modules, each with the names of the modules.
 *
 * @returns {Map<string, { crate: Package; modules: string[] }>}
 */
function compiledIn() {
  const found = new Map();
  for (const module of MODULES) {
    const { packages, resolve } = metadata("--no-default-features", "--features", module, "--filter-platform", TARGET);
    const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
    const crates = new Map(packages.map((crate) => [crate.id, crate]));
    const seen = new Set([resolve.root]);
    for (const id of seen) {
      const crate = /** @type {Package} */ (crates.get(id));
      // A procedural macro and its dependencies run only in the compiler.
      if (crate.targets.some(({ kind }) => kind.includes("proc-macro"))) continue;
      for (const { pkg, dep_kinds } of nodes.get(id)?.deps ?? []) {
        if (dep_kinds.some(({ kind }) => kind === null)) seen.add(pkg);
      }
      if (id === resolve.root) continue;
      const entry = found.get(id) ?? { crate, modules: [] };
      entry.modules.push(module);
      found.set(id, entry);
    }
  }
  return found;
}

/** @param {ReturnType<typeof compiledIn>} crates */
function noticesOf(crates) {
  const entries = [...crates.values()].sort((a, b) => (a.crate.name < b.crate.name ? -1 : 1));
  const texts = entries.map(({ crate, modules }) => {
    const { name, version, license, authors } = crate;
    const by = authors.length > 0 ? `by ${authors.map((author) => author.replace(/ <.*>/, "")).join(", ")}\n` : "";
    const text =
      licenceText(crate) ?? "It has no licence file; the text of Apache-2.0 is in LICENSE-APACHE of this package.";
    return `${name} ${version} (${modules.join(", ")})\n${by}${license}\n\n${text.trim()}\n`;
  });
  const rule = `\n${"-".repeat(80)}\n\n`;
  const head = `The WebAssembly modules of this package hold code of the Rust standard library, Copyright (c) The Rust Project
Contributors, MIT OR Apache-2.0 (the texts are in LICENSE-MIT and LICENSE-APACHE), and of these crates:
`;
  return [head, ...texts].join(rule);
}

/**
 * Returns the text of a crate's licence. If there are several, prefers MIT.
 *
 * @param {Package} crate
 */
function licenceText({ manifest_path }) {
  const folder = dirname(manifest_path);
  const names = readdirSync(folder).filter((name) => /^(?:licen[cs]e|copying|unlicense)/i.test(name));
  const name = names.find((each) => /mit/i.test(each)) ?? names.find((each) => !/apache/i.test(each)) ?? names[0];
  return name === undefined ? undefined : readFileSync(join(folder, name), "utf8");
}

/**
 * @param {string[]} options
 * @returns {Metadata}
 */
function metadata(...options) {
  const args = ["metadata", "--locked", "--format-version", "1", ...options];
  const cwd = fileURLToPath(new URL("../", import.meta.url));
  return JSON.parse(execFileSync("cargo", args, { cwd, encoding: "utf8", maxBuffer: 2 ** 28 }));
}
