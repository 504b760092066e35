// Reports of progress, at most one every 50 ms. The last one is never left out.

/** @typedef {import("../../types/scan.js").ScanProgress} ScanProgress */

const INTERVAL_MS = 50;

export class Progress {
  #report;
  #failed;
  /** @type {ScanProgress | undefined} */
  #due;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {((progress: ScanProgress) => unknown) | undefined} report
   * @param {(error: unknown) => void} failed is called with what the report throws or rejects with
   */
  constructor(report, failed) {
    this.#report = report;
    this.#failed = failed;
  }

  /** @param {ScanProgress} progress */
  at(progress) {
    if (this.#report === undefined) return;
    this.#due = progress;
    if (this.#timer === undefined) this.#tell();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#report = undefined;
  }

  #tell() {
    this.#timer = undefined;
    const due = this.#due;
    if (due === undefined) return;
    this.#due = undefined;
    this.#timer = setTimeout(() => this.#tell(), INTERVAL_MS);
    try {
      Promise.resolve(this.#report?.(due)).catch(this.#failed);
    } catch (error) {
      this.#failed(error);
    }
  }
}
