// One connection to one practice: everything the views need to work with it.
import {
  createClient,
  orderStatuses,
  procedures,
  type CallOptions,
  type DpmsClient,
  type OrderStatusInfo,
  type PracticeConfiguration,
  type Procedure,
} from "itero-dpms";
import { SANDBOX_TOKEN } from "./sandbox-address";
import { hostSandbox } from "./sandbox-host";
import { createScanner, type Scanner } from "./scanner";

export interface Session {
  kind: "sandbox" | "own";
  baseUrl: string;
  /** Who answers, in a sentence for the connection panel. */
  note: string;
  client: DpmsClient;
  practice: PracticeConfiguration;
  procedures: readonly Procedure[];
  statuses: readonly OrderStatusInfo[];
  /** Plays the scanner where the server is a sandbox, else null. */
  scanner: Scanner | null;
}

export interface Credentials {
  baseUrl: string;
  accessToken: string;
}

export async function connectSandbox(signal: AbortSignal): Promise<Session> {
  const { baseUrl, fetch, note } = await hostSandbox();
  const client = await createClient({ endpoints: { baseUrl }, accessToken: SANDBOX_TOKEN, fetch });
  return {
    kind: "sandbox",
    baseUrl,
    note,
    scanner: createScanner(baseUrl, SANDBOX_TOKEN, fetch),
    ...(await greet(client, { signal })),
  };
}

export async function connectOwn({ accessToken, ...entered }: Credentials, signal: AbortSignal): Promise<Session> {
  // As the client reads it: an address without a scheme is https.
  const baseUrl = entered.baseUrl.includes("://") ? entered.baseUrl : `https://${entered.baseUrl}`;
  const client = await createClient({ endpoints: { baseUrl }, accessToken });
  return {
    kind: "own",
    baseUrl,
    note: `Connected to ${new URL(baseUrl).host}.`,
    // Only a sandbox runs on the reader's own machine; a real practice has a real scanner.
    scanner: isThisMachine(baseUrl) ? createScanner(baseUrl, accessToken, (input, init) => fetch(input, init)) : null,
    // A person waits for this answer: say at once what is wrong instead of trying again.
    ...(await greet(client, { signal, timeoutMs: 15_000, retry: false })),
  };
}

/** The first call proves address and token; the tables come with the package. */
async function greet(client: DpmsClient, options: CallOptions) {
  const [practice, procedureTable, statusTable] = await Promise.all([
    client.practiceConfiguration(options),
    procedures(),
    orderStatuses(),
  ]);
  return { client, practice, procedures: procedureTable, statuses: statusTable };
}

export function isThisMachine(baseUrl: string): boolean {
  try {
    return ["localhost", "127.0.0.1", "[::1]"].includes(new URL(baseUrl).hostname);
  } catch {
    return false;
  }
}
