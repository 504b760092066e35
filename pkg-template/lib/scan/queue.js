// The queue between a scan's meshes and the loop that iterates over them.

/**
 * @typedef {import("../../types/scan.js").ScanMesh} ScanMesh
 * @typedef {{ resolve: (result: IteratorResult<ScanMesh, undefined>) => void, reject: (error: unknown) => void }} Waiting
 */

export class Queue {
  /** @type {ScanMesh[]} */
  #meshes = [];
  /** @type {Waiting[]} */
  #waiting = [];
  /** @type {{ error: unknown } | "open" | "ended"} */
  #state = "open";
  #taken;

  /** @param {() => void} taken is called when a growing mesh is taken */
  constructor(taken) {
    this.#taken = taken;
  }

  /** Adds a mesh. It replaces a growing mesh of the same file that has not been taken. @param {ScanMesh} mesh */
  push(mesh) {
    this.#meshes = this.#meshes.filter(({ complete, file }) => complete || file?.path !== mesh.file?.path);
    this.#meshes.push(mesh);
    this.#serve();
  }

  end() {
    if (this.#state === "open") this.#state = "ended";
    this.#serve();
  }

  /** @param {unknown} error */
  fail(error) {
    if (this.#state !== "open") return;
    this.#state = { error };
    this.#meshes = [];
    this.#serve();
  }

  /** @returns {Promise<IteratorResult<ScanMesh, undefined>>} */
  next() {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#serve();
    });
  }

  #serve() {
    while (this.#waiting.length > 0 && (this.#meshes.length > 0 || this.#state !== "open")) {
      const waiting = /** @type {Waiting} */ (this.#waiting.shift());
      const mesh = this.#meshes.shift();
      if (mesh !== undefined) {
        waiting.resolve({ done: false, value: mesh });
        if (!mesh.complete) this.#taken();
      } else if (typeof this.#state === "object") waiting.reject(this.#state.error);
      else waiting.resolve({ done: true, value: undefined });
    }
  }
}
