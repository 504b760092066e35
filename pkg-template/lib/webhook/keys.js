// The secrets that callers must present, as the environment has them.
import { log } from "./log.js";

/** @typedef {import("./core.js").Keys} Keys */

/** The callback secrets that were checked last: those of all requests are the same, and parsing URLs takes time. */
let checked = { secrets: "", areSegments: true };

/** What was logged last, so that a mistake is logged once and not for each request. */
let logged = "";

/**
 * Reads the keys from an environment. A key that no request can present is a mistake: the log names its variable, never its
 * value.
 * @param {{ CALLBACK_SECRETS?: unknown, ADMIN_KEY?: unknown }} env
 * @returns {Keys}
 */
export function keysFrom({ CALLBACK_SECRETS, ADMIN_KEY }) {
  const callbackSecrets = String(CALLBACK_SECRETS ?? "");
  const adminKey = String(ADMIN_KEY ?? "").trim();
  const unusable = [];
  if (callbackSecrets !== checked.secrets) {
    checked = { secrets: callbackSecrets, areSegments: secretsOf(callbackSecrets).every(isSegment) };
  }
  if (!checked.areSegments) unusable.push("CALLBACK_SECRETS");
  if (!/^[\x20-\x7e]*$/.test(adminKey)) unusable.push("ADMIN_KEY");
  const now = unusable.join();
  if (now !== logged && now !== "") log({ event: "settings.refused", variables: unusable }, console.error);
  logged = now;
  return { callbackSecrets, adminKey, unusable };
}

/**
 * Returns the secrets of a comma-separated list.
 * @param {string} list
 */
export const secretsOf = (list) =>
  list
    .split(",")
    .map((secret) => secret.trim())
    .filter((secret) => secret !== "");

/**
 * Returns whether a secret can be the last segment of a URL's path, where some characters end the path or are encoded.
 * @param {string} secret
 */
export function isSegment(secret) {
  const path = `/callback/${secret}`;
  return !secret.includes("/") && new URL(path, "https://edge.invalid").pathname === path;
}
