// What lets portals in: the secrets that sign their sessions, and the origins of their pages.
import { log } from "./log.js";

/** @typedef {{ sessionSecrets: string, allowedOrigins: string }} Access */

/** What was logged last, so that a mistake is one line and not one for each request. */
let logged = "";

/**
 * The access of an environment. What can never let anybody in is a mistake, which is named in the log and in `unusable`.
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
 * Whether a text, but for spaces around it, is what a browser sends as `Origin`, or nothing.
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
