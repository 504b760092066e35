// The client's functions over a module that `load` brings in: what every runtime's entry shares.

import * as wasm from "../../wasm/client/itero_dpms.js";

export const { Shell: DpmsClient, DpmsError } = wasm;

export function isDpmsError(value) {
  return value instanceof DpmsError || (value instanceof Error && value.name === "DpmsError" && "kind" in value);
}

export function clientOf(load) {
  const loaded = (exported) => async (argument) => {
    await load();
    return exported(argument);
  };
  return {
    createClient: loaded(wasm.createClient),
    procedures: loaded(wasm.procedures),
    findProcedure: loaded(wasm.findProcedure),
    orderStatuses: loaded(wasm.orderStatuses),
    unitTypes: loaded(wasm.unitTypes),
    parsePairingResponse: loaded(wasm.parsePairingResponse),
  };
}
