// Where the embedded practice answers, known to the page and to the service worker alike.

/** Below the page's own origin. */
export const SANDBOX_PATH = "/sandbox-practice";

/** The sandbox's first token: no secret, it opens demo data only. */
export const SANDBOX_TOKEN = "sandbox-access-token";

/**
 * Plays the portal's own server, which keeps the refresh token and the client's secret and gives the page an access token
 * that is let in.
 */
export const FRESH_TOKEN_PATH = `${SANDBOX_PATH}/portal-server/access-token`;
