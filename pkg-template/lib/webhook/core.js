// The core's exports with their JSON read and written. It decides everything; the files around this one only do it.
import { once } from "../once.js";
import * as wasm from "../../wasm/webhook/itero_dpms.js";

/** The core in a module that `load` brings in. */
export function coreFrom(load) {
  return {
    /** Await this before the first call. */
    ready: once(load),
    /** What to do with a request: `{ reply }`, `{ read: maxBytes }`, or `{ practice, input }`. */
    receive: (head, secrets, body) =>
      JSON.parse(unpoisoned(wasm.receive, JSON.stringify(head), JSON.stringify(secrets), body)),
    /** What a practice's inbox does about `input`, a JSON text, when its rows are `rows`. */
    step: (rows, settings, input, now) => JSON.parse(unpoisoned(wasm.step, rows, settings, input, now)),
    /** The reply to a notification that is stored. */
    accepted: () => JSON.parse(unpoisoned(wasm.accepted)),
    /** The reply when storage or the core fails: not acknowledged, come again. */
    unavailable: () => JSON.parse(unpoisoned(wasm.unavailable)),
    /** Throws an `Error` that names the field; it is the core's own, no crash. */
    parseCallback: wasm.parseCallback,
  };
}

/** A call that threw, by a trap or by storage failing below it, left its instance halfway: the next one gets a fresh one. */
function unpoisoned(exported, ...input) {
  try {
    return exported(...input);
  } catch (error) {
    wasm.__wbg_reset_state();
    throw error;
  }
}
