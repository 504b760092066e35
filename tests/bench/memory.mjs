// How much memory WebAssembly holds, whatever the package lets see of it: notes every memory that an instance exports.
import { createClient } from "itero-dpms";

const memories = [];

const noted = (instance) => {
  memories.push(...Object.values(instance.exports).filter((value) => value instanceof WebAssembly.Memory));
  return instance;
};

WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct: (Instance, given) => noted(new Instance(...given)),
});
for (const name of ["instantiate", "instantiateStreaming"]) {
  const original = WebAssembly[name];
  WebAssembly[name] = async (...given) => {
    const result = await original(...given);
    noted(result.instance ?? result);
    return result;
  };
}

export const wasmBytes = () => memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);

/** Makes a client, and sure that its memory is seen: none seen would pass for none grown. */
export async function watchedClient(options) {
  const client = await createClient(options);
  if (memories.length === 0) throw new Error("the client's memory is not seen");
  return client;
}

/** What of JavaScript's memory is in use; wasm's memory and buffers of bytes count as external. */
export function jsBytes() {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external - wasmBytes();
}
