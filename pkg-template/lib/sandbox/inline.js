// The sandbox with its module inside, for bundlers that cannot ship a .wasm.

import base64 from "./base64.js";
import { sandboxFrom } from "./sandbox.js";
import { inflateModule } from "../inflate-module.js";
import { moduleLoad } from "../load.js";
import { initSync } from "../../wasm/sandbox/itero_dpms.js";

const load = moduleLoad("itero-dpms/sandbox/inline", initSync, () => inflateModule(base64));

export const createSandbox = sandboxFrom(load);
