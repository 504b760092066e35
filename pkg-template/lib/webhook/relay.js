// The relay: makes a page's call to the API with the practice's token, as the core decides.
import { respond } from "./http.js";
import { Limits } from "./limits.js";
import { log } from "./log.js";
import { PracticeTokens } from "./practice-tokens.js";
import { passOn } from "./pass-on.js";

/** @typedef {import("./core.js").Core} Core */
/** @typedef {import("./core.js").Plan} Plan */
/** @typedef {import("./core.js").Forward} Forward */
/** @typedef {import("./core.js").Next} Next */
/** @typedef {import("./practice-tokens.js").PracticeToken} PracticeToken */
/** @typedef {(forward: Forward) => Promise<Response>} Ask */

/** How long the API may take to send the headers of its response. */
const SILENCE_MS = 30_000;

/**
 * Returns the relay for a core.
 * @param {Core} core
 */
export function relayFrom(core) {
  const limits = new Limits();
  const tokens = new PracticeTokens();

  /**
   * Passes a call on, and returns the response for the page.
   * @param {Plan} plan
   * @param {Uint8Array | undefined} body
   * @param {string | null} encodings what the page accepts: its `Accept-Encoding`
   * @param {Ask} ask
   * @param {((work: Promise<void>) => void) | undefined} waitUntil
   */
  return async function relay(plan, body, encodings, ask, waitUntil) {
    const begun = Date.now();
    const { companyId, subject, endpoint } = plan;
    const place = limits.enter(plan);
    /**
     * @param {number} status
     * @param {number} bytes
     */
    const end = (status, bytes) => {
      place?.leave();
      log({ event: "relay.call", companyId, subject, endpoint, status, ms: Date.now() - begun, bytes });
    };
    /** @param {Response} response */
    const refuse = (response) => {
      end(response.status, 0);
      return response;
    };
    if (!place) return refuse(respond(core.relayRefusal("busy")));
    try {
      const called = await call(plan, body, encodings, (refused) => tokens.get(ask, plan, refused));
      if (called instanceof Response) return refuse(called);
      const { response, pass, controller, token } = called;
      if (token.unproven && pass.status < 500) await tokens.proven(ask, plan, token);
      return passOn(response, pass, controller, place, end, waitUntil);
    } catch (error) {
      end(503, 0);
      throw error;
    }
  };

  /**
   * Makes the call, and repeats it with a renewed token and for redirects. Returns the API's response, or the page's
   * response instead.
   * @param {Plan} plan
   * @param {Uint8Array | undefined} body
   * @param {string | null} encodings
   * @param {(refused?: number) => Promise<PracticeToken | Response>} token
   */
  async function call(plan, body, encodings, token) {
    let practice = await token();
    if (practice instanceof Response) return practice;
    let renewed = false;
    let followed = 0;
    /** @type {string | undefined} */
    let redirected;
    for (;;) {
      const base = practice[plan.version];
      if (base === null) return respond(core.relayRefusal("not-located"));
      const url = redirected ?? `${base}/${plan.path}`;
      const { response, controller, outcome } = await send(url, plan, body, encodings, practice.token);
      const bases = [practice.v2, practice.v3].filter((location) => location !== null);
      const next = core.answered({ method: plan.method, url, bases, followed, renewed, outcome });
      if (response && next.pass) return { response, pass: next.pass, controller, token: practice };
      void response?.body?.cancel().catch(() => {});
      if (next.reply) {
        // Refused again, though renewed: the object knows whether there is more that it can do.
        const again = response?.status === 401 ? await token(practice.number) : undefined;
        return again instanceof Response ? again : respond(next.reply);
      }
      if (next.follow === undefined) {
        practice = await token(practice.number);
        if (practice instanceof Response) return practice;
        renewed = true;
        redirected = undefined;
      } else {
        followed += 1;
        redirected = next.follow;
      }
    }
  }
}

/**
 * Sends one request to the API. The controller aborts it and, later, the response's body.
 * @param {string} url
 * @param {Plan} plan
 * @param {Uint8Array | undefined} body
 * @param {string | null} encodings
 * @param {string} token
 */
async function send(url, { method }, body, encodings, token) {
  const controller = new AbortController();
  let silent = false;
  const timer = setTimeout(() => {
    silent = true;
    controller.abort();
  }, SILENCE_MS);
  /** @type {Record<string, string>} */
  const headers = {
    authorization: `Bearer ${token}`,
    // What comes encoded is encoded again for the page, which must take it.
    "accept-encoding": /\bgzip\b/.test(encodings ?? "") ? "gzip" : "identity",
  };
  if (body) headers["content-type"] = "application/json";
  const { signal } = controller;
  try {
    const response = await fetch(url, {
      method,
      headers,
      body: /** @type {BodyInit | undefined} */ (body) ?? null,
      redirect: "manual",
      signal,
    });
    const { status } = response;
    return { response, controller, outcome: { response: { status, headers: Object.fromEntries(response.headers) } } };
  } catch {
    /** @type {"silence" | "network"} */
    const outcome = silent ? "silence" : "network";
    return { controller, outcome };
  } finally {
    clearTimeout(timer);
  }
}
