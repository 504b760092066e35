// Sends the callbacks that the core wants sent. Each is tried once: the real service's callbacks get lost too.

/** So many are under way at once; the others wait for their turn. */
const AT_ONCE = 4;

/** A receiver that takes longer has failed. */
const TIMEOUT_MS = 10_000;

export class Pushes {
  #waiting = [];
  #underWay = 0;
  #listeners = [];

  /** Sends callbacks, given as URLs and bodies in turn. */
  send(urlsAndBodies) {
    for (let at = 0; at < urlsAndBodies.length; at += 2) {
      this.#waiting.push({ url: urlsAndBodies[at], body: urlsAndBodies[at + 1] });
    }
    while (this.#underWay < AT_ONCE && this.#waiting.length > 0) void this.#sendInTurn();
  }

  /** When none is under way or waits. */
  settled() {
    if (this.#underWay === 0) return Promise.resolve();
    return new Promise((resolve) => this.#listeners.push(resolve));
  }

  async #sendInTurn() {
    this.#underWay += 1;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) await post(next);
    this.#underWay -= 1;
    if (this.#underWay === 0) for (const resolve of this.#listeners.splice(0)) resolve();
  }
}

async function post({ url, body }) {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
  } catch {
    // A receiver that is away misses the callback.
  }
}
