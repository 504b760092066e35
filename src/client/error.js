/** Every failure of the client. Its kinds and fields are documented with its type. */
export class DpmsError extends Error {
  static {
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

/**
 * The error with what the platform or the caller's own function threw.
 * @param {DpmsError} error
 * @param {unknown} cause
 */
export function withCause(error, cause) {
  if (cause !== undefined) Object.defineProperty(error, "cause", { value: cause, configurable: true, writable: true });
  return error;
}
