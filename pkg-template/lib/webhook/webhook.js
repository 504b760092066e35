// The edge function, for a core that `load` loads: the part that the entries of all runtimes share.
import { coreFrom } from "./core.js";
import { receive, respond } from "./http.js";
import { inboxFrom, inboxOf } from "./inbox.js";
import { isSegment, keysFrom, secretsOf } from "./keys.js";
import { logFailure } from "./log.js";
import { portalFrom } from "./portal.js";
import { sessionsFrom } from "./sessions.js";

/**
 * @param {() => Promise<void>} load
 * @param {import("./inbox.js").Base} [DurableObject] the platform's class of Durable Objects, if it has them
 */
export function webhookFrom(load, DurableObject) {
  const core = coreFrom(load);
  const visit = portalFrom(core);

  /**
   * Responds with `answer()`, or with 503 and Retry-After if that fails, so that the sender tries again.
   * @param {() => Promise<Response>} answer
   */
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
    /**
     * @param {Request} request
     * @param {import("../../types/webhook.js").WebhookEnv} env
     * @param {import("../../types/webhook.js").WorkerContext} [context]
     */
    fetch(request, env, context) {
      return available(async () => {
        const keys = keysFrom(env);
        if (request.url.includes("/practices/")) {
          const response = await visit(request, env, context, keys, (forward) => ask(env, forward));
          if (response) return response;
        }
        const { reply, forward } = await receive(core, request, keys);
        if (!forward) return respond(reply ?? core.unavailable());
        let response = await ask(env, forward);
        if (response.status !== 428) return response;
        for (const next of core.admission(forward.input)) {
          response = await ask(env, next);
          if (!response.ok) break;
        }
        return response;
      });
    },
  };

  /**
   * @param {import("../../types/webhook.js").ReceiverOptions} options
   * @returns {(request: Request) => Promise<Response>}
   */
  function createReceiver({ callbackSecrets, store }) {
    const secrets = typeof callbackSecrets === "string" ? secretsOf(callbackSecrets) : [];
    if (secrets.length === 0) {
      throw new TypeError("createReceiver: callbackSecrets must be one or more secrets, separated by commas");
    }
    if (!secrets.every(isSegment)) {
      throw new TypeError("createReceiver: callbackSecrets has a secret that cannot be a segment of a URL's path");
    }
    const keys = { callbackSecrets, adminKey: "", unusable: [] };
    if (typeof store !== "function") throw new TypeError("createReceiver: store must be a function");
    return (request) =>
      available(async () => {
        const { reply, body } = await receive(core, request, keys, { route: callbackPath, isFramed: false });
        if (reply || !body) return respond(reply ?? core.unavailable());
        await store(core.parseCallback(body));
        return respond(core.accepted());
      });
  }

  /** @param {Uint8Array | string} body */
  async function parseCallback(body) {
    await core.ready();
    return core.parseCallback(body);
  }

  return {
    worker,
    PracticeInbox: inboxFrom(core, DurableObject),
    createReceiver,
    createSessionToken: sessionsFrom(core),
    parseCallback,
  };
}

/**
 * Passes an input to a practice's inbox, and returns its reply.
 * @param {import("../../types/webhook.js").WebhookEnv} env
 * @param {import("./core.js").Forward} forward
 */
async function ask(env, { practice, input }) {
  return respond(await inboxOf(env, practice).ask(input));
}

/**
 * Returns the path of a callback relative to where the receiver is mounted; `/`, which is refused, for any other path.
 * @param {string} path
 */
function callbackPath(path) {
  const at = path.lastIndexOf("/callback/");
  return at < 0 ? "/" : path.slice(at);
}
