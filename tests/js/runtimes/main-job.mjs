// What a portal does all day, in plain JavaScript that every runtime under test imports: push an RX, find the scanned order,
// download its files. It has no dependencies and reports what it saw as JSON.

/** What every runtime must report. */
export const EXPECTED = {
  early: { isDpmsError: true, isError: true, kind: "not-found", status: 404, endpoint: "orders/:rxId" },
  refused: { isDpmsError: true, kind: "invalid-argument", fields: ["doctorId"] },
  aborted: "the signal's own reason",
  order: { hasRxId: true, patient: "Zoë Ångström 🦷", procedure: "Fixed Restorative" },
  archive: { isZip: true, isWhole: true, states: ["waiting", "downloading", "done"] },
  captures: null,
  pairing: { companyId: 9001, warnings: [] },
  sandbox: { doctors: true, token: "unauthorized" },
};

/**
 * @param {typeof import("itero-dpms")} itero
 * @param {typeof import("itero-dpms/sandbox").createSandbox | null} createSandbox
 * @param {{ baseUrl: string, accessToken: string, chart: string, relay?: import("itero-dpms").ClientOptions }} practice a sandbox over
 *   HTTP, an unused chart number, and how it is reached, if not directly
 */
export async function mainJob(itero, createSandbox, { baseUrl, accessToken, chart, relay }) {
  const { createClient, DpmsError, findProcedure, parsePairingResponse } = itero;
  const client = await createClient(relay ?? { endpoints: { baseUrl }, accessToken });
  const { companyId, doctors } = await client.practiceConfiguration();
  const { id: procedureMapId } = await findProcedure({
    procedure: "Fixed Restorative",
    type: null,
    sendTo: "resto-lab",
  });
  const patient = { patientFirstName: "Zoë", patientLastName: "Ångström 🦷", patientChartNumber: chart };
  const request = { companyId, doctorId: doctors[0].id, procedureMapId, ...patient };
  const rxId = await client.createScanRequest(request);

  const early = await failure(client.getOrder(rxId));
  const refused = await failure(client.createScanRequest({ ...request, doctorId: "nobody" }));
  const signal = AbortSignal.abort("the signal's own reason");
  const aborted = await failure(client.practiceConfiguration({ signal }));

  await completeScan(baseUrl, accessToken, rxId);
  const orders = [];
  for await (const order of client.orders({ chartNumber: chart })) orders.push(order);
  const [order] = orders;
  return {
    early: {
      isDpmsError: early instanceof DpmsError && itero.isDpmsError(early),
      isError: early instanceof Error,
      kind: early.kind,
      status: early.status,
      endpoint: early.endpoint,
    },
    refused: {
      isDpmsError: refused instanceof DpmsError,
      kind: refused.kind,
      fields: refused.fieldErrors.map(({ field }) => field),
    },
    aborted,
    order: {
      hasRxId: orders.length === 1 && order.rxId === rxId,
      patient: `${order.patientFirstName} ${order.patientLastName}`,
      procedure: order.procedureName,
    },
    archive: await downloadArchive(client, order.orderId),
    captures: await client.downloadScan(order.orderId, "SCREEN_CAPTURE"),
    pairing: await pairing(parsePairingResponse),
    sandbox: createSandbox && (await inProcess(createClient, createSandbox)),
  };
}

const failure = (call) =>
  call.then(
    () => "no failure",
    (reason) => reason,
  );

/** Simulates the scan. */
async function completeScan(baseUrl, accessToken, rxId) {
  const response = await fetch(`${baseUrl}/sandbox/complete-scan`, {
    method: "POST",
    headers: { Authorization: `Bearer ${accessToken}`, "Content-Type": "application/json" },
    body: JSON.stringify({ rxId }),
  });
  if (!response.ok) throw new Error(`complete-scan responded with ${response.status}`);
}

/** Reads the 3D archive chunk by chunk to its end. */
async function downloadArchive(client, orderId) {
  const states = new Set();
  let totalBytes = null;
  const response = await client.downloadScan(orderId, "IDE", {
    onProgress(progress) {
      states.add(progress.state);
      totalBytes = progress.totalBytes;
    },
  });
  const reader = response.body.getReader();
  let start = [];
  let received = 0;
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    start = [...start, ...chunk.value.subarray(0, 4)].slice(0, 4);
    received += chunk.value.byteLength;
  }
  const isZip = String.fromCharCode(...start) === "PK\u0003\u0004";
  return { isZip, isWhole: received > 1_000_000 && received === totalBytes, states: [...states] };
}

async function pairing(parsePairingResponse) {
  const { companyId, warnings } = await parsePairingResponse({ Data: { CompanyId: "9001" }, Status: 1 });
  return { companyId, warnings };
}

/** Uses the client with a sandbox in the same process. */
async function inProcess(createClient, createSandbox) {
  const { fetch, endpoints, accessToken, control } = await createSandbox();
  const client = await createClient({ fetch, endpoints, accessToken });
  const { doctors } = await client.practiceConfiguration();
  await control.expireToken();
  const { kind } = await failure(client.practiceConfiguration());
  return { doctors: doctors.length > 0, token: kind };
}
