// The portal's own server, reduced to what the page needs: it knows who is signed in, and gives that user's page a session.
// Here everybody counts as signed in; examples/portal-server uses a cookie.
import { createSessionToken } from "itero-dpms/webhook";

export function portalServer({ edgeUrl, companyId, sessionSecret }) {
  return async (request, response, next) => {
    if (`${request.method} ${request.url}` !== "POST /session") return next();
    const scopes = ["orders:read", "files:read", "events:read"];
    const token = await createSessionToken({ companyId, subject: "user-1", scopes }, sessionSecret);
    response.setHeader("Content-Type", "application/json").setHeader("Cache-Control", "no-store");
    response.end(JSON.stringify({ token, edgeUrl, companyId }));
  };
}
