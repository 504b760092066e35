// Other runtimes and their bundlers: the module is fetched from beside this file when it is first needed.
import { webhookFrom } from "./webhook.js";
import init from "./wasm/webhook/itero_dpms.js";

const { worker, PracticeInbox, createReceiver, parseCallback } = webhookFrom(() => init());

export { worker as default, PracticeInbox, createReceiver, parseCallback };
