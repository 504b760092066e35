/**
 * The client without its WebAssembly module, which you pass to `load`: for bundlers and runtimes that load it in their own
 * way.
 *
 * @module itero-dpms/slim
 */

import type { WebAssemblyModule } from "./platform.js";

export * from "./client.js";

/** A compiled module. TypeScript's own `WebAssembly.Module` is an empty type, so a string would be accepted as one. */
export type CompiledModule = WebAssemblyModule;

/**
 * Gives the client its module, `itero-dpms/client.wasm`, compiled. Call it once: while a module loads, and after it has
 * loaded, further calls only wait for it and do not use their `module`. After a failure the next call tries again.
 *
 * The other functions of this entry wait for the module, and reject if `load` was never called.
 *
 * @param module the compiled module, a promise of it, or a function that returns either.
 * @throws TypeError if it is anything else; and whatever `module` rejects with.
 */
export declare function load(
  module: CompiledModule | Promise<CompiledModule> | (() => CompiledModule | Promise<CompiledModule>),
): Promise<void>;
