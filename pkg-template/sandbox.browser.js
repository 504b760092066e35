// The sandbox in browsers and their bundlers, in pages and in workers: the module is fetched from beside this file.
import { once } from "./once.js";
import { sandboxFrom } from "./sandbox.js";
import init, { SandboxCore } from "./wasm/sandbox/itero_dpms.js";

const load = once(async () => {
  await init();
  return SandboxCore;
});

export const createSandbox = sandboxFrom(load);
