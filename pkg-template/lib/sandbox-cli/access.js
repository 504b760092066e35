// Who may use the server. Its token is public unless --token sets another, so without these rules any page that the user
// opens could control the practice, and make it POST callbacks into the local network.
import { isIP } from "node:net";

/** Which pages may call the API: all, as the practice is made up, unless --no-cors is given. */
const API_CORS = { "access-control-allow-origin": "*" };

const EXPOSED = { "access-control-expose-headers": "content-length, content-encoding, retry-after" };

const PREFLIGHT = {
  "access-control-allow-methods": "GET, HEAD, POST, PATCH, DELETE",
  // The last two are added by tracing tools in pages.
  "access-control-allow-headers": "authorization, content-type, traceparent, tracestate",
  "access-control-max-age": "600",
};

const WRONG_HOST =
  "The request's Host header is neither localhost, an IP address nor what --host names. If clients reach the sandbox by " +
  "another name, start it with --allow-host <name>.";

const WRONG_ORIGIN =
  "Pages of other origins may call the API only, not /sandbox/. To allow a page the control operations as well, start the " +
  "sandbox with --allow-origin <origin>.";

/** Why a request is refused, as a sentence that names the flag. */
export class Refusal extends Error {}

/** @typedef {{ hosts: string[], origins: string[], cors: boolean }} Allowed */

/**
 * Returns the absolute URL of a request, with the host name that the client used; `null` if `path` does not begin with a
 * slash. Throws a `Refusal` if that host is not one of this server's.
 *
 * @param {string | undefined} host the header
 * @param {string} path
 * @param {string} ownHost for clients of HTTP/1.0, which need not send the header
 * @param {Allowed} allowed
 */
export function urlOf(host, path, ownHost, { hosts }) {
  const named = host ?? ownHost;
  // Not everything that a URL could hold there: no user name, no path.
  const base = /^(\[[\da-f:.]+\]|[\w.-]+)(:\d+)?$/i.test(named) && URL.canParse(`http://${named}`);
  const url = base ? new URL(`http://${named}`) : null;
  if (url === null || !isTrustedName(url.hostname, hosts)) throw new Refusal(WRONG_HOST);
  return path.startsWith("/") ? new URL(url.origin + path) : null;
}

/**
 * Returns whether a request with this host name is safe. With DNS rebinding, another site makes its own name resolve to this
 * machine, and its pages send that name. They cannot make a browser send an IP address or a loopback name.
 *
 * @param {string} name @param {string[]} hosts
 */
function isTrustedName(name, hosts) {
  const isLocal = name === "localhost" || name.endsWith(".localhost") || isIP(name.replace(/^\[|\]$/g, "")) !== 0;
  return isLocal || hosts.some((host) => host.toLowerCase() === name);
}

/**
 * Returns the response's CORS headers. Throws a `Refusal` if a page may not make the request.
 *
 * @param {string | undefined} origin the header, which browsers send
 * @param {URL} url
 * @param {Allowed} allowed
 */
export function corsHeaders(origin, url, { origins, cors }) {
  if (!url.pathname.startsWith("/sandbox/")) return cors ? { ...API_CORS, ...EXPOSED } : {};
  if (origin === undefined || origin === url.origin) return {};
  if (origins.includes("*")) return { ...API_CORS, ...EXPOSED };
  if (!origins.includes(origin)) throw new Refusal(WRONG_ORIGIN);
  return { "access-control-allow-origin": origin, vary: "Origin", ...EXPOSED };
}

/** The response to a preflight of a request that may be made. */
export const preflight = () => new Response(null, { status: 204, headers: PREFLIGHT });
