// Decides, while the picture moves, whether this machine keeps up with the whole mesh.

/** Thirty pictures a second. */
const SLOW_MS = 33;

/** One late frame may be the browser's. */
const SLOW_FRAMES = 3;

export class Pace {
  /** Whether moving pictures are to be simpler from now on. */
  isSlow = false;
  #last: number | null = null;
  #slow = 0;

  /** A picture of the whole mesh was drawn while it moves; `at` is the time of its frame. */
  frame(at: number): void {
    if (this.#last !== null) this.#slow = at - this.#last > SLOW_MS ? this.#slow + 1 : 0;
    this.#last = at;
    if (this.#slow >= SLOW_FRAMES) this.isSlow = true;
  }

  /** It stands still: the time until it moves again says nothing. */
  rest(): void {
    this.#last = null;
    this.#slow = 0;
  }
}
