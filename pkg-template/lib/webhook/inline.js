// The edge function with its module inside, for bundlers that cannot ship a .wasm.

import base64 from "./base64.js";
import { webhookFrom } from "./webhook.js";
import { inflateModule } from "../inflate-module.js";
import { moduleLoad } from "../load.js";
import { initSync } from "../../wasm/webhook/itero_dpms.js";

const load = moduleLoad("itero-dpms/webhook/inline", initSync, () => inflateModule(base64));

const { worker, PracticeInbox, createReceiver, createSessionToken, parseCallback } = webhookFrom(load);

export { worker as default, PracticeInbox, createReceiver, createSessionToken, parseCallback };
