// The API reference: every entry of the package, from the declarations that its users get. A public item without a comment,
// a link that leads nowhere and a type that is used but not exported are errors.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const { exports } = JSON.parse(readFileSync(path("../../pkg/package.json"), "utf8"));
const declarations = Object.values(exports).flatMap(({ types }) => (types ? path(`../../pkg/${types}`) : []));

/** @type {Partial<import("typedoc").TypeDocOptions>} */
export default {
  name: "itero-dpms: API reference",
  entryPoints: [...new Set(declarations)],
  tsconfig: path("tsconfig.json"),
  readme: path("../../README.md"),
  projectDocuments: [path("../*.md")],
  out: path("../../target/docs"),
  disableSources: true,
  navigation: { includeFolders: false },
  requiredToBeDocumented: [
    ...["Module", "Function", "Class", "Interface", "TypeAlias", "Variable"],
    ...["Property", "Accessor", "Method", "CallSignature", "Constructor"],
  ],
  // The platform's own where there is one.
  intentionallyNotExported: ["Blob", "ReadableStream", "Response", "WebAssemblyModule"],
  validation: { notExported: true, invalidLink: true, invalidPath: true, rewrittenLink: true, notDocumented: true },
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
};
