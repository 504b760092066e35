// Other runtimes and their bundlers: the module is fetched from beside this file.

import { webhookFrom } from "./webhook.js";
import { fetchModule } from "../fetch-module.js";
import { moduleLoad } from "../load.js";
import { initSync } from "../../wasm/webhook/itero_dpms.js";

const load = moduleLoad("itero-dpms/webhook/inline", initSync, () =>
  fetchModule(new URL("../../wasm/webhook/itero_dpms_bg.wasm", import.meta.url)),
);

const { worker, PracticeInbox, createReceiver, createSessionToken, parseCallback } = webhookFrom(load);

export { worker as default, PracticeInbox, createReceiver, createSessionToken, parseCallback };
