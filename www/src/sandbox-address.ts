// The address of the embedded practice, shared by the page and the service worker.

/** Below the page's own origin. */
export const SANDBOX_PATH = "/sandbox-practice";

/** The sandbox's first token. Not a secret: it only opens demo data. */
export const SANDBOX_TOKEN = "sandbox-access-token";

/**
 * Stands in for the portal's server, which keeps the refresh token and the client secret and gives the page a valid access
 * token.
 */
export const FRESH_TOKEN_PATH = `${SANDBOX_PATH}/portal-server/access-token`;
