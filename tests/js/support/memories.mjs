// The memories of WebAssembly instances, for tests that nothing keeps an instance that is no longer used.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Follows the memories of the instances that are made from now on, without holding them.
 * @returns {{ made(): number, left(): Promise<WebAssembly.Memory[]>, stop(): void }} how many were made; those that something still
 *   holds after garbage collection, in their order
 */
export function followMemories() {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc");
  /** @type {WeakRef<WebAssembly.Memory>[]} */
  const memories = [];
  const { Instance } = WebAssembly;
  WebAssembly.Instance = class extends Instance {
    constructor(...given) {
      super(...given);
      memories.push(new WeakRef(this.exports.memory));
    }
  };
  return {
    made: () => memories.length,
    async left() {
      for (let turn = 0; turn < 10; turn++) {
        await new Promise(setImmediate);
        collectGarbage();
      }
      return memories.flatMap((memory) => memory.deref() ?? []);
    },
    stop() {
      WebAssembly.Instance = Instance;
    },
  };
}
