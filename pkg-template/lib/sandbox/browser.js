// The sandbox in browsers and their bundlers, in pages and in workers: the module is fetched from beside this file.

import { sandboxFrom } from "./sandbox.js";
import { fetchModule } from "../fetch-module.js";
import { moduleLoad } from "../load.js";
import { initSync } from "../../wasm/sandbox/itero_dpms.js";

const load = moduleLoad("itero-dpms/sandbox/inline", initSync, () =>
  fetchModule(new URL("../../wasm/sandbox/itero_dpms_bg.wasm", import.meta.url)),
);

export const createSandbox = sandboxFrom(load);
