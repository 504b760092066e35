// The client without its module, which the caller passes: for bundlers and runtimes that load a .wasm in their own way.

import { clientOf } from "./client.js";
import { initSync } from "../../wasm/client/itero_dpms.js";

/** @type {Promise<void> | undefined} */
let loading;

/** @typedef {WebAssembly.Module | Promise<WebAssembly.Module>} Source */

/** @param {Source | (() => Source)} module */
export function load(module) {
  return (loading ??= initialise(module).catch((error) => {
    loading = undefined;
    throw error;
  }));
}

/** @param {Source | (() => Source)} source */
async function initialise(source) {
  const module = await (typeof source === "function" ? source() : source);
  if (Object.prototype.toString.call(module) !== "[object WebAssembly.Module]") {
    throw new TypeError("load: give a WebAssembly.Module, such as WebAssembly.compileStreaming(fetch(url)) makes");
  }
  // A clone is of this realm, as the bindings want it.
  initSync({ module: module instanceof WebAssembly.Module ? module : structuredClone(module) });
}

async function loaded() {
  if (loading === undefined) throw new Error("itero-dpms/slim has no module yet: call load(module) first");
  await loading;
}

export const { createClient, procedures, findProcedure, unitTypes, orderStatuses, parsePairingResponse } =
  clientOf(loaded);
export { DpmsClient, DpmsError, isDpmsError } from "./client.js";
