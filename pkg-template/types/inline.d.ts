/**
 * The client with its WebAssembly module inside: for bundlers that ship no .wasm files.
 *
 * @module itero-dpms/inline
 */

export * from "./client.js";
