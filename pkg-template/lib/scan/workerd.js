// Cloudflare Workers and workerd: the module is part of the Worker.

import { scanOf } from "./scan.js";
import module from "../../wasm/scan/itero_dpms_bg.wasm";

const { openScan, readMesh, isScanError, load } = scanOf(async () => module);

export { openScan, readMesh, isScanError, load };
