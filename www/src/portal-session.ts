// Sessions from the portal's own server, for the user who is signed in there. With a session, the page reaches its practice
// through the edge function, and never has the practice's token.

export interface EdgeAccess {
  /** The edge function's URL. */
  edgeUrl: string;
  companyId: number;
  /** Returns a session token; null if the user is no longer signed in. */
  session: () => Promise<string | null>;
}

/** The user is not signed in to the portal's server. */
export class SignedOut extends Error {
  constructor() {
    super("You are not signed in to the portal's server.");
  }
}

/** Signs in. The demo portal's server accepts everybody; a real one has a form with a password here. */
export async function signIn(): Promise<void> {
  await fetch("/portal/sign-in", { method: "POST" });
}

/** Finds the edge function of this page's practice, and a first session there. Returns how to get more sessions. */
export async function portalAccess(signal: AbortSignal): Promise<EdgeAccess> {
  const found = await fetch("/portal/", { signal });
  const isPortal = found.status === 200 && (found.headers.get("Content-Type") ?? "").includes("json");
  if (!isPortal) throw new Error("This page's server makes no sessions. Run make edge beside it, and try again.");
  const { edgeUrl, companyId } = (await found.json()) as { edgeUrl: string; companyId: number };
  let first = await newSession(signal);
  if (first === null) throw new SignedOut();
  return {
    edgeUrl,
    companyId,
    session: async () => {
      const token = first ?? (await newSession());
      first = null;
      return token;
    },
  };
}

/** Returns null if the user is not signed in. */
async function newSession(signal: AbortSignal | null = null): Promise<string | null> {
  const response = await fetch("/portal/session", { method: "POST", signal });
  const token = await response.text();
  if (response.status === 401) return null;
  if (!response.ok) throw new Error("The portal's server has a problem.");
  return token;
}
