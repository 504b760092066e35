// A portal's own server, reduced to what the edge function needs: it knows who is signed in, and gives that user's page a
// session. SESSION_SECRETS is the same as the edge function's. COMPANY_ID is the user's practice, which a real portal reads
// from its database.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { createSessionToken } from "itero-dpms/webhook";

const { SESSION_SECRETS = "", COMPANY_ID = "", PORT = "8788" } = process.env;

/** By cookie. Here anybody may sign in; yours asks for a password. @type {Map<string, { id: string, companyId: string }>} */
const users = new Map();

const server = createServer(async (request, response) => {
  const reply = (/** @type {number} */ status, body = "", headers = {}) =>
    response.writeHead(status, { "Cache-Control": "no-store", ...headers }).end(body);
  const user = users.get(/portal=([^;]+)/.exec(request.headers.cookie ?? "")?.[1] ?? "");
  switch (`${request.method} ${request.url}`) {
    case "POST /sign-in": {
      const cookie = randomUUID();
      users.set(cookie, { id: `user-${users.size + 1}`, companyId: COMPANY_ID });
      return reply(204, "", { "Set-Cookie": `portal=${cookie}; HttpOnly; SameSite=Strict; Path=/` });
    }
    case "POST /session": {
      if (user === undefined) return reply(401);
      /** @type {import("itero-dpms/webhook").SessionScope[]} */
      const scopes = ["practice:read", "orders:read", "files:read", "rx:write", "patients:read", "events:read"];
      return reply(
        200,
        await createSessionToken({ companyId: user.companyId, subject: user.id, scopes }, SESSION_SECRETS),
      );
    }
    default:
      return reply(404);
  }
});
server.listen(Number(PORT), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
