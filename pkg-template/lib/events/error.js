/** The error with which a practice's events end. Its kinds are documented with its type. */
export class ScanEventsError extends Error {
  static {
    // Minifiers rename classes.
    Object.defineProperty(this, "name", { value: "ScanEventsError" });
    this.prototype.name = "ScanEventsError";
  }

  /**
   * @param {import("../../types/events.js").ScanEventsErrorKind} kind
   * @param {string} message
   * @param {number | null} [oldestSeq]
   */
  constructor(kind, message, oldestSeq = null) {
    super(message);
    this.kind = kind;
    this.oldestSeq = oldestSeq;
  }
}

export const unauthorized = () =>
  new ScanEventsError("unauthorized", "The session is over: session() has no token that the edge function takes.");

export const forbidden = () =>
  new ScanEventsError(
    "forbidden",
    "The session may not read events: it needs the scope events:read, and its page an allowed origin.",
  );

export const notFound = () =>
  new ScanEventsError("not-found", "This practice is not registered, or edgeUrl is no edge function.");

/** @param {number | null} oldestSeq */
export const gap = (oldestSeq) =>
  new ScanEventsError("gap", "Not every event after `after` can be had: see oldestSeq.", oldestSeq);
