import wasm from "itero-dpms/client.wasm";
import { createClient, load } from "itero-dpms/slim";

export async function connect(options) {
  await load(() => WebAssembly.compileStreaming(fetch(new URL(wasm, import.meta.url))));
  return createClient(options);
}
