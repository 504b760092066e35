// An in-process sandbox, called without the client.
import { createSandbox } from "itero-dpms/sandbox";

/** @param {import("itero-dpms/sandbox").SandboxOptions} [options] */
export async function openSandbox(options) {
  const sandbox = await createSandbox(options);
  return { sandbox, control: sandbox.control, ...callsOf(sandbox.endpoints.baseUrl, sandbox) };
}

/**
 * Calls of the API below a base URL; paths begin with `/`, those of V3 with `/v3/`.
 * @param {string} baseUrl
 * @param {{ accessToken: string, fetch?: typeof fetch }} practice
 */
export function callsOf(baseUrl, practice) {
  const send = (method, path, body, init = {}) => {
    const root = path.startsWith("/v3/") ? "/third-party" : "/api/third-party/v2";
    return (practice.fetch ?? fetch)(baseUrl + root + path, {
      method,
      headers: { Authorization: `Bearer ${practice.accessToken}`, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      ...init,
    });
  };
  const get = (path, init) => send("GET", path, undefined, init);
  return {
    send,
    get,
    /** Pushes an RX and returns its id. */
    async push(chart = "CTL-1") {
      const response = await send("POST", "/scan-request", {
        CompanyId: 90360,
        DoctorId: 5201,
        PatientFirstName: "Maria",
        PatientLastName: "Jansen",
        PatientChartNumber: chart,
      });
      return (await response.json()).Data;
    },
    /** The oldest order. */
    async firstOrder() {
      return (await (await get("/orders/practice?Offset=0&pageSize=1")).json()).Data.Results[0];
    },
    /** An order's status. */
    async statusOf(rxId) {
      return (await (await get(`/orders/${rxId}`)).json()).Data.Status;
    },
  };
}
