// createSandbox, for a module that `load` loads: the part that the entries of all runtimes share.

import { createSandbox } from "../../wasm/sandbox/itero_dpms.js";

/**
 * @import * as wasm from "../../wasm/sandbox/itero_dpms.js"
 * @typedef {Pick<wasm.Sandbox, "accessToken" | "endpoints" | "fetch" | "control">} Sandbox
 */

/**
 * @param {() => Promise<unknown>} load
 * @returns {(options?: wasm.SandboxOptions) => Promise<Sandbox>}
 */
export const sandboxFrom = (load) => async (options) => {
  await load();
  const sandbox = await createSandbox(options);
  return {
    get accessToken() {
      return sandbox.accessToken;
    },
    endpoints: sandbox.endpoints,
    fetch: (input, init) => sandbox.fetch(input, init),
    control: detached(sandbox.control),
  };
};

/** The methods that wasm-bindgen adds to every class. */
const GENERATED = ["constructor", "free", "__destroy_into_raw"];

/**
 * Returns the control with methods that need no `this`.
 *
 * @param {wasm.SandboxControl} control
 */
function detached(control) {
  const methods = /** @type {Record<string, (...args: unknown[]) => unknown>} */ (/** @type {unknown} */ (control));
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(control)).filter((name) => !GENERATED.includes(name));
  const bound = names.map((name) => [name, methods[name]?.bind(control)]);
  return /** @type {wasm.SandboxControl} */ (/** @type {unknown} */ (Object.fromEntries(bound)));
}
