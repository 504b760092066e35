// Browsers and their workers: the module is fetched when it is first needed.

import { clientOf } from "./client.js";
import { once } from "./once.js";
import init from "./wasm/client/itero_dpms.js";

const load = once(() => init());

export const { createClient, procedures, findProcedure, unitTypes, orderStatuses, parsePairingResponse } =
  clientOf(load);
export { DpmsClient, DpmsError, isDpmsError } from "./client.js";
