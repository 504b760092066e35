// Changes the JavaScript that wasm-bindgen generates for a module, so that it uses the platform when loaded, not on import:
//
//   node scripts/quiet-import.mjs <module.js>
//
// The generated code creates a TextDecoder and a TextEncoder on import. Where these do not exist, as in Jest's jsdom, the
// import fails before any code can say what helps.
import { readFileSync, writeFileSync } from "node:fs";

const file = process.argv[2] ?? "";
/** @type {string} */
let source = readFileSync(file, "utf8");

/** @param {RegExp} generated what wasm-bindgen is known to write @param {string} replacement */
function replace(generated, replacement) {
  if (!generated.test(source)) throw new Error(`${file}: nothing is like ${generated}; has wasm-bindgen changed?`);
  source = source.replace(generated, replacement);
}

const DECODER = "new TextDecoder('utf-8', { ignoreBOM: true })";

replace(/^let cachedTextDecoder = .*\ncachedTextDecoder\.decode\(\);$/m, "let cachedTextDecoder, cachedTextEncoder;");
// Every engine that runs the module has `encodeInto`.
replace(/^const cachedTextEncoder = .*\n+if \(!\('encodeInto' in cachedTextEncoder\)\) \{[^]*?\n\}$/m, "");
replace(
  /^(function initSync\(module\) \{\n *if \(wasm !== undefined\) return wasm;\n)/m,
  `$1    cachedTextDecoder = ${DECODER};\n    cachedTextEncoder = new TextEncoder();\n`,
);

writeFileSync(file, source);
