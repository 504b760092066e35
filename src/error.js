/** Every failure of the client. Its kinds and fields are documented with its type. */
export class DpmsError extends Error {
  static {
    this.prototype.name = "DpmsError";
  }

  constructor(message, fields, matches, cause) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, fields);
    // Patients: not for JSON.stringify, nor for a log that prints an error's properties.
    Object.defineProperty(this, "matches", { value: matches });
  }
}
