// The options of `scanEvents`, checked before anything is sent.

/** @typedef {import("../../types/events.js").ScanEventsOptions} Options */
/**
 * @typedef {{ http: string, webSocket: string, session: Options["session"], after: number, feed: number | undefined,
 *   signal: AbortSignal | undefined, onState: NonNullable<Options["onState"]> }} Arguments
 */

/**
 * @param {Options} options
 * @returns {Arguments}
 */
export function argumentsOf(options) {
  if (typeof options !== "object" || options === null) throw wrong("the argument", "an object");
  const { edgeUrl, companyId, session, after, feed, signal, onState } = options;
  const http = `${base(edgeUrl)}/practices/${company(companyId)}/events`;
  if (typeof session !== "function") throw wrong("session", "a function that returns a session token");
  if (signal != null && !(typeof signal.aborted === "boolean" && typeof signal.addEventListener === "function")) {
    throw wrong("signal", "an AbortSignal");
  }
  if (onState != null && typeof onState !== "function") throw wrong("onState", "a function");
  return {
    http,
    webSocket: http.replace(/^http/, "ws"),
    session,
    after: whole("after", after) ?? 0,
    feed: whole("feed", feed),
    signal: /** @type {AbortSignal | undefined} */ (signal ?? undefined),
    onState: onState ?? (() => {}),
  };
}

/** @param {unknown} edgeUrl */
function base(edgeUrl) {
  const expected = "the http or https URL of the edge function, without a user, query or fragment";
  let url;
  try {
    url = new URL(String(edgeUrl));
  } catch {
    throw wrong("edgeUrl", expected);
  }
  const { protocol, username, password, origin, pathname, href } = url;
  if (!/^https?:$/.test(protocol) || username || password || /[?#]/.test(href)) throw wrong("edgeUrl", expected);
  return origin + pathname.replace(/\/+$/, "");
}

/** @param {unknown} companyId */
function company(companyId) {
  if (!/^[1-9]\d{0,15}$/.test(String(companyId))) throw wrong("companyId", "the practice's id, a whole number above 0");
  return String(companyId);
}

/**
 * @param {string} name
 * @param {unknown} value
 */
function whole(name, value) {
  if (value == null) return undefined;
  if (Number.isSafeInteger(value) && /** @type {number} */ (value) >= 0) return /** @type {number} */ (value);
  throw wrong(name, "a whole number, 0 or above");
}

/**
 * Returns an error that names the field, but never its value, which may be a token.
 * @param {string} name
 * @param {string} expected
 */
const wrong = (name, expected) => new TypeError(`scanEvents: ${name} must be ${expected}`);
