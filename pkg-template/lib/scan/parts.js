// Bytes gathered as Blobs, which browsers may put on disk.

/** How many bytes are held before they are put into a Blob. */
const HELD = 4 << 20;

export class Parts {
  /** @type {Blob[]} */
  #blobs = [];
  /** @type {Uint8Array<ArrayBuffer>[]} */
  #held = [];
  #heldBytes = 0;

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  push(bytes) {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes >= HELD) this.#give();
  }

  /** Returns all bytes as one Blob. @param {string} type */
  blob(type) {
    this.#give();
    return new Blob(this.#blobs, { type });
  }

  #give() {
    this.#blobs.push(new Blob(this.#held));
    this.#held = [];
    this.#heldBytes = 0;
  }
}
