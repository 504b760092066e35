// Other runtimes and their bundlers: the module is fetched from beside this file when it is first needed.
import { fetchModule } from "../fetch-module.js";
import { webhookFrom } from "./webhook.js";
import { initSync } from "../../wasm/webhook/itero_dpms.js";

const { worker, PracticeInbox, createReceiver, parseCallback } = webhookFrom(async () => {
  initSync({ module: await fetchModule(new URL("../../wasm/webhook/itero_dpms_bg.wasm", import.meta.url)) });
});

export { worker as default, PracticeInbox, createReceiver, parseCallback };
