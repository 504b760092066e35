// Uses that the types refuse, call by call: the line below each comment must be an error, otherwise the comment is one.
import { load, openScan, readMesh } from "itero-dpms/scan";
import {
  DpmsError,
  createClient,
  findProcedure,
  isDpmsError,
  parsePairingResponse,
  type DpmsClient,
  type OrderChange,
} from "itero-dpms";
import { scanEvents } from "itero-dpms/events";
import { createSandbox, type Sandbox } from "itero-dpms/sandbox";
import webhook, { createReceiver, parseCallback, type OrderEvent, type Registration } from "itero-dpms/webhook";

const ID = "5d0f2c4e-9a1b-4c3d-8e7f-60718293a4b5";
const rx = { companyId: 1, doctorId: 2, patientFirstName: "a", patientLastName: "b", patientChartNumber: "c" };

export function options(): void {
  const endpoints = { baseUrl: "https://dpms.invalid" };
  // @ts-expect-error options are needed
  void createClient();
  // @ts-expect-error endpoints are needed
  void createClient({ accessToken: "x" });
  // @ts-expect-error a token is needed
  void createClient({ endpoints });
  // @ts-expect-error unknown options are refused
  void createClient({ endpoints, accessToken: "x", bogus: 1 });
  // @ts-expect-error a location has a path, too
  void createClient({ endpoints: { v3: { domain: "x" } }, accessToken: "x" });
  // @ts-expect-error retry is an object or false
  void createClient({ endpoints, accessToken: "x", retry: true });
  // @ts-expect-error refresh returns a token
  void createClient({ endpoints, accessToken: "x", refresh: async () => {} });
  // @ts-expect-error there is no such event
  void createClient({ endpoints, accessToken: "x", onEvent: ({ type }) => type === "error" });
}

export function calls(client: DpmsClient): void {
  // @ts-expect-error a signal is an AbortSignal
  void client.practiceConfiguration({ signal: new AbortController() });
  // @ts-expect-error the chart number is mandatory
  void client.createScanRequest({ companyId: 1, doctorId: 2, patientFirstName: "a", patientLastName: "b" });
  // @ts-expect-error gender is a word in lower case, or null
  void client.createScanRequest({ ...rx, gender: 109 });
  // @ts-expect-error a birth date is a string
  void client.createScanRequest({ ...rx, dateOfBirth: new Date() });
  // @ts-expect-error the wire's names are not the client's
  void client.createScanRequest({ ...rx, PatientFirstName: "a" });
  // @ts-expect-error an RX has an id
  void client.deleteScanRequest();
  // @ts-expect-error an RX id is a string
  void client.getOrder(17);
  // @ts-expect-error a page size is a number
  void client.listOrders({ pageSize: "10" });
  // @ts-expect-error orders() manages the offset itself
  void client.orders({ offset: 10 });
  // @ts-expect-error a cursor is what a poll returned
  void client.pollOrders("cursor");
  // @ts-expect-error a poll has no other options
  void client.pollOrders(null, { pageSize: 10 });
  // @ts-expect-error an asset has one of three names
  void client.downloadScan(1, "STL");
  // @ts-expect-error only downloads have progress
  void client.getOrder(ID, { onProgress: () => {} });
  // @ts-expect-error a link is a string: an order may not have it
  void client.downloadLink(null);
  // @ts-expect-error a capture has an id besides its order's
  void client.downloadScreenCapture(1);
  // @ts-expect-error captures have no other filter
  void client.listScreenCaptures({ dateTo: "2026-01-01" });
  // @ts-expect-error every criterion must be given, even if it is blank
  void client.searchPatients({ firstName: "a", lastName: "b" });
  // @ts-expect-error a limit is a number
  void client.listPatients({ limit: "10" });
  // @ts-expect-error patients() manages the offset itself
  void client.patients({ offset: 10 });
  // @ts-expect-error an update names its patient
  void client.updatePatient({ lastName: "x" });
  // @ts-expect-error an update by patient id cannot change a birth date (§5.3.2)
  void client.updatePatient({ patientId: ID, dateOfBirth: "1990-02-28" });
  // @ts-expect-error gender is a word in lower case
  void client.updatePatientByChartNumber({ chartNumber: "c", gender: "Male" });
  // @ts-expect-error there are four methods
  void client.request("PUT", "x");
  // @ts-expect-error there are two versions
  void client.request("GET", "x", { version: 1 });
}

export function tables(): void {
  // @ts-expect-error a destination has one of four names
  void findProcedure({ procedure: "x", type: null, sendTo: "moon" });
  // @ts-expect-error a pairing response is a string or an object
  void parsePairingResponse(7);
}

export async function results(client: DpmsClient, change: OrderChange): Promise<void> {
  // @ts-expect-error a download may be null
  void (await client.downloadScan(1, "IDE")).arrayBuffer();
  const order = await client.getOrder(ID);
  // @ts-expect-error a patient's name may be null
  void order.patientFirstName.length;
  // @ts-expect-error the wire's names are not the client's
  void order.RxId;
  // @ts-expect-error a change is new or of status
  void (change.kind === "gone");
  // @ts-expect-error a match's chart number may be null
  void (await client.searchPatients({ firstName: "", lastName: "", chartNumber: "" }))[0]!.chartNumber.length;
  // @ts-expect-error the result of request() is unknown
  void (await client.request("GET", "x")).Data;
}

export function errors(error: unknown): void {
  // @ts-expect-error only the client creates one
  void new DpmsError("x");
  // @ts-expect-error it must be narrowed first
  void error.kind;
  if (!isDpmsError(error)) return;
  // @ts-expect-error there is no such kind
  void (error.kind === "forbidden");
  // @ts-expect-error an error is read-only
  error.status = 500;
}

export async function sandbox({ control }: Sandbox): Promise<void> {
  // @ts-expect-error a seed is a number
  void createSandbox({ seed: "1" });
  // @ts-expect-error unknown options are refused
  void createSandbox({ patients: 10 });
  // @ts-expect-error an RX id is a string
  void control.completeScan(1);
  // @ts-expect-error a status is needed
  void control.setOrderStatus(ID);
  // @ts-expect-error an order id is a number
  void control.addScreenCapture("1");
  // @ts-expect-error null removes the URL, but it must be given
  void control.setCallbackUrl();
  // @ts-expect-error a fault has no such field
  void control.addFault({ code: 500 });
  // @ts-expect-error the clock advances by milliseconds
  void control.advanceClock(new Date());
}

export async function edge(event: OrderEvent, request: Request): Promise<void> {
  // @ts-expect-error there is no other type of event
  void (event.type === "order.deleted");
  // @ts-expect-error an order's first event has no previous status
  event.previousStatus.toLowerCase();
  // @ts-expect-error a receiver needs a store
  createReceiver({ callbackSecrets: "a" });
  // @ts-expect-error secrets are one string
  createReceiver({ callbackSecrets: ["a"], store: () => {} });
  // @ts-expect-error a callback is a string or bytes
  void parseCallback({ Id: ID, CompanyId: 1 });
  // @ts-expect-error the Worker needs its environment
  void webhook.fetch(request);
  // @ts-expect-error a registration needs a token
  const registration: Registration = { endpoints: { baseUrl: "https://dpms.example" } };
  void registration;
}

export async function live(session: () => Promise<string | null>): Promise<void> {
  const options = { edgeUrl: "https://itero.example", companyId: 1, session };
  // @ts-expect-error a session is needed
  scanEvents({ edgeUrl: "https://itero.example", companyId: 1 });
  // @ts-expect-error a token is not renewed
  scanEvents({ ...options, session: "token" });
  // @ts-expect-error `after` is a number
  scanEvents({ ...options, after: "7" });
  // @ts-expect-error only an offline line is tried again
  scanEvents({ ...options, onState: (state) => void state.retryInMs });
  // @ts-expect-error there is no other reason to stop
  scanEvents({ ...options, onState: (state) => void (state.type === "stopped" && state.reason === "bored") });
  // @ts-expect-error an order has a status or none, but no name
  for await (const event of scanEvents(options)) void event.name;
}

export function scan(response: Response | null): void {
  // @ts-expect-error there may be nothing to download
  openScan(response);
  // @ts-expect-error there are no other meshes
  openScan(new Blob(), { meshes: "first" });
  // @ts-expect-error a mesh is read, not opened: nothing of it is kept
  void readMesh(new Blob(), { keep: true });
  // @ts-expect-error a module is compiled, not named
  void load("scan.wasm");
}
