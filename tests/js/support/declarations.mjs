// Reads the package's declarations with TypeDoc and checks values against them, so that a type is written only in the .d.ts.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./test.mjs";

const TYPEDOC = join(ROOT, "docs/reference/node_modules/typedoc/bin/typedoc");
const CONFIGURATION = join(ROOT, "docs/reference/typedoc.config.js");

/** Does what `make docs` does in another folder, and returns TypeDoc's model and output. */
export function makeReference() {
  const folder = mkdtempSync(join(tmpdir(), "itero-dpms-reference-"));
  try {
    const json = join(folder, "reference.json");
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [TYPEDOC, "--options", CONFIGURATION, "--out", join(folder, "pages"), "--json", json, "--pretty", "false"],
      { cwd: ROOT, encoding: "utf8", timeout: 90_000, killSignal: "SIGKILL" },
    );
    const output = stdout + stderr;
    if (status !== 0) throw new Error(`make docs fails:\n${output}`);
    return { output, reference: JSON.parse(readFileSync(json, "utf8")), ...readPages(join(folder, "pages")) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const readPages = (folder) => ({ frontPage: readFileSync(join(folder, "index.html"), "utf8") });

/** Yields every object of TypeDoc's model, with the names that lead to it. */
export function* walk(node, path = []) {
  if (node === null || typeof node !== "object") return;
  const here = typeof node.name === "string" && "kind" in node ? [...path, node.name] : path;
  yield [node, here];
  for (const child of Object.values(node)) yield* walk(child, here);
}

/** The declarations of one entry, by name. */
export class Declarations {
  #byId = new Map();

  constructor(reference, entry) {
    for (const [node] of walk(reference)) if ("kind" in node && "id" in node) this.#byId.set(node.id, node);
    const module = reference.children.find(({ name }) => name === entry);
    /** @type {Map<string, any>} */
    this.byName = new Map(module.children.map((each) => [each.name, each]));
    /** Fields that had a value, as `Type.field`. */
    this.filled = new Set();
  }

  /** Returns the methods of a class or an interface by name, each with its declared result. */
  results(name) {
    const methods = this.byName.get(name).children.filter(({ signatures }) => signatures);
    return new Map(methods.map((method) => [method.name, method.signatures[0].type]));
  }

  /** Returns the declared result of a function. */
  result(name) {
    return this.byName.get(name).signatures[0].type;
  }

  /** The fields of all checked types that never had a value, as `Type.field`. */
  get unfilled() {
    const types = new Set([...this.filled].map((field) => field.split(".")[0]));
    const fields = [...types]
      .filter((type) => this.byName.has(type))
      .flatMap((type) =>
        this.byName
          .get(type)
          .children.filter(isField)
          .map(({ name }) => `${type}.${name}`),
      );
    return fields.filter((field) => !this.filled.has(field));
  }

  /** Describes where `value` does not match the named type; empty if it does. */
  faultsOf(value, name) {
    return [...this.#reflection(this.byName.get(name), value, name)];
  }

  /** The same for a call's result: `value` is what its promise resolved to, or the list of what its iterator yielded. */
  faultsOfResult(value, type, path) {
    const [inner] = type.typeArguments ?? [];
    if (type.name === "Promise") return [...this.#type(inner, value, path)];
    if (type.name === "AsyncIterableIterator") return [...this.#list(inner, value, path)];
    return [...this.#type(type, value, path)];
  }

  *#type(type, value, path) {
    switch (type.type) {
      case "intrinsic":
        if (!INTRINSIC[type.name]?.(value)) yield `${path} is not ${type.name}: ${shown(value)}`;
        break;
      case "predicate":
        if (typeof value !== "boolean") yield `${path} is not a boolean: ${shown(value)}`;
        break;
      case "literal":
        if (value !== type.value) yield `${path} is not ${shown(type.value)}: ${shown(value)}`;
        break;
      case "array":
        yield* this.#list(type.elementType, value, path);
        break;
      case "typeOperator":
        yield* this.#type(type.target, value, path);
        break;
      case "union": {
        const faults = type.types.map((each) => [...this.#type(each, value, path)]);
        if (faults.every((each) => each.length > 0)) yield* faults.find((each) => deep(each, path)) ?? faults[0];
        break;
      }
      case "intersection":
        for (const each of type.types) yield* this.#type(each, value, path);
        break;
      case "reflection":
        yield* this.#reflection(type.declaration, value, path);
        break;
      case "reference":
        yield* this.#reference(type, value, path);
        break;
      default:
        throw new Error(`${path}: no check for a type of the kind ${type.type}`);
    }
  }

  *#reference({ name, target }, value, path) {
    const declaration = this.#byId.get(target);
    if (declaration) yield* this.#reflection(declaration, value, path);
    else if (!(value instanceof globalThis[name])) yield `${path} is not a ${name}: ${shown(value)}`;
  }

  *#list(type, value, path) {
    if (!Array.isArray(value)) return yield `${path} is not a list: ${shown(value)}`;
    for (const [index, item] of value.entries()) yield* this.#type(type, item, `${path}[${index}]`);
  }

  *#reflection(declaration, value, path) {
    const { name, kind, type, signatures, children = [] } = declaration;
    if (type) {
      yield* this.#type(type, value, path);
    } else if (signatures) {
      if (typeof value !== "function") yield `${path} is not a function: ${shown(value)}`;
    } else if (children.length > 0) {
      yield* this.#object(name, children.filter(isField), value, path, kind !== CLASS);
    } else if (value === null || value === undefined) {
      yield `${path} is ${shown(value)}`;
    }
  }

  *#object(name, fields, value, path, exact) {
    if (value === null || typeof value !== "object") return yield `${path} is not an object: ${shown(value)}`;
    const names = fields.map((field) => field.name);
    const extra = exact ? Object.keys(value).filter((key) => !names.includes(key)) : [];
    if (extra.length > 0) yield `${path} has undeclared keys: ${extra}`;
    for (const field of fields) {
      const at = `${path}.${field.name}`;
      const key = keyOf(field);
      if (!(key in value)) {
        if (!field.flags.isOptional) yield `${at} is missing`;
      } else {
        if (value[key] !== null) this.filled.add(`${name}.${field.name}`);
        yield* field.signatures ? this.#reflection(field, value[key], at) : this.#type(field.type, value[key], at);
      }
    }
  }
}

const CLASS = 128;

/** Excludes constructors and what wasm-bindgen or `Error` add. */
const isField = ({ name, flags }) => name !== "constructor" && !flags.isStatic && !flags.isExternal;

/** A field's key: TypeDoc writes `Symbol.dispose` as `[dispose]`. */
const keyOf = ({ name }) => (name.startsWith("[") ? Symbol[name.slice(1, -1)] : name);

/** Without `any`, which is not allowed. */
const INTRINSIC = {
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number" && Number.isFinite(value),
  boolean: (value) => typeof value === "boolean",
  undefined: (value) => value === undefined,
  void: (value) => value === undefined,
  unknown: () => true,
};

const shown = (value) => JSON.stringify(value) ?? typeof value;

/** Whether a fault lies below `path`: the value is of this type except for that. */
const deep = ([fault], path) => fault.startsWith(`${path}.`) || fault.startsWith(`${path}[`);
