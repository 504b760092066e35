// Turns the declarations that wasm-bindgen generates into those that the package publishes:
//
//   node scripts/declarations.mjs <generated .d.ts> <published .d.ts>
//
// - Exports for loading the module are removed, since the package's entries load it. So are the memory-management methods
//   that wasm-bindgen adds to every class.
// - Platform types are imported from types/platform.d.ts, since not every project has them.
// - Optional properties accept `undefined` explicitly, for projects with `exactOptionalPropertyTypes`.
//
// Everything else is kept, with its comments.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import prettier from "prettier";

/** @import { ClassElement, Node, SourceFile, Statement, TypeNode } from "../docs/reference/node_modules/typescript" */

// TypeScript 7, which checks everything else here, has no JavaScript API.
const require = createRequire(new URL("../docs/reference/package.json", import.meta.url));
/** @type {typeof import("../docs/reference/node_modules/typescript")} */
const ts = require("typescript");
const { factory, SyntaxKind } = ts;

const PLATFORM = fileURLToPath(new URL("../pkg-template/types/platform.d.ts", import.meta.url));

/** What wasm-bindgen declares for loading a module. Its internal names begin with `__wb`. */
const LOADING = new Set(["InitInput", "InitOutput", "SyncInitInput", "initSync"]);

const [generated, published] = process.argv.slice(2);
if (generated === undefined || published === undefined)
  throw new Error("usage: declarations.mjs <generated .d.ts> <published .d.ts>");
const text = ts.createPrinter().printFile(publish(parse(generated)));
mkdirSync(dirname(published), { recursive: true });
writeFileSync(published, await prettier.format(text, { parser: "typescript", printWidth: 120 }));

/** @param {string} path */
function parse(path) {
  return ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ESNext, true);
}

/** @param {SourceFile} file */
function publish(file) {
  const kept = factory.updateSourceFile(
    file,
    file.statements.filter((statement) => !isLoading(statement)),
  );
  const names = platformTypes(kept);
  const { transformed } = ts.transform(kept, [(context) => (root) => ts.visitEachChild(root, visit, context)]);
  const [result = kept] = transformed;
  return factory.updateSourceFile(result, [...(names.length > 0 ? [importOf(names)] : []), ...result.statements]);

  /**
   * @param {Node} node
   * @returns {Node | undefined}
   */
  function visit(node) {
    if (ts.isClassElement(node) && isMemoryManagement(node)) return undefined;
    const visited = ts.visitEachChild(node, visit, undefined);
    if (!ts.isPropertySignature(visited) || visited.questionToken === undefined || visited.type === undefined) {
      return visited;
    }
    const { modifiers, name, questionToken, type } = visited;
    return factory.updatePropertySignature(visited, modifiers, name, questionToken, orUndefined(type));
  }
}

/** @param {Statement} statement */
function isLoading(statement) {
  if (ts.isExportAssignment(statement)) return true;
  if (ts.isFunctionDeclaration(statement)) {
    const name = statement.name?.text ?? "";
    const isDefault = statement.modifiers?.some(({ kind }) => kind === SyntaxKind.DefaultKeyword) ?? false;
    return isDefault || LOADING.has(name) || name.startsWith("__wb");
  }
  return (
    (ts.isTypeAliasDeclaration(statement) || ts.isInterfaceDeclaration(statement)) && LOADING.has(statement.name.text)
  );
}

/** @param {ClassElement} member */
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

/** @param {TypeNode} type */
function orUndefined(type) {
  const types = ts.isUnionTypeNode(type) ? type.types : [type];
  if (types.some(({ kind }) => kind === SyntaxKind.UndefinedKeyword || kind === SyntaxKind.UnknownKeyword)) return type;
  return factory.createUnionTypeNode([...types, factory.createKeywordTypeNode(SyntaxKind.UndefinedKeyword)]);
}

/**
 * Returns the names of the platform types that a file uses and does not declare itself.
 *
 * @param {SourceFile} file
 */
function platformTypes(file) {
  const known = new Set(declaredTypes(parse(PLATFORM)));
  const own = new Set(declaredTypes(file));
  /** @type {Set<string>} */
  const used = new Set();
  /** @param {Node} node */
  const collect = (node) => {
    if (ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName)) used.add(node.typeName.text);
    ts.forEachChild(node, collect);
  };
  file.statements.forEach(collect);
  return [...used].filter((name) => known.has(name) && !own.has(name)).sort();
}

/** @param {SourceFile} file */
function declaredTypes({ statements }) {
  return statements.flatMap((node) =>
    ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isClassDeclaration(node)
      ? [node.name?.text ?? ""]
      : [],
  );
}

/** @param {string[]} names */
function importOf(names) {
  const specifiers = names.map((name) =>
    factory.createImportSpecifier(false, undefined, factory.createIdentifier(name)),
  );
  const clause = factory.createImportClause(SyntaxKind.TypeKeyword, undefined, factory.createNamedImports(specifiers));
  return factory.createImportDeclaration(undefined, clause, factory.createStringLiteral("../../types/platform.js"));
}
