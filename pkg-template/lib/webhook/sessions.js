// Session tokens, which a portal's own server creates.

/**
 * Returns `createSessionToken` for a core.
 * @param {import("./core.js").Core} core
 */
export const sessionsFrom = (core) =>
  /**
   * @param {import("../../types/webhook.js").SessionOptions} options
   * @param {string} secret
   */
  async function createSessionToken(options, secret) {
    if (typeof options !== "object" || options === null) {
      throw new TypeError("createSessionToken: options must be { companyId, subject, scopes, ttlSeconds }");
    }
    await core.ready();
    const made = core.createSession(
      JSON.stringify(options),
      typeof secret === "string" ? secret : "",
      randomId(),
      Date.now(),
    );
    if (made.errors === undefined) return made.token;
    const wrong = made.errors.map(({ field, message }) => `${field} ${message}`);
    throw new TypeError(`createSessionToken: ${wrong.join("; ")}`);
  };

/** Returns a new random id for a token. */
export const randomId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
