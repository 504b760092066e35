// Node, Deno and Bun: the module is a file beside this one.

import { readFile } from "node:fs/promises";

import { webhookFrom } from "./webhook.js";
import { moduleLoad } from "../load.js";
import { initSync } from "../../wasm/webhook/itero_dpms.js";

const load = moduleLoad("itero-dpms/webhook/inline", initSync, () =>
  readFile(new URL("../../wasm/webhook/itero_dpms_bg.wasm", import.meta.url)),
);

const { worker, PracticeInbox, createReceiver, createSessionToken, parseCallback } = webhookFrom(load);

export { worker as default, PracticeInbox, createReceiver, createSessionToken, parseCallback };
