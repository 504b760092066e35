// The client's functions, for a module that `load` loads: the part that the entries of all runtimes share.

import * as wasm from "../../wasm/client/itero_dpms.js";

/** @typedef {typeof import("../../../src/client/tasks.js") & typeof import("../../../src/client/error.js")} Snippets */

const { DpmsError, onTrap, supervised } = /** @type {Snippets} */ (/** @type {unknown} */ (wasm));

export { DpmsError };

/** @param {any} value */
export function isDpmsError(value) {
  // By its brand, which an error of another realm has as well.
  const isError = Object.prototype.toString.call(value) === "[object Error]";
  return value instanceof DpmsError || (isError && value.name === "DpmsError" && "kind" in value);
}

/** The number of the module's current instance: a trap leads to a new one. */
let instance = 0;

onTrap(() => {
  instance += 1;
  wasm.__wbg_reset_state();
});

/** @typedef {Record<string, (...args: unknown[]) => unknown>} Methods */

/** Has the methods of the module's class, but does not depend on one instance of it: a trap fails only the calls in flight. */
export class DpmsClient {
  /** @type {wasm.DpmsClient} */
  #core;
  #instance = instance;
  #options;

  /** @param {wasm.ClientOptions} options */
  constructor(options) {
    this.#core = supervised(() => wasm.createClient(options));
    this.#options = options;
  }

  /** @param {string} name @param {unknown[]} args */
  #call(name, args) {
    return supervised(() => {
      if (this.#instance !== instance) {
        this.#core = wasm.createClient(this.#options);
        this.#instance = instance;
      }
      const core = /** @type {Methods} */ (/** @type {unknown} */ (this.#core));
      return core[name]?.(...args);
    });
  }

  static {
    const generated = ["constructor", "free", "__destroy_into_raw"];
    for (const name of Object.getOwnPropertyNames(wasm.DpmsClient.prototype)) {
      if (generated.includes(name)) continue;
      /** @this {DpmsClient} @param {unknown[]} args */
      const value = function (...args) {
        return this.#call(name, args);
      };
      Object.defineProperty(this.prototype, name, { value, writable: true, configurable: true });
    }
  }
}

/** Returns a copy of the options, for which each property is read once. @param {wasm.ClientOptions} options */
const copied = (options) =>
  typeof options === "object" && options !== null && !Array.isArray(options) ? { ...options } : options;

/** @param {() => Promise<unknown>} load */
export function clientOf(load) {
  /**
   * @template {unknown[]} A, R
   * @param {(...args: A) => R} exported
   */
  const loaded =
    (exported) =>
    /** @param {A} args */
    async (...args) => {
      await load();
      return supervised(() => exported(...args));
    };
  return {
    createClient: loaded((/** @type {wasm.ClientOptions} */ options) => new DpmsClient(copied(options))),
    procedures: loaded(wasm.procedures),
    findProcedure: loaded(wasm.findProcedure),
    orderStatuses: loaded(wasm.orderStatuses),
    unitTypes: loaded(wasm.unitTypes),
    parsePairingResponse: loaded(wasm.parsePairingResponse),
  };
}
