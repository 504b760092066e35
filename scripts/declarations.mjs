// Writes the declarations that the package publishes from those that wasm-bindgen generates:
//
//   node scripts/declarations.mjs <generated .d.ts> <published .d.ts>
//
// Loading the module is the entries' business, so what wasm-bindgen exports for it is left out, and so are the methods that
// it adds to every class. All else stays, with its comments.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import prettier from "prettier";

// TypeScript 7, which checks everything else here, has no API for JavaScript.
const require = createRequire(new URL("../docs/reference/package.json", import.meta.url));
/** @type {typeof import("../docs/reference/node_modules/typescript")} */
const ts = require("typescript");

/** What wasm-bindgen declares for loading a module; its internals begin with `__wb`. */
const LOADING = new Set(["InitInput", "InitOutput", "SyncInitInput", "initSync"]);

/** @param {import("../docs/reference/node_modules/typescript").Statement} statement */
function isLoading(statement) {
  if (ts.isExportAssignment(statement)) return true;
  if (!ts.isFunctionDeclaration(statement) && !ts.isInterfaceDeclaration(statement)) {
    return ts.isTypeAliasDeclaration(statement) && LOADING.has(statement.name.text);
  }
  const isDefault = statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) ?? false;
  const name = statement.name?.text ?? "";
  return isDefault || LOADING.has(name) || name.startsWith("__wb");
}

/** @param {import("../docs/reference/node_modules/typescript").ClassElement} member */
function isMemoryManagement({ name }) {
  if (name === undefined) return false;
  if (ts.isIdentifier(name)) return name.text === "free";
  return (
    ts.isComputedPropertyName(name) &&
    ts.isPropertyAccessExpression(name.expression) &&
    ts.isIdentifier(name.expression.expression) &&
    name.expression.expression.text === "Symbol" &&
    name.expression.name.text === "dispose"
  );
}

/**
 * @param {import("../docs/reference/node_modules/typescript").SourceFile} file
 * @returns {import("../docs/reference/node_modules/typescript").SourceFile}
 */
function publish(file) {
  const { factory } = ts;
  const statements = file.statements
    .filter((statement) => !isLoading(statement))
    .map((statement) =>
      ts.isClassDeclaration(statement)
        ? factory.updateClassDeclaration(
            statement,
            statement.modifiers,
            statement.name,
            statement.typeParameters,
            statement.heritageClauses,
            statement.members.filter((member) => !isMemoryManagement(member)),
          )
        : statement,
    );
  return factory.updateSourceFile(file, statements);
}

const [generated, published] = process.argv.slice(2);
if (generated === undefined || published === undefined) throw new Error("give the file to read and the one to write");
const file = ts.createSourceFile(generated, readFileSync(generated, "utf8"), ts.ScriptTarget.ESNext, true);
const text = ts.createPrinter().printFile(publish(file));
mkdirSync(dirname(published), { recursive: true });
writeFileSync(published, await prettier.format(text, { parser: "typescript", printWidth: 120 }));
