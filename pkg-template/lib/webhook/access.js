// What gives portals access: the secrets that sign their sessions, and the origins of their pages.
import { log } from "./log.js";

/** @typedef {{ sessionSecrets: string, allowedOrigins: string }} Access */

/** What was logged last, so that a mistake is logged once and not for each request. */
let logged = "";

/**
 * Reads the access from an environment. A variable that can never work is a mistake: it is named in the log and added to
 * `unusable`.
 * @param {import("./core.js").Core} core
 * @param {{ SESSION_SECRETS?: unknown, ALLOWED_ORIGINS?: unknown }} env
 * @param {string[]} unusable
 * @returns {Access}
 */
export function accessFrom(core, { SESSION_SECRETS, ALLOWED_ORIGINS }, unusable) {
  const sessionSecrets = String(SESSION_SECRETS ?? "");
  const allowedOrigins = String(ALLOWED_ORIGINS ?? "");
  const variables = [];
  if (!core.areSessionSecrets(sessionSecrets)) variables.push("SESSION_SECRETS");
  if (!allowedOrigins.split(",").every(isOrigin)) variables.push("ALLOWED_ORIGINS");
  const now = variables.join();
  if (now !== logged && now !== "") log({ event: "settings.refused", variables }, console.error);
  logged = now;
  unusable.push(...variables);
  return { sessionSecrets, allowedOrigins };
}

/**
 * Returns whether a text, without the spaces around it, is empty or what a browser sends as `Origin`.
 * @param {string} text
 */
function isOrigin(text) {
  const origin = text.trim();
  if (origin === "") return true;
  try {
    return /^https?:/.test(origin) && new URL(origin).origin === origin;
  } catch {
    return false;
  }
}
