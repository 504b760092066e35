// The functions of the entry, for what a runtime provides: the part that the entries of all runtimes share.

import { Scan } from "./archive.js";
import { ScanError, errorOf, isScanError } from "./error.js";
import { meshOf } from "./mesh.js";
import { settingsOf } from "./options.js";
import { Reading } from "./reading.js";

/** A module with one simd128 instruction, to test whether the runtime has simd128, which reading needs. */
const SIMD = new Uint8Array([
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0],
  ...[253, 15, 253, 98, 11],
]);

/**
 * @param {() => Promise<WebAssembly.Module>} loadModule
 * @param {() => Worker} [worker]
 */
export function scanOf(loadModule, worker) {
  /** @type {Promise<WebAssembly.Module> | undefined} */
  let loading;

  /** @param {unknown} [given] */
  const module = (given) =>
    (loading ??= (given === undefined ? ownModule(loadModule) : givenModule(given)).catch((error) => {
      loading = undefined;
      throw error;
    }));
  const platform = { module: () => module(), worker };
  return {
    /** @param {unknown} source @param {unknown} [options] */
    openScan: (source, options) => new Scan(source, options, platform),

    /** @param {unknown} source @param {unknown} [options] @returns {Promise<import("../../types/scan.js").ScanMesh>} */
    readMesh: (source, options) =>
      new Promise((resolve, reject) => {
        const settings = { ...settingsOf(options, "readMesh"), keep: false, preview: null };
        const reading = new Reading(settings, { report, ended: reject });
        /** @param {import("./engine.js").Report} reported */
        function report(reported) {
          if (reported.type === "failed") reading.end(errorOf(reported.fault, null));
          if (reported.type !== "mesh") return;
          resolve(meshOf(reported.mesh, { file: null, complete: true, role: null, arrangement: null }));
          reading.end(undefined);
        }
        void reading.run(source, "mesh", "readMesh", platform);
      }),

    /** @param {unknown} [given] */
    load: async (given) => void (await module(given ?? undefined)),

    isScanError,
  };
}

/** @param {() => Promise<WebAssembly.Module>} loadModule */
async function ownModule(loadModule) {
  if (!WebAssembly.validate(SIMD)) {
    throw new ScanError("unsupported", "This runtime has no simd128, which reading scans needs", null);
  }
  try {
    return await loadModule();
  } catch (cause) {
    const message =
      `itero-dpms could not load the WebAssembly module of its scan entry (${cause}). In a bundle, keep it external or bring ` +
      `"itero-dpms/scan.wasm" by load(module): see "Bundlers" in docs/scan.md`;
    throw new Error(message, { cause });
  }
}

/** @param {any} given @returns {Promise<WebAssembly.Module>} */
async function givenModule(given) {
  const module = await (typeof given === "function" ? given() : given);
  if (Object.prototype.toString.call(module) !== "[object WebAssembly.Module]") {
    throw new TypeError("load: give a WebAssembly.Module, such as WebAssembly.compileStreaming(fetch(url)) makes");
  }
  // A clone is of this realm, as the bindings want it.
  return module instanceof WebAssembly.Module ? module : structuredClone(module);
}
