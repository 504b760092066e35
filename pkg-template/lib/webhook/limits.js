// How many calls a session may have under way, in this isolate.

/** Of all kinds, and of downloads. */
const MOST_CALLS = 32;
const MOST_DOWNLOADS = 6;

/**
 * For how long a place is held without a sign of life: the platform drops what serves a page that has left, and nothing of it runs
 * any more that could give the place back.
 */
const HELD_MS = 60_000;

export class Limits {
  /** By session. @type {Map<string, Set<{ isDownload: boolean, until: number }>>} */
  #sessions = new Map();

  /**
   * Takes a place; undefined if there is none.
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

  /** Forgets sessions whose calls nobody ended. @param {number} now */
  #sweep(now) {
    for (const [key, places] of this.#sessions) {
      if ([...places].every(({ until }) => until <= now)) this.#sessions.delete(key);
    }
  }
}
