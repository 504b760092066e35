// Browsers and their workers: the module is fetched.

import { clientOf } from "./client.js";
import { fetchModule } from "../fetch-module.js";
import { moduleLoad } from "../load.js";
import { initSync } from "../../wasm/client/itero_dpms.js";

// Bundlers look for this very form, `new URL` of a literal, and bring the file along.
const load = moduleLoad("itero-dpms/inline", initSync, () =>
  fetchModule(new URL("../../wasm/client/itero_dpms_bg.wasm", import.meta.url)),
);

export const { createClient, procedures, findProcedure, unitTypes, orderStatuses, parsePairingResponse } =
  clientOf(load);
export { DpmsClient, DpmsError, isDpmsError } from "./client.js";
