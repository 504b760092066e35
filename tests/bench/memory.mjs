// Measures how much memory WebAssembly holds, by recording every memory that an instance exports.
import { createClient } from "itero-dpms";

const memories = [];

const record = (instance) => {
  memories.push(...Object.values(instance.exports).filter((value) => value instanceof WebAssembly.Memory));
  return instance;
};

WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct: (Instance, given) => record(new Instance(...given)),
});
for (const name of ["instantiate", "instantiateStreaming"]) {
  const original = WebAssembly[name];
  WebAssembly[name] = async (...given) => {
    const result = await original(...given);
    record(result.instance ?? result);
    return result;
  };
}

export const wasmBytes = () => memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0);

/** Creates a client and makes sure that its memory is recorded; otherwise no memory would look like no growth. */
export async function watchedClient(options) {
  const client = await createClient(options);
  if (memories.length === 0) throw new Error("the client's memory is not recorded");
  return client;
}

/** Returns how much memory JavaScript uses. `external` includes WebAssembly's memory and byte buffers. */
export function jsBytes() {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external - wasmBytes();
}
