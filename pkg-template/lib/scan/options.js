// The options of callers, each read once and checked.

/**
 * @typedef {object} Settings
 * @property {AbortSignal | undefined} signal
 * @property {((progress: import("../../types/scan.js").ScanProgress) => unknown) | undefined} onProgress
 * @property {"best" | "all" | "none"} meshes
 * @property {{ triangles: number, everyMs: number } | null} preview
 * @property {boolean} keep
 * @property {Record<"entries" | "fileBytes" | "totalBytes" | "triangles", number>} limits
 * @property {false | (() => Worker) | undefined} worker
 */

const LIMITS = { entries: 10_000, fileBytes: 2 ** 30, totalBytes: 2 ** 32, triangles: 20_000_000 };
const PREVIEW = { triangles: 30_000, everyMs: 250 };
const MESHES = /** @type {const} */ (["best", "all", "none"]);

/** @param {any} options @param {string} call @returns {Settings} */
export function settingsOf(options, call) {
  const given = record(options, call, "options");
  const { signal, onProgress, meshes, preview, keep, limits, worker } = given;
  if (signal != null && typeof signal.addEventListener !== "function") wrong(call, "signal", "an AbortSignal");
  if (onProgress != null && typeof onProgress !== "function") wrong(call, "onProgress", "a function");
  if (meshes != null && !MESHES.includes(meshes)) wrong(call, "meshes", '"best", "all" or "none"');
  if (keep != null && typeof keep !== "boolean") wrong(call, "keep", "a boolean");
  if (worker != null && worker !== false && typeof worker !== "function") wrong(call, "worker", "false or a function");
  return {
    signal: signal ?? undefined,
    onProgress: onProgress ?? undefined,
    meshes: meshes ?? "best",
    preview: preview == null || preview === false ? null : numbers(preview, PREVIEW, call, "preview"),
    keep: keep ?? true,
    limits: numbers(limits, LIMITS, call, "limits"),
    worker: worker ?? undefined,
  };
}

/**
 * Whole numbers from 1 on, or the defaults.
 * @template {string} Name
 * @param {any} given
 * @param {Record<Name, number>} defaults
 * @param {string} call
 * @param {string} option
 */
function numbers(given, defaults, call, option) {
  const values = record(given, call, option);
  const read = { ...defaults };
  for (const name of /** @type {Name[]} */ (Object.keys(defaults))) {
    const value = values[name];
    if (value == null) continue;
    if (!Number.isSafeInteger(value) || value < 1) wrong(call, `${option}.${name}`, "a whole number from 1 on");
    read[name] = value;
  }
  return read;
}

/** @param {any} value @param {string} call @param {string} name */
function record(value, call, name) {
  if (value == null) return {};
  if (typeof value !== "object") wrong(call, name, "an object");
  return value;
}

/** @param {string} call @param {string} name @param {string} expected @returns {never} */
function wrong(call, name, expected) {
  throw new TypeError(`${call}: ${name} must be ${expected}`);
}
