// Checks that what `wasm-pack build --target web` writes to target/wasm-pack works as it is.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { initSync, unitTypes } from "../target/wasm-pack/itero_dpms.js";

initSync({ module: readFileSync(new URL("../target/wasm-pack/itero_dpms_bg.wasm", import.meta.url)) });
assert.equal(unitTypes().length, 13);
