// Node, Deno and Bun: the module is a file beside this one.

import { readFile } from "node:fs/promises";

import { scanOf } from "./scan.js";

const { openScan, readMesh, isScanError, load } = scanOf(async () =>
  WebAssembly.compile(await readFile(new URL("../../wasm/scan/itero_dpms_bg.wasm", import.meta.url))),
);

export { openScan, readMesh, isScanError, load };
