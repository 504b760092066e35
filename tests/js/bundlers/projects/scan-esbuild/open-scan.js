import { load, openScan as open } from "itero-dpms/scan";
import wasm from "itero-dpms/scan.wasm";

const module = () => WebAssembly.compileStreaming(fetch(new URL(wasm, import.meta.url)));
const worker = () => new Worker(new URL("./scan.worker.js", import.meta.url), { type: "module" });

export function openScan(source, options) {
  load(module).catch(() => {}); // what fails, openScan says
  return open(source, { worker, ...options });
}
