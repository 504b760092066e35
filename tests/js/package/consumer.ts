// A user's strict TypeScript: each public call as a portal would write it, with every option and every top-level field.
import {
  DpmsError,
  createClient,
  findProcedure,
  isDpmsError,
  orderStatuses,
  parsePairingResponse,
  procedures,
  unitTypes,
  type ApiLocation,
  type CallOptions,
  type ClientEvent,
  type ErrorKind,
  type ClientOptions,
  type DownloadOptions,
  type DownloadProgress,
  type DpmsClient,
  type Order,
  type OrderChange,
  type OrderStatusInfo,
  type OrdersCursor,
  type OrdersFilter,
  type OrdersPage,
  type OrdersPoll,
  type OrdersQuery,
  type Pairing,
  type Patient,
  type PatientByChartUpdate,
  type PatientMatch,
  type PatientRecord,
  type PatientUpdate,
  type PatientsFilter,
  type PatientsPage,
  type PatientsQuery,
  type PollOptions,
  type PracticeConfiguration,
  type Procedure,
  type RetryOptions,
  type ScanRequest,
  type ScreenCaptures,
  type SendTo,
  type UnitType,
  type WalkOptions,
} from "itero-dpms";
import webhook, {
  PracticeInbox,
  createReceiver,
  type Callback,
  type EventsPage,
  type LinkKind,
  type PracticeState,
  type Registration,
  type WebhookEnv,
} from "itero-dpms/webhook";
import {
  createSandbox,
  type Sandbox,
  type SandboxExportSettings,
  type SandboxFault,
  type SandboxOptions,
} from "itero-dpms/sandbox";

/** Compiles only when A and B are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <T extends true>(): T | undefined => undefined;

const retry: RetryOptions = { attempts: 3, baseDelayMs: 250, maxDelayMs: 10_000, create: false };
const location: ApiLocation = { domain: "https://dpms.invalid", path: "third-party/v2" };

const options: ClientOptions = {
  endpoints: { baseUrl: "https://dpms.invalid" },
  accessToken: async () => "token",
  refresh: async (rejectedToken: string) => `${rejectedToken}+1`,
  fetch: globalThis.fetch,
  timeoutMs: 30_000,
  deadlineMs: 120_000,
  maxResponseBytes: 33_554_432,
  retry,
  trustedOrigins: ["https://files.invalid"],
  onEvent: (event: ClientEvent) => {
    const type: "request" | "response" | "retry" | "refresh" | "wait" | "unexpected-value" | "failure" | "cancelled" =
      event.type;
    const attempt: number = event.attempt;
    const callId: number = event.callId;
    const kind: ErrorKind | undefined = event.kind;
    const where: [string | undefined, number | undefined] = [event.path, event.count];
    const rest: [string, string, number | undefined, number | undefined, number | undefined] = [
      event.method,
      event.endpoint,
      event.status ?? undefined,
      event.durationMs ?? undefined,
      event.delayMs ?? undefined,
    ];
    void [type, attempt, callId, kind, where, rest];
  },
};

export async function everyCall(): Promise<void> {
  const client: DpmsClient = await createClient(options);
  await createClient({ endpoints: { v2: location }, accessToken: "token", retry: false });
  await createClient({ endpoints: { v2: location, v3: location }, accessToken: () => "token" });

  const call: CallOptions = { signal: new AbortController().signal, timeoutMs: 1000, retry: { attempts: 1 } };

  const practice: PracticeConfiguration = await client.practiceConfiguration(call);
  const companyName: string | null = practice.companyName;
  for (const lab of practice.labs) {
    const types: string[] = lab.types;
    const dental: boolean = lab.types.includes("Dental");
    void [types, dental];
  }
  const doctors: { id: number; name: string | null; supportedCaseTypes: number[] | null }[] = practice.doctors;
  const unitTypes: { id: number; name: string | null }[] = practice.unitTypes;

  const request: ScanRequest = {
    companyId: practice.companyId,
    doctorId: "501",
    patientFirstName: "Maria",
    patientLastName: "Jansen",
    patientChartNumber: "C-17",
    gender: "female",
    dateOfBirth: "1990-02-28",
    notes: null,
    labId: null,
    procedureMapId: 30,
    licenseNumber: null,
  };
  const rxId: string = await client.createScanRequest(request, call);
  await client.createScanRequest({
    companyId: 1,
    doctorId: 2,
    patientFirstName: "a",
    patientLastName: "b",
    patientChartNumber: "c",
  });

  const query: OrdersQuery = {
    offset: 0,
    pageSize: 100,
    dateFrom: "2025-01-01",
    dateTo: "2025-12-31",
    chartNumber: "C-17",
  };
  const page: OrdersPage = await client.listOrders(query, call);
  await client.listOrders();
  const counts: [number, number, boolean] = [page.offset, page.pageSize, page.hasMore];

  const filter: OrdersFilter = { pageSize: 10, chartNumber: "C-17" };
  for await (const each of client.orders(filter, call)) {
    const order: Order = each;
    void order;
  }
  const iterator: AsyncIterableIterator<Order> = client.orders();

  const order: Order = await client.getOrder(rxId, call);
  same<Same<typeof order.rxId, string>>();
  same<Same<typeof order.orderId, number>>();
  same<Same<typeof order.scanningDate, string | null>>();
  same<Same<typeof order.scanningTime, number | null>>();
  same<Same<typeof order.labId, number | null>>();
  same<Same<typeof order.patientId, number | null>>();
  same<Same<typeof order.links.screenCaptures, string | null>>();
  const status: string | null = order.status;
  if (order.status === "Lab Review") void order.status;
  const adaId: number | null | undefined = order.preps[0]?.adaId;

  const download: DownloadOptions = {
    ...call,
    waitMs: 180_000,
    onProgress: (progress: DownloadProgress) => {
      const state: "waiting" | "downloading" | "done" = progress.state;
      const bytes: [number, number | null] = [progress.receivedBytes, progress.totalBytes];
      void [state, bytes];
    },
  };
  const response: Response | null = await client.downloadScan(order.orderId, "IDE", download);
  await client.downloadScan("700100", "IMAGE_GALLERY");
  await client.downloadScan(700100, "SCREEN_CAPTURE");
  if (response) await response.arrayBuffer();

  const table: Procedure[] = await procedures();
  const sendTo: SendTo = "ortho-lab";
  const procedure: Procedure | null = await findProcedure({ procedure: "Fixed Restorative", type: null, sendTo });
  const statuses: OrderStatusInfo[] = await orderStatuses();
  const handling: string | null | undefined = statuses[0]?.handling;

  void [companyName, doctors, unitTypes, counts, iterator, status, adaId, table, procedure, handling];
}

export async function everyNewerCall(client: DpmsClient, call: CallOptions): Promise<void> {
  await createClient({ ...options, endpoints: { baseUrl: "https://dpms.invalid", v3: location } });
  const deleted: string = await client.deleteScanRequest("5d0f2c4e-9a1b-4c3d-8e7f-60718293a4b5", call);

  const walking: WalkOptions = { ...call, pagesAhead: 4 };
  for await (const { rxId } of client.orders({ pageSize: 250 }, walking)) void rxId;
  const polling: PollOptions = { ...call, windowDays: 30 };
  const first: OrdersPoll = await client.pollOrders(null, polling);
  const stored: OrdersCursor = JSON.parse(JSON.stringify(first.cursor));
  const { changes } = await client.pollOrders(stored);
  for (const change of changes) {
    const each: OrderChange = change;
    const kind: "new" | "status" = each.kind;
    const known: [Order, string | null] = [each.order, each.previousStatus];
    void [kind, known];
  }

  const captures: ScreenCaptures = await client.listScreenCaptures({ dateFrom: "2026-01-01" }, call);
  await client.listScreenCaptures();
  for (const { orderId, captures: files } of captures.orders) {
    for (const { captureId, fileUrl, createdDate } of files) {
      const times: string | null = createdDate;
      if (captureId !== null) {
        const picture: Response = await client.downloadScreenCapture(orderId, captureId, { onProgress: () => {} });
        await picture.blob();
      }
      if (fileUrl !== null) await client.downloadLink(fileUrl);
      void times;
    }
  }
  const whose: [number | null, string | null] = [captures.companyId, captures.since];

  const matches: PatientMatch[] = await client.searchPatients({ firstName: "", lastName: "", chartNumber: "C" }, call);
  const filter: PatientsFilter = { lastName: "J*", updatedDateFrom: "2026-01-01", limit: 100 };
  const query: PatientsQuery = { ...filter, offset: 100 };
  const page: PatientsPage = await client.listPatients(query, call);
  await client.listPatients();
  const next: number | null = page.nextOffset;
  for await (const each of client.patients(filter, call)) {
    const patient: Patient = each;
    same<Same<typeof patient.gender, "male" | "female" | null>>();
    same<Same<typeof patient.dateOfBirth, string | null>>();
    same<Same<typeof patient.lastScanDate, string | null>>();
  }

  const update: PatientUpdate = { patientId: matches[0]?.patientId ?? "x", lastName: "Jansen" };
  const record: PatientRecord = await client.updatePatient(update, call);
  same<Same<typeof record.recordId, number | null>>();
  const byChart: PatientByChartUpdate = { chartNumber: "C", dateOfBirth: "1990-02-28", gender: "female" };
  const nothing: void = await client.updatePatientByChartNumber(byChart, call);

  const raw: unknown = await client.request(
    "PATCH",
    "patients",
    { version: 2, query: { a: 1, b: null }, body: {} },
    call,
  );
  await client.request("GET", "patient/search", { version: 3 });
  await client.request("GET", "orders/practice");

  const codes: UnitType[] = await unitTypes();
  const pairing: Pairing = await parsePairingResponse("{}");
  await parsePairingResponse({});
  const paired: [number, string[], unknown] = [pairing.companyId, pairing.warnings, pairing.oauth];
  void [deleted, whose, next, nothing, raw, codes, paired];
}

export async function errors(client: DpmsClient): Promise<void> {
  try {
    await client.practiceConfiguration();
  } catch (error) {
    if (!isDpmsError(error)) throw error;
    const known: DpmsError = error;
    const asError: Error = error;
    switch (error.kind) {
      case "invalid-argument":
      case "network":
      case "timeout":
      case "unauthorized":
      case "bad-request":
      case "not-found":
      case "conflict":
      case "not-ready":
      case "rate-limited":
      case "server":
      case "decode":
      case "untrusted-link":
      case "truncated":
      case "too-large":
      case "internal":
        break;
      default: {
        const never: never = error.kind;
        void never;
      }
    }
    const fields: [number | null, string | null, string | null, number, boolean, string | null, number | null] = [
      error.status,
      error.method,
      error.endpoint,
      error.attempts,
      error.retryable,
      error.code,
      error.retryAfterMs,
    ];
    const fieldErrors: readonly { field: string; message: string }[] = error.fieldErrors;
    const matches: readonly PatientRecord[] | null = error.matches;
    const cause: { name: string; code: string | null } | undefined = error.cause;
    void [known, asError, fields, fieldErrors, matches, cause];
  }
}

export async function sandbox(): Promise<void> {
  const settings: SandboxOptions = {
    seed: 1,
    baseUrl: "https://sandbox.invalid",
    accessToken: "x",
    now: () => Date.now(),
    generationMs: 1500,
  };
  const practice: Sandbox = await createSandbox(settings);
  await createSandbox();
  const client = await createClient({
    endpoints: practice.endpoints,
    accessToken: practice.accessToken,
    fetch: practice.fetch,
  });
  const { rxId, orderId }: { rxId: string; orderId: number } = await practice.control.completeScan("x");
  const snapshot: string = practice.control.snapshot();
  const fault: SandboxFault = { endpoint: "orders", method: "GET", times: Infinity, status: 503, retryAfterSeconds: 1 };
  await practice.control.addFault(fault);
  await practice.control.clearFaults();
  await practice.control.setOrderStatus(rxId, "Lab Review");
  const capture: { captureId: string; fileUrl: string } = await practice.control.addScreenCapture(orderId);
  const settings3d: SandboxExportSettings = { doctorId: 5201, arrangement: "occlusion", fileType: "both" };
  await practice.control.setExportSettings({ ...settings3d, hidePatientName: true, triangles: 1_000_000 });
  const nextToken: string = await practice.control.expireToken();
  await practice.control.setCallbackUrl(null);
  await practice.control.callbacksSettled();
  await practice.control.advanceClock(1_000);
  const v3: { domain: string; path: string } = practice.endpoints.v3;
  void [capture, nextToken, v3];
  await createSandbox({ snapshot });
  const response: Response = await practice.fetch(new Request("https://sandbox.invalid/"));
  void [client, rxId, orderId, response];
}

// --- the edge function ---

interface Env extends WebhookEnv {
  GREETING: string;
}

export class ClockedInbox extends PracticeInbox {
  override now(): number {
    return super.now() + 1000;
  }
}

export const ownWorker = {
  async fetch(request: Request, env: Env): Promise<Response> {
    if (new URL(request.url).pathname === "/hello") return new Response(env.GREETING);
    return webhook.fetch(request, env);
  },
};

export const receive: (request: Request) => Promise<Response> = createReceiver({
  callbackSecrets: "a,b",
  store: async ({ rxId, companyId }: Callback) => console.log(rxId.toUpperCase(), companyId.toFixed()),
});

export const registration: Registration = {
  endpoints: { baseUrl: "https://dpms.example" },
  accessToken: "token",
  refresh: { tokenUrl: "https://id.example/token", clientId: "id", clientSecret: "secret", refreshToken: "r" },
  deliverTo: { url: "https://portal.example/events", secret: "whsec_" },
};

export function consume({ events, next }: EventsPage, state: PracticeState): number {
  for (const event of events) {
    const links: readonly LinkKind[] = event.links;
    if (event.type === "order.ready" && event.previousStatus === null) console.log(event.rxId, links.length);
  }
  return next + state.lastSeq + (state.attention === "unauthorized" ? 1 : 0);
}
