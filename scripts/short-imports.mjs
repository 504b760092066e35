// Gives a module's imports short names, in its text format and in the JavaScript that wasm-bindgen generates for it:
//
//   node scripts/short-imports.mjs <module.wat> <module.js>
//
// wasm-bindgen adds a hash to the name of each import, so that the imports of two versions of a crate differ. Hashes do not
// compress: they are 3 % of what a page downloads for the client.
import { readFileSync, writeFileSync } from "node:fs";

const HASHED = /\b__wbg_\w+_[0-9a-f]{16}\b/g;

/** @type {Map<string, string>} */
const shortNames = new Map();

for (const file of process.argv.slice(2)) {
  const shortened = readFileSync(file, "utf8").replace(HASHED, (name) => {
    const known = shortNames.get(name) ?? `i${shortNames.size}`;
    shortNames.set(name, known);
    return known;
  });
  writeFileSync(file, shortened);
}
