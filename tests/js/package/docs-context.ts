// What the examples of README.md and docs/*.md assume: a client of an in-process sandbox, an order, and a few functions of a
// portal. An example that declares one of these names uses its own.
import {
  createClient,
  type DpmsClient,
  type Order,
  type OrdersCursor,
  type PatientRecord,
  type ScanRequest,
} from "itero-dpms";
import { Scene } from "three";
import { createSandbox, type Sandbox, type SandboxControl } from "itero-dpms/sandbox";

declare global {
  /** What a service worker has and the types of a page lack. */
  interface WindowEventMap {
    fetch: Event & { request: Request; respondWith(response: Promise<Response>): void };
  }
  var clients: { claim(): Promise<void> };
  var sandbox: Sandbox;
  var control: SandboxControl;
  var client: DpmsClient;
  var order: Order;
  /** A scene of three.js. */
  var scene: Scene;
  var form: ScanRequest;
  /** Shows a message next to a form field. */
  function show(field: string, message: string): void;
  /** Lets the user choose. */
  function choose(patients: readonly PatientRecord[] | null): Promise<PatientRecord>;
  /** A portal's own store. */
  var store: {
    load(): Promise<OrdersCursor | null>;
    save(orders: Order[], cursor: OrdersCursor): Promise<void>;
  };
}

const sandbox = await createSandbox({ generationMs: 50 });
const { endpoints, accessToken, fetch, control } = sandbox;
const client = await createClient({ endpoints, accessToken, fetch });

const { companyId, doctors } = await client.practiceConfiguration();
const form = {
  ...{ companyId, doctorId: doctors[0]!.id },
  ...{ patientFirstName: "Ada", patientLastName: "Example", patientChartNumber: "A-1001" },
};
const { rxId, orderId } = await control.completeScan(await client.createScanRequest(form));
await control.addScreenCapture(orderId);
// Two patients with one chart number.
for (const patientFirstName of ["Grace", "Edith"]) {
  const names = { patientFirstName, patientLastName: "Sample" };
  await client.createScanRequest({ ...form, ...names, patientChartNumber: `${patientFirstName}-1` });
  const [patient] = await client.searchPatients({ firstName: "", lastName: "", chartNumber: `${patientFirstName}-1` });
  await client.updatePatient({ patientId: patient!.patientId, chartNumber: "A-1007" });
}

Object.assign(globalThis, {
  ...{ sandbox, control, client, form, scene: new Scene() },
  order: await client.getOrder(rxId),
  show: () => {},
  choose: async (patients: PatientRecord[]) => patients[0],
  store: { load: async () => null, save: async () => {} },
});
