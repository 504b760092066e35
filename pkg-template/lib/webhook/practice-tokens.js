// The practices' tokens, for as long as this isolate may keep them. Only the practices' own objects renew them.

/** @typedef {(forward: import("./core.js").Forward) => Promise<Response>} Ask */
/** @typedef {import("./core.js").Plan} Plan */
/**
 * What a practice's object returns: its token, the token's number, where its API is, and whether to report that the API
 * accepts it.
 * @typedef {{ number: number, token: string, v2: string, v3: string | null, unproven: boolean }} PracticeToken
 */

const KEPT_MS = 60_000;
const MOST_KEPT = 1_000;

export class PracticeTokens {
  /** @type {Map<number, PracticeToken & { until: number }>} */
  #kept = new Map();

  /**
   * Returns a practice's token, or the response that says why there is none. `refused` is the number of a token that the
   * API refused.
   * @param {Ask} ask
   * @param {Plan} plan
   * @param {number} [refused]
   * @returns {Promise<PracticeToken | Response>}
   */
  async get(ask, { companyId }, refused) {
    const kept = this.#kept.get(companyId);
    if (kept && kept.until > Date.now() && kept.number !== refused) return kept;
    this.#kept.delete(companyId);
    const response = await ask(inputOf(companyId, { token: refused ?? null }));
    if (response.status !== 200) return response;
    /** @type {PracticeToken} */
    const token = await response.json();
    if (this.#kept.size >= MOST_KEPT) this.#sweep();
    this.#kept.set(companyId, { ...token, until: Date.now() + KEPT_MS });
    return token;
  }

  /**
   * Reports to the object that the API accepts a token. If that fails, a later call does it.
   * @param {Ask} ask
   * @param {Plan} plan
   * @param {PracticeToken} token
   */
  async proven(ask, { companyId }, { number }) {
    const response = await ask(inputOf(companyId, { tokenWorks: number })).catch(() => undefined);
    const kept = this.#kept.get(companyId);
    if (response?.ok && kept?.number === number) kept.unproven = false;
  }

  /** Removes the tokens that are too old, or all of them if that does not free enough. */
  #sweep() {
    const now = Date.now();
    for (const [companyId, { until }] of this.#kept) if (until <= now) this.#kept.delete(companyId);
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
  }
}

/**
 * @param {number} companyId
 * @param {object} ask
 */
const inputOf = (companyId, ask) => {
  const input = JSON.stringify({ request: { companyId, ask } });
  return { practice: String(companyId), input };
};
