// Node, Deno and Bun: the module is a file beside this one.
import { readFile } from "node:fs/promises";
import { webhookFrom } from "./webhook.js";
import { initSync } from "../../wasm/webhook/itero_dpms.js";

const { worker, PracticeInbox, createReceiver, parseCallback } = webhookFrom(async () => {
  const module = await readFile(new URL("../../wasm/webhook/itero_dpms_bg.wasm", import.meta.url));
  initSync({ module });
});

export { worker as default, PracticeInbox, createReceiver, parseCallback };
