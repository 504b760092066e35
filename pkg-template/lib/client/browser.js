// Browsers and their workers: the module is fetched when it is first needed.

import { clientOf } from "./client.js";
import { fetchModule } from "../fetch-module.js";
import { once } from "../once.js";
import { initSync } from "../../wasm/client/itero_dpms.js";

// Bundlers look for this very form, `new URL` of a literal, and bring the file along.
const load = once(async () => {
  initSync({ module: await fetchModule(new URL("../../wasm/client/itero_dpms_bg.wasm", import.meta.url)) });
});

export const { createClient, procedures, findProcedure, unitTypes, orderStatuses, parsePairingResponse } =
  clientOf(load);
export { DpmsClient, DpmsError, isDpmsError } from "./client.js";
