/** What `builders.js` reads objects from; `tape.rs` says how it is written. */
export class Tape {
  #text;
  #cells;
  #cell = 0;
  #start = 0;

  constructor(text, cells) {
    this.#text = text;
    this.#cells = cells;
  }

  /** A text, or null. Slices share the tape's text, so a row that is kept keeps its page's text alive. */
  text() {
    const end = this.#cells[this.#cell++];
    if (Number.isNaN(end)) return null;
    const text = this.#text.slice(this.#start, end);
    this.#start = end;
    return text;
  }

  number() {
    const number = this.#cells[this.#cell++];
    return Number.isNaN(number) ? null : number;
  }

  boolean() {
    return this.#cells[this.#cell++] === 1;
  }

  list(builder) {
    const length = this.#cells[this.#cell++];
    const rows = new Array(length);
    for (let row = 0; row < length; row++) rows[row] = builder(this);
    return rows;
  }
}
