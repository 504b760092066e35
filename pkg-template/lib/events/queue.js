// Connects the events that arrive with the calls of `next`: it keeps whichever of them come first.

/** @typedef {import("../../types/events.js").ScanEvent} ScanEvent */
/** @typedef {{ resolve(result: IteratorResult<ScanEvent, undefined>): void, reject(error: unknown): void }} Waiting */

export class Queue {
  /** @type {ScanEvent[]} */
  #events = [];
  /** @type {Waiting[]} */
  #waiting = [];
  /** How the queue has ended, if it has. An error rejects one call of `next`; later calls only see the end. */
  #end = /** @type {{ error?: unknown } | null} */ (null);
  #onTaken;

  /** @param {(event: ScanEvent) => void} onTaken called when the consumer takes an event */
  constructor(onTaken) {
    this.#onTaken = onTaken;
  }

  get size() {
    return this.#events.length;
  }

  get hasEnded() {
    return this.#end !== null;
  }

  /** @param {ScanEvent} event */
  push(event) {
    if (this.#end) return;
    this.#events.push(event);
    const waiting = this.#waiting.shift();
    if (waiting) waiting.resolve(this.#take());
  }

  /** @returns {Promise<IteratorResult<ScanEvent, undefined>>} */
  next() {
    if (this.#events.length > 0) return Promise.resolve(this.#take());
    if (this.#end) {
      const end = this.#end;
      this.#end = {};
      return "error" in end ? Promise.reject(end.error) : Promise.resolve({ done: true, value: undefined });
    }
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /**
   * Ends the queue, after the events that have arrived or without them.
   * @param {{ error?: unknown }} end
   * @param {{ discard: boolean }} options
   */
  end(end, { discard }) {
    if (discard) this.#events = [];
    if (this.#end) return;
    this.#end = end;
    for (const { resolve, reject } of this.#waiting.splice(0)) this.next().then(resolve, reject);
  }

  /** @returns {IteratorResult<ScanEvent, undefined>} */
  #take() {
    const value = /** @type {ScanEvent} */ (this.#events.shift());
    this.#onTaken(value);
    return { done: false, value };
  }
}
