// Cloudflare Workers and workerd: the module is part of the Worker. Deployable as it is.

import { DurableObject } from "cloudflare:workers";

import { webhookFrom } from "./webhook.js";
import { moduleLoad } from "../load.js";
import { initSync } from "../../wasm/webhook/itero_dpms.js";
import module from "../../wasm/webhook/itero_dpms_bg.wasm";

const load = moduleLoad("itero-dpms/webhook/inline", initSync, () => module);

const { worker, PracticeInbox, createReceiver, createSessionToken, parseCallback } = webhookFrom(load, DurableObject);

export { worker as default, PracticeInbox, createReceiver, createSessionToken, parseCallback };
