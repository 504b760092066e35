// One connection to one practice: everything the views need to work with it.
import {
  createClient,
  orderStatuses,
  procedures,
  type CallOptions,
  type DiscoveredEndpoints,
  type DpmsClient,
  type LegacyEndpoints,
  type OrderStatusInfo,
  type PracticeConfiguration,
  type Procedure,
} from "itero-dpms";
import type { ActivityLog } from "./activity";
import { FRESH_TOKEN_PATH, SANDBOX_TOKEN } from "./sandbox-address";
import { sandboxControls, type SandboxControls } from "./sandbox-controls";
import { portalAccess, SignedOut, type EdgeAccess } from "./portal-session";
import { hostSandbox } from "./sandbox-host";

export interface Session {
  kind: "sandbox" | "own" | "edge";
  /** The base URL of the V2 calls; identifies the connection. */
  address: string;
  /** Where the practice runs, in a sentence for the connection panel. */
  note: string;
  client: DpmsClient;
  /** Whether the practice's patients can be listed: only V3 does that. */
  listsPatients: boolean;
  practice: PracticeConfiguration;
  procedures: readonly Procedure[];
  statuses: readonly OrderStatusInfo[];
  /** The sandbox's controls, or null if the server is not a sandbox. */
  sandbox: SandboxControls | null;
  /** How to reach the practice's live events, or null if the page has no session at an edge function. */
  edge: EdgeAccess | null;
}

export interface Credentials {
  endpoints: DiscoveredEndpoints | LegacyEndpoints;
  accessToken: string;
}

export async function connectSandbox(signal: AbortSignal, activity: ActivityLog): Promise<Session> {
  const { baseUrl, v3, fetch, note } = await hostSandbox();
  const refresh = async (): Promise<string> => {
    const response = await fetch(location.origin + FRESH_TOKEN_PATH);
    if (!response.ok) throw new Error("No new token is available.");
    return ((await response.json()) as { accessToken: string }).accessToken;
  };
  // The first one may have expired before the page was loaded.
  const accessToken = await refresh().catch(() => SANDBOX_TOKEN);
  const client = await createClient({
    endpoints: { baseUrl, v3 },
    accessToken,
    refresh,
    fetch,
    onEvent: activity.listener(),
  });
  return {
    kind: "sandbox",
    address: baseUrl,
    note,
    listsPatients: true,
    sandbox: sandboxControls(baseUrl, SANDBOX_TOKEN, fetch),
    edge: null,
    ...(await loadPractice(client, { signal })),
  };
}

export async function connectOwn(
  { endpoints, accessToken }: Credentials,
  signal: AbortSignal,
  activity: ActivityLog,
): Promise<Session> {
  const sandbox = ownSandbox(endpoints, accessToken);
  const client = await createClient({
    endpoints,
    accessToken,
    onEvent: activity.listener(),
    // For other servers, a new token comes from the portal's server, which this page does not have.
    ...(sandbox === null ? {} : { refresh: () => sandbox.freshToken() }),
  });
  const address = addressOf(endpoints);
  return {
    kind: "own",
    address,
    note: `Connected to ${new URL(address).host}.`,
    listsPatients: endpoints.v3 !== undefined,
    sandbox,
    edge: null,
    // The user is waiting: report an error at once instead of retrying.
    ...(await loadPractice(client, { signal, timeoutMs: 15_000, retry: false })),
  };
}

/** Connects to the practice of the user who is signed in to this page's server, through the edge function. */
export async function connectEdge(signal: AbortSignal, activity: ActivityLog): Promise<Session> {
  const access = await portalAccess(signal);
  const { edgeUrl, companyId } = access;
  const session = async (): Promise<string> => {
    const token = await access.session();
    if (token === null) throw new SignedOut();
    return token;
  };
  const client = await createClient({
    endpoints: { edgeUrl, companyId },
    accessToken: await session(),
    refresh: session,
    onEvent: activity.listener(),
  });
  return {
    kind: "edge",
    address: `${edgeUrl}/practices/${companyId}`,
    note: `Through the edge function at ${new URL(edgeUrl).host}: this page has a session, and never the practice's token.`,
    listsPatients: true,
    sandbox: await scanner(signal),
    edge: access,
    ...(await loadPractice(client, { signal, timeoutMs: 15_000, retry: false })),
  };
}

/** Returns the controls of the sandbox that the edge function watches, if it does. They go through the page's server, which has its token. */
async function scanner(signal: AbortSignal): Promise<SandboxControls | null> {
  const found = await fetch("/scanner/", { signal });
  // Some servers respond with their start page instead of 404.
  const isScanner = found.status === 200 && (found.headers.get("Content-Type") ?? "").includes("json");
  if (!isScanner) return null;
  return { ...sandboxControls("/scanner", null, (input, init) => fetch(input, init)), expireToken: null };
}

/** Only a sandbox runs on the user's own machine; a real practice has a real scanner. */
function ownSandbox(endpoints: Credentials["endpoints"], accessToken: string) {
  const address = addressOf(endpoints);
  if (!isThisMachine(address)) return null;
  const baseUrl = address.replace(/\/api\/third-party\/v2\/*$/, "");
  const controls = sandboxControls(baseUrl, accessToken, (input, init) => fetch(input, init));
  let token: string | null = null;
  return {
    ...controls,
    expireToken: async () => (token = await controls.expireToken()),
    freshToken: async () => token ?? Promise.reject(new Error("No new token is available.")),
  };
}

/** Returns the base URL of V2 as the client reads it: https if the address has no scheme. */
function addressOf(endpoints: Credentials["endpoints"]): string {
  const { domain, path } = "baseUrl" in endpoints ? { domain: endpoints.baseUrl, path: "" } : (endpoints.v2 ?? NOWHERE);
  const origin = domain.includes("://") ? domain : `https://${domain}`;
  return path === "" ? origin : `${origin.replace(/\/+$/, "")}/${path.replace(/^\/+/, "")}`;
}

const NOWHERE = { domain: "", path: "" };

/** Makes the first call, which checks the address and the token; the tables come with the package. */
async function loadPractice(client: DpmsClient, options: CallOptions) {
  const [practice, procedureTable, statusTable] = await Promise.all([
    client.practiceConfiguration(options),
    procedures(),
    orderStatuses(),
  ]);
  return { client, practice, procedures: procedureTable, statuses: statusTable };
}

export function isThisMachine(address: string): boolean {
  try {
    return ["localhost", "127.0.0.1", "[::1]"].includes(new URL(address).hostname);
  } catch {
    return false;
  }
}
