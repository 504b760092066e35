// The requests of portals below /practices: executes what the core decides about them.
import { accessFrom } from "./access.js";
import { headOf, readBody, respond } from "./http.js";
import { inboxOf } from "./inbox.js";
import { closedSocket, LIVE } from "./live.js";
import { logFailure } from "./log.js";
import { relayFrom } from "./relay.js";
import { randomId } from "./sessions.js";

/** @typedef {import("./core.js").Core} Core */
/** @typedef {import("./core.js").Forward} Forward */

/**
 * Returns the handler of portals' requests, for a core.
 * @param {Core} core
 */
export function portalFrom(core) {
  const relay = relayFrom(core);

  /**
   * Returns the response for when the practice's object fails. As a response it gets the CORS headers, so that a page can
   * read it.
   * @param {unknown} error
   */
  const failed = (error) => {
    logFailure("request.failed", error);
    return respond(core.unavailable());
  };

  /**
   * Responds to a portal's request; returns undefined for other requests.
   * @param {Request} request
   * @param {import("../../types/webhook.js").WebhookEnv} env
   * @param {import("../../types/webhook.js").WorkerContext | undefined} context
   * @param {import("./core.js").Keys} keys the names of further unusable variables are added to it
   * @param {(forward: Forward) => Promise<Response>} ask passes an input to a practice's inbox
   * @returns {Promise<Response | undefined>}
   */
  return async function visit(request, env, context, keys, ask) {
    const visit = {
      head: headOf(request),
      origin: request.headers.get("origin"),
      host: request.headers.get("host"),
      upgrade: request.headers.get("upgrade"),
      protocols: request.headers.get("sec-websocket-protocol"),
      adminKey: keys.adminKey,
      ...accessFrom(core, env, keys.unusable),
      tokenId: randomId(),
      now: Date.now(),
    };
    let visited = core.visit(visit);
    /** @type {Uint8Array | undefined} */
    let body;
    if (visited.read) {
      const { reading, headers } = visited.read;
      body = await readBody(request, reading);
      if (body === undefined) return withHeaders(respond(core.incomplete()), headers);
      visited = core.visit(visit, body);
    }
    const { reply, forward, relay: plan, live, close } = visited;
    if (reply) return respond(reply);
    if (close) return closedSocket(...close);
    if (live) return openSocket(env, live);
    if (forward) return withHeaders(await ask(forward.forward).catch(failed), forward.headers);
    if (!plan) return undefined;
    const encodings = request.headers.get("accept-encoding");
    const waitUntil = context && ((/** @type {Promise<void>} */ work) => context.waitUntil(work));
    return withHeaders(await relay(plan, body, encodings, ask, waitUntil).catch(failed), plan.headers);
  };
}

/**
 * Opens a socket to a practice's inbox. If the inbox refuses, its reply holds the code and reason to close the socket with.
 * @param {import("../../types/webhook.js").WebhookEnv} env
 * @param {{ practice: string, opening: string }} live
 */
async function openSocket(env, { practice, opening }) {
  const headers = { Upgrade: "websocket", [LIVE]: opening };
  const response = await inboxOf(env, practice).fetch("https://inbox.invalid/", { headers });
  if (response.status !== 200) return response;
  const [code, reason] = /** @type {[number, string]} */ (await response.json());
  return closedSocket(code, reason);
}

/**
 * Returns the same response with additional headers.
 * @param {Response} response
 * @param {Record<string, string>} headers
 */
function withHeaders(response, headers) {
  const changed = new Response(response.body, response);
  for (const [name, value] of Object.entries(headers)) changed.headers.set(name, value);
  return changed;
}
