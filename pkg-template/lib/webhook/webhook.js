// The edge function over a core that `load` brings in: what every runtime's entry shares.
import { coreFrom } from "./core.js";
import { judge, respond } from "./http.js";
import { inboxFrom } from "./inbox.js";
import { logFailure } from "./log.js";

export function webhookFrom(load) {
  const core = coreFrom(load);

  /** Answers with `answer()`, or with 503 and Retry-After if that fails: what is not acknowledged is sent again. */
  async function available(answer) {
    await core.ready();
    try {
      return await answer();
    } catch (error) {
      logFailure("request.failed", error);
      return respond(core.unavailable());
    }
  }

  const worker = {
    fetch(request, env) {
      return available(async () => {
        const secrets = { callbackSecrets: env.CALLBACK_SECRETS ?? "", adminKey: env.ADMIN_KEY ?? "" };
        const { reply, practice, input } = await judge(core, request, new URL(request.url).pathname, secrets);
        if (reply) return respond(reply);
        const inbox = env.PRACTICES.get(env.PRACTICES.idFromName(practice));
        return inbox.fetch("https://inbox.invalid/", { method: "POST", body: JSON.stringify(input) });
      });
    },
  };

  function createReceiver({ callbackSecrets, store }) {
    if (typeof callbackSecrets !== "string" || callbackSecrets.replaceAll(",", "").trim() === "") {
      throw new TypeError("createReceiver: callbackSecrets must be one or more secrets, separated by commas");
    }
    if (typeof store !== "function") throw new TypeError("createReceiver: store must be a function");
    return (request) =>
      available(async () => {
        const { pathname } = new URL(request.url);
        // Wherever it is mounted. There is nothing else than callbacks.
        const path = pathname.slice(Math.max(0, pathname.lastIndexOf("/callback/")));
        const known = path.startsWith("/callback/") ? path : "/";
        const { reply, body } = await judge(core, request, known, { callbackSecrets, adminKey: "" });
        if (reply) return respond(reply);
        await store(core.parseCallback(body));
        return respond(core.accepted());
      });
  }

  async function parseCallback(body) {
    await core.ready();
    return core.parseCallback(body);
  }

  return { worker, PracticeInbox: inboxFrom(core), createReceiver, parseCallback };
}
