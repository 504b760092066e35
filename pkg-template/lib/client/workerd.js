// Cloudflare Workers and workerd, which compile modules only when a Worker is deployed: the module is imported.

import { clientOf } from "./client.js";
import { moduleLoad } from "../load.js";
import { initSync } from "../../wasm/client/itero_dpms.js";
import module from "../../wasm/client/itero_dpms_bg.wasm";

const load = moduleLoad("itero-dpms/inline", initSync, () => module);

export const { createClient, procedures, findProcedure, unitTypes, orderStatuses, parsePairingResponse } =
  clientOf(load);
export { DpmsClient, DpmsError, isDpmsError } from "./client.js";
