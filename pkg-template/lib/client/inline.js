// The client with its module inside, for bundlers that cannot ship a .wasm.
// Workers cannot compile modules at run time, so package.json selects workerd.js for them.

import base64 from "./base64.js";
import { clientOf } from "./client.js";
import { inflateModule } from "../inflate-module.js";
import { moduleLoad } from "../load.js";
import { initSync } from "../../wasm/client/itero_dpms.js";

const load = moduleLoad("itero-dpms/inline", initSync, () => inflateModule(base64));

export const { createClient, procedures, findProcedure, unitTypes, orderStatuses, parsePairingResponse } =
  clientOf(load);
export { DpmsClient, DpmsError, isDpmsError } from "./client.js";
