/**
 * The client without its WebAssembly module, which you bring: for bundlers and runtimes that load it in their own way.
 *
 * @module itero-dpms/slim
 */

import type { WebAssemblyModule } from "./platform.js";

export * from "./client.js";

/** A compiled module. TypeScript's own `WebAssembly.Module` is empty, so that a URL's text would pass for one. */
export type CompiledModule = WebAssemblyModule;

/**
 * Brings the client its module, `itero-dpms/client.wasm`, compiled. Once is enough: while one loads, and after it did, further
 * calls do nothing but wait, and do not call `module`. After a failure the next call tries again.
 *
 * The other functions of this entry wait for it, and reject if it was never called.
 *
 * @param module the compiled module, a promise of it, or a function that gives either when it is needed.
 * @throws TypeError if that is something else; and whatever `module` rejects with.
 */
export declare function load(
  module: CompiledModule | Promise<CompiledModule> | (() => CompiledModule | Promise<CompiledModule>),
): Promise<void>;
