// Cloudflare Workers and workerd: the module is part of the Worker. Deployable as it is.
import { webhookFrom } from "./webhook.js";
import { initSync } from "../../wasm/webhook/itero_dpms.js";
import module from "../../wasm/webhook/itero_dpms_bg.wasm";

const { worker, PracticeInbox, createReceiver, parseCallback } = webhookFrom(async () => {
  initSync({ module });
});

export { worker as default, PracticeInbox, createReceiver, parseCallback };
