// The sandbox in Node, Deno and Bun: the module is read from its file.

import { readFile } from "node:fs/promises";

import { sandboxFrom } from "./sandbox.js";
import { moduleLoad } from "../load.js";
import { initSync } from "../../wasm/sandbox/itero_dpms.js";

const load = moduleLoad("itero-dpms/sandbox/inline", initSync, () =>
  readFile(new URL("../../wasm/sandbox/itero_dpms_bg.wasm", import.meta.url)),
);

export const createSandbox = sandboxFrom(load);
