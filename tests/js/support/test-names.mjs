// Lists the names of tests: `node test-names.mjs FILE…` prints `{ "FILE": ["name", …] }`. Each file is loaded with a node:test
// that records names and runs nothing, so that names generated in a loop are found too.
import { register } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const asModule = (source) => `data:text/javascript,${encodeURIComponent(source)}`;

const RECORDER = asModule(`
  const nothing = () => {};
  export const test = (name) => globalThis.testNames.push(name);
  export const it = test, before = nothing, after = nothing, beforeEach = nothing, afterEach = nothing;
  export const describe = (name, body) => body?.();
  export const mock = {};
  export default test;
`);

register(
  asModule(`
    export const resolve = (specifier, context, next) =>
      specifier === "node:test" ? { url: ${JSON.stringify(RECORDER)}, shortCircuit: true } : next(specifier, context);
  `),
);

const found = {};
for (const file of process.argv.slice(2)) {
  globalThis.testNames = found[file] = [];
  await import(pathToFileURL(resolve(file)).href);
}
console.log(JSON.stringify(found));
