/** What `builders.js` reads objects from; `src/wire/tape.rs` says how it is written. */
export class Tape {
  #text;
  #ends;
  #cells;

  constructor(text, ends, cells) {
    this.#text = text;
    this.#ends = ends;
    this.#cells = cells;
  }

  /** A text, or null. Slices share the tape's text, so a row that is kept keeps its page's text alive. */
  text(cell) {
    const place = this.#cells[cell];
    return place > 0 ? this.#text.slice(this.#ends[place - 1], this.#ends[place]) : null;
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
