export * from "./client.js";

/**
 * Brings the client its module, `itero-dpms/client.wasm`, compiled. Once is enough: while one loads, and after it did, further
 * calls do nothing but wait, and do not call `module`. After a failure the next call tries again.
 *
 * The other functions of this entry wait for it, and reject if it was never called.
 *
 * @param module the compiled module, a promise of it, or a function that gives either when it is needed.
 * @throws TypeError if that is something else, such as the URL of a module; and whatever `module` rejects with.
 */
export declare function load(
  module: WebAssembly.Module | Promise<WebAssembly.Module> | (() => WebAssembly.Module | Promise<WebAssembly.Module>),
): Promise<void>;
