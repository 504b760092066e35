// The sandbox in Cloudflare Workers and workerd: the module is imported.

import { sandboxFrom } from "./sandbox.js";
import { moduleLoad } from "../load.js";
import { initSync } from "../../wasm/sandbox/itero_dpms.js";
import module from "../../wasm/sandbox/itero_dpms_bg.wasm";

const load = moduleLoad("itero-dpms/sandbox/inline", initSync, () => module);

export const createSandbox = sandboxFrom(load);
