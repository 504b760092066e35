// Where the embedded practice answers, known to the page and to the service worker alike.

/** Below the page's own origin. */
export const SANDBOX_PATH = "/sandbox-practice";

/** The sandbox's standard token: no secret, it opens demo data only. */
export const SANDBOX_TOKEN = "sandbox-access-token";
