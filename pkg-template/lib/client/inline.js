// The client with its module inside, for bundlers that cannot ship a .wasm. It is never fetched, not even as a data: URL.
// Workers compile nothing when they run, so there package.json gives workerd.js instead.

import base64 from "./base64.js";
import { clientOf } from "./client.js";
import { once } from "../once.js";
import { initSync } from "../../wasm/client/itero_dpms.js";

const load = once(async () => {
  const gzip = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const bytes = new Response(new Blob([gzip]).stream().pipeThrough(new DecompressionStream("gzip")));
  initSync({ module: await WebAssembly.compile(await bytes.arrayBuffer()) });
});

export const { createClient, procedures, findProcedure, unitTypes, orderStatuses, parsePairingResponse } =
  clientOf(load);
export { DpmsClient, DpmsError, isDpmsError } from "./client.js";
