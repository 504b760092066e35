// An edge function that relays for one practice to an API that answers as scripted.
import { request as httpRequest } from "node:http";
import { createSessionToken } from "itero-dpms/webhook";
import { startEdge } from "./edge.mjs";
import { json, startFaultyServer, text } from "./faulty-server.mjs";

export const SESSION_SECRET = "session-secret-of-thirty-two-byte";
export const PORTAL = "https://portal.example";
export const SESSION_ENV = { SESSION_SECRETS: SESSION_SECRET, ALLOWED_ORIGINS: PORTAL };

export const ALL_SCOPES = [
  "practice:read",
  "orders:read",
  "files:read",
  "rx:write",
  "patients:read",
  "patients:write",
  "events:read",
];

/** A session token of practice 77. */
export const session = (options = {}, secret = SESSION_SECRET) =>
  createSessionToken({ companyId: 77, subject: "user-1", scopes: ALL_SCOPES, ...options }, secret);

/**
 * @param {Pick<import("node:test").TestContext, "after">} t
 * @param {(request: import("./faulty-server.mjs").SeenRequest) => import("./faulty-server.mjs").Step | undefined} [answer]
 *   what the API answers, if it is not an empty object
 * @param {{ refresh?: boolean, env?: Record<string, string>, testWorker?: boolean, register?: boolean }} [options]
 */
export async function startRelay(t, answer = () => undefined, options = {}) {
  const edge = await startEdge(t, { env: { ...SESSION_ENV, ...options.env }, testWorker: options.testWorker });
  const api = {
    answer,
    /** The token that is accepted, and how often one was renewed. */
    accessToken: "ACCESS-TOKEN-0",
    renewals: 0,
    renew: () => json(200, { access_token: (api.accessToken = `ACCESS-TOKEN-${api.renewals}`), refresh_token: "next" }),
  };
  const server = await startFaultyServer((request) => {
    if (request.path === "/token") {
      api.renewals += 1;
      return api.renew();
    }
    // The inbox lists orders by itself.
    if (request.headers["user-agent"]?.startsWith("itero-dpms/"))
      return json(200, { Data: { Results: [], HasMore: false }, Status: 1 });
    relayed.push(request);
    if (request.headers.authorization !== `Bearer ${api.accessToken}`) return text(401, "");
    return api.answer(request) ?? json(200, {});
  });
  t.after(() => server.close());
  /** The requests that the relay made. @type {import("./faulty-server.mjs").SeenRequest[]} */
  const relayed = [];
  const registration = {
    endpoints: { baseUrl: server.baseUrl, v3: { domain: server.baseUrl, path: "third-party/v3" } },
    accessToken: api.accessToken,
    ...(options.refresh === true && {
      refresh: {
        tokenUrl: `${server.baseUrl}/token`,
        clientId: "id",
        clientSecret: "CLIENT-SECRET",
        refreshToken: "first",
      },
    }),
  };
  if (options.register !== false) {
    await edge.register(77, registration);
    await edge.stateWhen(77, ({ lastReconcile }) => lastReconcile !== null);
  }
  const token = await session();
  const url = `${edge.url}/practices/77/api`;
  return {
    edge,
    api,
    relayed,
    registration,
    url,
    token,
    /** Makes a call below `/api/` with a session of every scope. */
    call: (path, { method = "GET", bearer = token, headers = {}, ...init } = {}) =>
      fetch(`${url}/${path}`, {
        method,
        redirect: "manual",
        headers: { ...(bearer !== null && { Authorization: `Bearer ${bearer}` }), ...headers },
        ...init,
      }),
    /** The same with a path that no URL's parser has touched; its status. */
    rawCall: (path, { method = "GET", bearer = token } = {}) =>
      new Promise((resolve, reject) => {
        const { hostname, port } = new URL(edge.url);
        const headers = { Authorization: `Bearer ${bearer}` };
        const outgoing = httpRequest(
          { hostname, port, method, path: `/practices/77/api/${path}`, headers },
          (response) => {
            response.resume();
            resolve(response.statusCode);
          },
        );
        outgoing.on("error", reject);
        outgoing.end();
      }),
    /** The lines of the log about relayed calls. */
    lines: () =>
      edge
        .output()
        .split("\n")
        .filter((line) => line.includes('"relay.call"'))
        .map((line) => JSON.parse(line)),
  };
}
