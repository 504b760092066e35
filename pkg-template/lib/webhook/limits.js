// How many calls a session may have in flight, in this isolate.

/** The limits for all calls, and for downloads. */
const MOST_CALLS = 32;
const MOST_DOWNLOADS = 6;

/**
 * For how long a place is kept without a sign of life. When a page disconnects, the platform drops the code that serves it,
 * so nothing of it runs any more to free the place.
 */
const HELD_MS = 60_000;

export class Limits {
  /** By session. @type {Map<string, Set<{ isDownload: boolean, until: number }>>} */
  #sessions = new Map();

  /**
   * Takes a place; returns undefined if there is none.
   * @param {{ companyId: number, session: string, isDownload: boolean }} call
   */
  enter({ companyId, session, isDownload }) {
    const key = `${companyId}/${session}`;
    const now = Date.now();
    const places = this.#sessions.get(key) ?? new Set();
    for (const place of places) if (place.until <= now) places.delete(place);
    const downloads = [...places].filter((place) => place.isDownload).length;
    if (places.size >= MOST_CALLS || (isDownload && downloads >= MOST_DOWNLOADS)) return undefined;
    const place = { isDownload, until: now + HELD_MS };
    this.#sessions.set(key, places.add(place));
    if (this.#sessions.size > 1_000) this.#sweep(now);
    return {
      /** A sign of life. */
      hold: () => void (place.until = Date.now() + HELD_MS),
      leave: () => {
        places.delete(place);
        if (places.size === 0 && this.#sessions.get(key) === places) this.#sessions.delete(key);
      },
    };
  }

  /** Forgets sessions whose calls were never ended. @param {number} now */
  #sweep(now) {
    for (const [key, places] of this.#sessions) {
      if ([...places].every(({ until }) => until <= now)) this.#sessions.delete(key);
    }
  }
}
