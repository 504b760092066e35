// Gives the page of a user who is signed in a session, with which it may follow the practice's events at the edge function and do
// nothing else. Here anybody is signed in; yours looks who it is, and to which practice the user belongs.
import { createSessionToken } from "itero-dpms/webhook";

export async function POST() {
  const { EDGE_URL: edgeUrl, COMPANY_ID: companyId, SESSION_SECRETS } = process.env;
  const token = await createSessionToken({ companyId, subject: "user-1", scopes: ["events:read"] }, SESSION_SECRETS);
  return Response.json({ token, edgeUrl, companyId }, { headers: { "Cache-Control": "no-store" } });
}
