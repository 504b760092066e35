// The sandbox in both forms behind one interface: in process as a `fetch`, and as the CLI over HTTP.
import { createClient } from "itero-dpms";
import { createSandbox } from "itero-dpms/sandbox";
import { startSandbox } from "./sandbox-cli.mjs";
import { endpointsOf } from "./wire.mjs";

/**
 * @typedef {object} Practice
 * @property {import("itero-dpms").DpmsClient} client
 * @property {(options?: object) => Promise<import("itero-dpms").DpmsClient>} connect another client, with more options
 * @property {Record<string, (...args: any[]) => Promise<any>>} control
 * @property {string} accessToken the first token
 * @property {string} baseUrl
 * @property {() => Promise<unknown>} stop
 */

/** @returns {Promise<Practice>} */
export async function inProcess({ generationMs = 50, ...options } = {}) {
  const sandbox = await createSandbox({ generationMs, ...options });
  const connect = (more) =>
    createClient({
      endpoints: sandbox.endpoints,
      accessToken: sandbox.accessToken,
      fetch: sandbox.fetch,
      ...more,
    });
  return {
    client: await connect(),
    connect,
    control: sandbox.control,
    accessToken: sandbox.accessToken,
    baseUrl: sandbox.endpoints.baseUrl,
    stop: async () => {},
  };
}

/** @returns {Promise<Practice>} */
export async function overHttp({ generationMs = 50 } = {}) {
  const { baseUrl, accessToken, stop } = await startSandbox(["--generation-ms", String(generationMs)]);
  const connect = (more) => createClient({ endpoints: endpointsOf(baseUrl), accessToken, ...more });
  const post =
    (operation, body) =>
    async (...args) => {
      const response = await fetch(`${baseUrl}/sandbox/${operation}`, {
        method: "POST",
        headers: { Authorization: `Bearer ${accessToken}`, "Content-Type": "application/json" },
        body: JSON.stringify(body(...args)),
      });
      if (!response.ok) throw new Error(`${operation} responded with ${response.status}`);
      const text = await response.text();
      return text === "" ? undefined : JSON.parse(text);
    };
  return {
    client: await connect(),
    connect,
    control: {
      completeScan: post("complete-scan", (rxId) => ({ rxId })),
      setOrderStatus: post("order-status", (rxId, status) => ({ rxId, status })),
      addScreenCapture: post("screen-capture", (orderId) => ({ orderId })),
      setExportSettings: post("export-settings", (settings) => settings),
      expireToken: async () => (await post("expire-token", () => ({}))()).accessToken,
      addFault: post("fault", (fault) => fault),
      clearFaults: post("clear-faults", () => ({})),
      advanceClock: post("clock", (advanceMs) => ({ advanceMs })),
    },
    accessToken,
    baseUrl,
    stop,
  };
}

/** Pushes an RX for a patient and returns its id. */
export async function push(client, patient) {
  const { companyId, doctors } = await client.practiceConfiguration();
  return client.createScanRequest({
    companyId,
    doctorId: doctors[0].id,
    patientFirstName: "Maria",
    patientLastName: "Jansen",
    patientChartNumber: "C-1",
    ...patient,
  });
}
