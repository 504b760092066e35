// Decides, during movement, whether this machine is fast enough for the whole mesh.

/** Thirty pictures a second. */
const SLOW_MS = 33;

/** A single late frame may be due to the browser. */
const SLOW_FRAMES = 3;

export class Pace {
  /** Whether fewer triangles are drawn during movement from now on. */
  isSlow = false;
  #last: number | null = null;
  #slow = 0;

  /** Call this after drawing the whole mesh during movement; `at` is the time of the frame. */
  frame(at: number): void {
    if (this.#last !== null) this.#slow = at - this.#last > SLOW_MS ? this.#slow + 1 : 0;
    this.#last = at;
    if (this.#slow >= SLOW_FRAMES) this.isSlow = true;
  }

  /** Call this when the movement ends: the time until the next one does not count. */
  rest(): void {
    this.#last = null;
    this.#slow = 0;
  }
}
