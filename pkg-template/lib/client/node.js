// Node, Deno and Bun: the module is a file beside this one.

import { readFile } from "node:fs/promises";

import { clientOf } from "./client.js";
import { moduleLoad } from "../load.js";
import { initSync } from "../../wasm/client/itero_dpms.js";

const load = moduleLoad("itero-dpms/inline", initSync, () =>
  readFile(new URL("../../wasm/client/itero_dpms_bg.wasm", import.meta.url)),
);

export const { createClient, procedures, findProcedure, unitTypes, orderStatuses, parsePairingResponse } =
  clientOf(load);
export { DpmsClient, DpmsError, isDpmsError } from "./client.js";
