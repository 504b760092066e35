// The sandbox in Cloudflare Workers and workerd: the module is imported.
import { once } from "../once.js";
import { sandboxFrom } from "./sandbox.js";
import { initSync } from "../../wasm/sandbox/itero_dpms.js";
import module from "../../wasm/sandbox/itero_dpms_bg.wasm";

const load = once(async () => {
  initSync({ module });
});

export const createSandbox = sandboxFrom(load);
