/** Every failure of the client. Its kinds and fields are documented with its type. */
export class DpmsError extends Error {
  static {
    this.prototype.name = "DpmsError";
  }

  constructor({ message, ...fields }, matches = null) {
    super(message);
    Object.assign(this, fields);
    // Patients: not for JSON.stringify, nor for a log that prints an error's properties.
    Object.defineProperty(this, "matches", { value: matches });
  }
}

/** The error with what the platform or the caller's own function threw. */
export function withCause(error, cause) {
  if (cause !== undefined) Object.defineProperty(error, "cause", { value: cause, configurable: true, writable: true });
  return error;
}
