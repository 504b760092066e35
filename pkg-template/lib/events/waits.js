// Waits with a limit, which can be cut short and never outlast the iteration.

/** @typedef {import("./platform.js").Platform} Platform */

/** The error with which a wait rejects that exceeds its limit. */
export const LATE = new Error("It took too long.");

export class Waits {
  #platform;
  #signal;
  /** @type {Set<() => void>} */
  #sleepers = new Set();

  /**
   * @param {Platform} platform
   * @param {AbortSignal} signal
   */
  constructor(platform, signal) {
    this.#platform = platform;
    this.#signal = signal;
  }

  /**
   * Resolves after a time, or when `wake` is called.
   * @param {number} ms
   */
  sleep(ms) {
    return this.#until((resolve) => {
      const rise = () => resolve(undefined);
      const timer = this.#platform.setTimeout(rise, ms);
      this.#sleepers.add(rise);
      return () => {
        this.#platform.clearTimeout(timer);
        this.#sleepers.delete(rise);
      };
    });
  }

  /** Cuts each sleep short. */
  wake() {
    for (const rise of this.#sleepers) rise();
  }

  /**
   * Settles as `work` does, if it does so in time.
   * @template T
   * @param {Promise<T>} work
   * @param {number} [ms]
   * @returns {Promise<T>}
   */
  within(work, ms) {
    return this.#until((resolve, reject) => {
      const timer = ms === undefined ? undefined : this.#platform.setTimeout(() => reject(LATE), ms);
      work.then(resolve, reject);
      return () => this.#platform.clearTimeout(timer);
    });
  }

  /**
   * @template T
   * @param {(resolve: (value: T) => void, reject: (error: unknown) => void) => () => void} begin returns what cleans up
   * @returns {Promise<T>}
   */
  #until(begin) {
    const signal = this.#signal;
    return new Promise((resolve, reject) => {
      const over = () => settle(reject, signal.reason);
      const end = begin(
        (value) => settle(resolve, value),
        (error) => settle(reject, error),
      );
      /** @type {<V>(how: (value: V) => void, value: V) => void} */
      function settle(how, value) {
        signal.removeEventListener("abort", over);
        end();
        how(value);
      }
      signal.addEventListener("abort", over);
      if (signal.aborted) over();
    });
  }
}
