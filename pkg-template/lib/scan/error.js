// The errors for bytes that cannot be read.

/** @typedef {import("../../types/scan.js").ScanError["kind"]} Kind */

/** The kinds for which another attempt can succeed. @type {readonly Kind[]} */
const RETRYABLE = ["truncated", "worker"];

export class ScanError extends Error {
  /** @type {string | null} */
  file = null;

  /** @param {Kind} kind @param {string} message @param {string | null} file @param {ErrorOptions} [options] */
  constructor(kind, message, file, options) {
    super(message, options);
    this.name = "ScanError";
    this.kind = kind;
    this.retryable = RETRYABLE.includes(kind);
    // Consoles print what is enumerable, and a file's name may be a patient's.
    Object.defineProperty(this, "file", { value: file, enumerable: false });
  }
}

/** @param {any} value */
export function isScanError(value) {
  // By its brand, which an error of another realm has as well.
  const isError = Object.prototype.toString.call(value) === "[object Error]";
  return value instanceof ScanError || (isError && value.name === "ScanError" && "kind" in value);
}

/**
 * Returns the error for a fault that the module has thrown.
 * @param {import("./rows.js").Fault} fault
 * @param {string | null} file
 */
export const errorOf = ({ kind, message }, file) => new ScanError(kind, message, file);

/** @param {string} message @param {unknown} [cause] */
export const workerError = (message, cause) =>
  new ScanError("worker", message, null, cause === undefined ? undefined : { cause });
