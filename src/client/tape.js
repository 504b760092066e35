/** What `builders.js` reads objects from; `src/schema/tape.rs` says how it is written. */
export class Tape {
  #ascii;
  #asciiEnds;
  #others;
  #otherEnds;
  #cells;

  /**
   * @param {string} ascii
   * @param {Uint32Array} asciiEnds
   * @param {string} others
   * @param {Uint32Array} otherEnds
   * @param {Float64Array} cells
   */
  constructor(ascii, asciiEnds, others, otherEnds, cells) {
    this.#ascii = ascii;
    this.#asciiEnds = asciiEnds;
    this.#others = others;
    this.#otherEnds = otherEnds;
    this.#cells = cells;
  }

  /**
   * A string, or null. Slices share the tape's texts, so a row that is kept keeps its page's texts alive.
   * @param {number} cell
   */
  text(cell) {
    const place = this.#number(cell);
    if (place > 0) return this.#ascii.slice(this.#asciiEnds[place - 1], this.#asciiEnds[place]);
    if (place < 0) return this.#others.slice(this.#otherEnds[-place - 1], this.#otherEnds[-place]);
    return null;
  }

  /** @param {number} cell */
  number(cell) {
    const number = this.#number(cell);
    return Number.isNaN(number) ? null : number;
  }

  /** @param {number} cell */
  flag(cell) {
    return this.#cells[cell] === 1;
  }

  /** @param {number} cell */
  json(cell) {
    return JSON.parse(this.text(cell) ?? "null");
  }

  /**
   * The rows of a list, each made by `build`; null where there is none.
   * @param {number} cell
   * @param {(tape: Tape, cell: number) => any} build
   */
  nullableList(cell, build) {
    return Number.isNaN(this.#cells[cell]) ? null : this.list(cell, build);
  }

  /**
   * The rows of a list, each made by `build`.
   * @param {number} cell
   * @param {(tape: Tape, cell: number) => any} build
   */
  list(cell, build) {
    const list = this.#number(cell);
    if (Number.isNaN(list)) return [];
    const length = this.#number(list);
    const rows = new Array(length);
    for (let at = 0; at < length; at++) rows[at] = build(this, this.#number(list + 1 + at));
    return rows;
  }

  /** @param {number} cell */
  #number(cell) {
    return /** @type {number} */ (this.#cells[cell]);
  }
}
