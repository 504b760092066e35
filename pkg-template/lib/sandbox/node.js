// The sandbox in Node, Deno and Bun: the module is read from its file.
import { readFile } from "node:fs/promises";
import { once } from "../once.js";
import { sandboxFrom } from "./sandbox.js";
import { initSync } from "../../wasm/sandbox/itero_dpms.js";

const load = once(async () => {
  const module = await readFile(new URL("../../wasm/sandbox/itero_dpms_bg.wasm", import.meta.url));
  initSync({ module });
});

export const createSandbox = sandboxFrom(load);
