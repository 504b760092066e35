// What the page needs to reach the practice: the client, and the arguments for live events. Both use the edge function, with a
// session from the portal's server, which is kept in memory only.
import { createClient } from "itero-dpms";

/** Returns null if nobody is signed in. */
export async function openPortal() {
  const user = await signedIn();
  if (user === null) return null;
  const { token, edgeUrl, companyId } = user;
  const session = async () => (await signedIn())?.token ?? null;
  const refresh = async () => {
    const next = await session();
    if (next === null) throw new Error("Nobody is signed in."); // the call rejects with "unauthorized"
    return next;
  };
  const client = await createClient({ endpoints: { edgeUrl, companyId }, accessToken: token, refresh });
  return { client, edgeUrl, companyId, session };
}

/** Returns what the portal's server gives a signed-in user, or null. */
async function signedIn() {
  const response = await fetch("/session", { method: "POST" });
  if (response.status === 401) return null;
  if (!response.ok) throw new Error(`The portal's server responded with ${response.status}.`);
  return response.json();
}
