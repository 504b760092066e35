/** Every failure of the client. Its kinds and fields are documented with its type. */
export class DpmsError extends Error {
  static {
    // Minifiers rename classes, and Node prints both names of an error if they differ.
    Object.defineProperty(this, "name", { value: "DpmsError" });
    this.prototype.name = "DpmsError";
  }

  /**
   * @param {{ message: string } & Record<string, unknown>} fields
   * @param {unknown[] | null} [matches]
   */
  constructor({ message, ...fields }, matches = null) {
    super(message);
    Object.assign(this, fields);
    // Patients: not for JSON.stringify, nor for a log that prints an error's properties.
    Object.defineProperty(this, "matches", { value: matches });
  }
}

/** @typedef {{ name: string, code: string | null }} Cause */

const CLASS = /^[A-Z][A-Za-z]{0,40}(?:Error|Exception)$/;

/** Such as `ECONNRESET`, `ERR_HTTP2_STREAM_ERROR`, and Bun's `ConnectionRefused`. */
const CODE = /^(?=.{2,48}$)(?:[A-Z_]+\d{0,2}[A-Z_]*|(?:Connection|FailedTo)[A-Za-z]+)$/;

/**
 * What is kept of something that was thrown: its class and the first code of it and its causes. The thing itself may hold
 * requests, headers and bodies, and its message may quote them.
 * @param {unknown} thrown
 * @returns {Cause}
 */
export function causeOf(thrown) {
  /** @param {any} value @param {string} key @param {RegExp} form @returns {string | undefined} */
  const read = (value, key, form) => {
    try {
      const text = value[key];
      return typeof text === "string" && form.test(text) ? text : undefined;
    } catch {
      return undefined; // a getter may throw
    }
  };
  if (typeof thrown !== "object" || thrown === null) return { name: typeof thrown, code: null };
  const name = read(thrown, "name", CLASS) ?? "Error";
  let code;
  let at = /** @type {any} */ (thrown);
  for (let depth = 0; at && code === undefined && depth < 8; depth++) {
    code = read(at, "code", CODE);
    try {
      at = at.cause;
    } catch {
      break;
    }
  }
  return { name, code: code ?? null };
}

/** What reading a body throws for a chunk that is no bytes. */
export const NO_BYTES = new TypeError("The body's chunks are not bytes.");

/**
 * Whether a caller's `fetch` failed for what it is or gave: each engine has its own words for a method without its object.
 * @param {any} error
 */
export function isMisuse(error) {
  const unbound =
    /illegal invocation|not implement interface|on instances of|properties of undefined|undefined is not an object|this is undefined/i;
  try {
    return error === NO_BYTES || (error.name === "TypeError" && unbound.test(error.message));
  } catch {
    return false;
  }
}

/** @param {DpmsError} error @param {Cause | undefined} cause */
export function withCause(error, cause) {
  if (cause !== undefined) Object.defineProperty(error, "cause", { value: cause, configurable: true, writable: true });
  return error;
}
