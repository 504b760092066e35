// How much memory of WebAssembly's a scan takes at most, in relation to its bytes unzipped.
import { wasmBytes } from "./memory.mjs";
import { openScan } from "itero-dpms/scan";

/** @type {Record<string, import("./lanes.mjs").Contender>} */
export const contenders = {
  openScan: async (origin) => {
    const bytes = new Uint8Array(await (await fetch(`${origin}/scan-files/arches.zip`)).arrayBuffer());
    return async () => {
      const scan = openScan(bytes);
      let most = 0;
      for await (const mesh of scan) {
        void mesh;
        most = Math.max(most, wasmBytes());
      }
      const sizes = (await scan.files()).map(({ size }) => size);
      most = Math.max(most, wasmBytes());
      scan.close();
      if (most === 0) throw new Error("the module's memory is not recorded");
      return most / sizes.reduce((sum, size) => sum + size);
    };
  },
};
