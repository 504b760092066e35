// The sandbox in browsers and their bundlers, in pages and in workers: the module is fetched from beside this file.
import { fetchModule } from "../fetch-module.js";
import { once } from "../once.js";
import { sandboxFrom } from "./sandbox.js";
import { initSync } from "../../wasm/sandbox/itero_dpms.js";

const load = once(async () => {
  initSync({ module: await fetchModule(new URL("../../wasm/sandbox/itero_dpms_bg.wasm", import.meta.url)) });
});

export const createSandbox = sandboxFrom(load);
