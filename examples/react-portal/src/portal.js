// The page's two lines to the practice: the client, and what live events need. Both go through the edge function, with a session of
// the portal's server, which is kept in memory and nowhere else.
import { createClient } from "itero-dpms";

/** Returns null if nobody is signed in. */
export async function openPortal() {
  const user = await signedIn();
  if (user === null) return null;
  const { token, edgeUrl, companyId } = user;
  const session = async () => (await signedIn())?.token ?? null;
  const refresh = async () => {
    const next = await session();
    if (next === null) throw new Error("Nobody is signed in."); // the call is "unauthorized"
    return next;
  };
  const client = await createClient({ endpoints: { edgeUrl, companyId }, accessToken: token, refresh });
  return { client, edgeUrl, companyId, session };
}

/** Returns what the portal's server gives a user who is signed in, or else null. */
async function signedIn() {
  const response = await fetch("/session", { method: "POST" });
  if (response.status === 401) return null;
  if (!response.ok) throw new Error(`The portal's server responded with ${response.status}.`);
  return response.json();
}
