// Sessions from the portal's own server, for the user who is signed in there: with one, the page reaches its practice through the
// edge function, and never has the practice's token.

export interface EdgeAccess {
  /** Where the edge function is. */
  edgeUrl: string;
  companyId: number;
  /** Gets a session token; null if the user is no longer signed in. */
  session: () => Promise<string | null>;
}

/** The user is not signed in to the portal's server. */
export class SignedOut extends Error {
  constructor() {
    super("You are not signed in to the portal's server.");
  }
}

/** Signs in. The demo portal's server takes everybody; a real one has a form with a password here. */
export async function signIn(): Promise<void> {
  await fetch("/sign-in", { method: "POST" });
}

interface PortalSession {
  edgeUrl: string;
  companyId: number;
  token: string;
}

/** Asks the server that this page came from for a session, and returns how to get more. */
export async function portalAccess(signal: AbortSignal): Promise<EdgeAccess> {
  const first = await newSession(signal);
  if (first === null) throw new SignedOut();
  let next: PortalSession | null = first;
  return {
    edgeUrl: first.edgeUrl,
    companyId: first.companyId,
    session: async () => {
      const session = next ?? (await newSession());
      next = null;
      return session?.token ?? null;
    },
  };
}

/** Returns null if the user is not signed in. */
async function newSession(signal?: AbortSignal): Promise<PortalSession | null> {
  const response = await fetch("/session", { method: "POST", ...(signal === undefined ? {} : { signal }) });
  if (response.status === 401) return null;
  const isSession = response.ok && (response.headers.get("Content-Type") ?? "").includes("json");
  if (isSession) return (await response.json()) as PortalSession;
  if (response.status >= 500) throw new Error("The portal's server has a problem.");
  throw new Error("The server of this page makes no sessions. Run make edge, and open the address that it prints.");
}
