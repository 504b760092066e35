/**
 * The client with its WebAssembly module inside: for bundlers that do not ship .wasm files.
 *
 * @module itero-dpms/inline
 */

export * from "./client.js";
