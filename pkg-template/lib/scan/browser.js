// Browsers: the module is fetched, and each archive is read in its own worker.

import { scanOf } from "./scan.js";
import { fetchModule } from "../fetch-module.js";

// Bundlers look for these very forms, `new URL` of a literal, and bring the files along.
const { openScan, readMesh, isScanError, load } = scanOf(
  () => fetchModule(new URL("../../wasm/scan/itero_dpms_bg.wasm", import.meta.url)),
  typeof Worker === "undefined"
    ? undefined
    : () => new Worker(new URL("./scan.worker.js", import.meta.url), { type: "module" }),
);

export { openScan, readMesh, isScanError, load };
