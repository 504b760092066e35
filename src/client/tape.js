/** What `builders.js` reads objects from; `src/schema/tape.rs` says how it is written. */
export class Tape {
  #ascii;
  #asciiEnds;
  #others;
  #otherEnds;
  #cells;

  constructor(ascii, asciiEnds, others, otherEnds, cells) {
    this.#ascii = ascii;
    this.#asciiEnds = asciiEnds;
    this.#others = others;
    this.#otherEnds = otherEnds;
    this.#cells = cells;
  }

  /** A text, or null. Slices share the tape's texts, so a row that is kept keeps its page's texts alive. */
  text(cell) {
    const place = this.#cells[cell];
    if (place > 0) return this.#ascii.slice(this.#asciiEnds[place - 1], this.#asciiEnds[place]);
    if (place < 0) return this.#others.slice(this.#otherEnds[-place - 1], this.#otherEnds[-place]);
    return null;
  }

  number(cell) {
    const number = this.#cells[cell];
    return Number.isNaN(number) ? null : number;
  }

  flag(cell) {
    return this.#cells[cell] === 1;
  }

  json(cell) {
    return JSON.parse(this.text(cell));
  }

  nullableList(cell, build) {
    return Number.isNaN(this.#cells[cell]) ? null : this.list(cell, build);
  }

  /** The rows of a list, each made by `build`. */
  list(cell, build) {
    const list = this.#cells[cell];
    if (Number.isNaN(list)) return [];
    const length = this.#cells[list];
    const rows = new Array(length);
    for (let at = 0; at < length; at++) rows[at] = build(this, this.#cells[list + 1 + at]);
    return rows;
  }
}
