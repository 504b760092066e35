// The API reference: every entry of the package, from the declarations that its users get.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url)).replace(/\/$/, "");
const { exports } = JSON.parse(readFileSync(`${root}/pkg/package.json`, "utf8"));
const declarations = Object.values(exports).flatMap(({ types }) => (types ? [`${root}/pkg/${types}`] : []));

/** @type {Partial<import("typedoc").TypeDocOptions>} */
export default {
  name: "itero-dpms",
  entryPoints: [...new Set(declarations)],
  tsconfig: fileURLToPath(new URL("tsconfig.json", import.meta.url)),
  readme: `${root}/README.md`,
  projectDocuments: [`${root}/docs/*.md`],
  out: `${root}/target/docs`,
  disableSources: true,
  githubPages: false,
  sort: ["kind", "alphabetical"],
  validation: { invalidLink: true, invalidPath: true, notDocumented: true, notExported: true },
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
};
