import type { Callback, Registration } from "./wasm/webhook/itero_dpms.js";

export type { Callback, Registration };
