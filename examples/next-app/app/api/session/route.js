// Gives the page of a signed-in user a session, with which it can follow the practice's events at the edge function, and
// nothing else. Here everybody counts as signed in; in your app, check who the user is and which practice the user belongs to.
import { createSessionToken } from "itero-dpms/webhook";

export async function POST() {
  const { EDGE_URL: edgeUrl, COMPANY_ID: companyId, SESSION_SECRETS } = process.env;
  const token = await createSessionToken({ companyId, subject: "user-1", scopes: ["events:read"] }, SESSION_SECRETS);
  return Response.json({ token, edgeUrl, companyId }, { headers: { "Cache-Control": "no-store" } });
}
