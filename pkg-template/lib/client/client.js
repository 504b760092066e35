// The client's functions over a module that `load` brings in: what every runtime's entry shares.

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

/** Which instance of the module this is: after a trap, another one. */
let instance = 0;

onTrap(() => {
  instance += 1;
  wasm.__wbg_reset_state();
});

/** @typedef {Record<string, (...args: unknown[]) => unknown>} Methods */

/** Its methods are those of the module's class, on whose instance it does not depend: a trap costs only the calls under way. */
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

/** The options with each property read once. @param {wasm.ClientOptions} options */
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
