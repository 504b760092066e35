/** Every failure of the client. Its kinds and fields are documented with its type. */
export class DpmsError extends Error {
  static {
    this.prototype.name = "DpmsError";
  }

  constructor(message, fields, cause) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, fields);
  }
}
