// Simulates the people and machines around a sandbox: the scanner, the lab, the network. These are not API calls, so they
// bypass the client. They use the practice's first token, since control operations accept every token it ever issued, or none if
// the page's server adds it.
import type { SandboxFault } from "itero-dpms/sandbox";

export interface SandboxControls {
  /** Scans a waiting RX; resolves with the resulting order. */
  completeScan(rxId: string): Promise<{ rxId: string; orderId: number }>;
  setOrderStatus(rxId: string, status: string): Promise<void>;
  addScreenCapture(orderId: number): Promise<void>;
  /** Makes the server refuse the current token; resolves with a new one. Null if the page has no token. */
  expireToken: (() => Promise<string>) | null;
  addFault(fault: SandboxFault): Promise<void>;
  clearFaults(): Promise<void>;
}

export function sandboxControls(
  baseUrl: string,
  accessToken: string | null,
  send: typeof fetch,
): SandboxControls & { expireToken: () => Promise<string> } {
  // A browser does not tell a page why a request failed, so the advice covers both cases.
  const isElsewhere = new URL(baseUrl, location.href).origin !== location.origin;
  const advice = ` Is it running, with --allow-origin ${location.origin}, which allows this page to control it?`;
  const call = async (operation: string, body: object, notFound: string): Promise<unknown> => {
    const response = await send(`${baseUrl.replace(/\/+$/, "")}/sandbox/${operation}`, {
      method: "POST",
      headers: {
        ...(accessToken !== null && { Authorization: `Bearer ${accessToken}` }),
        "Content-Type": "application/json",
      },
      body: JSON.stringify(body),
    }).catch(() => {
      throw new Error(`The sandbox could not be reached.${isElsewhere ? advice : ""}`);
    });
    const text = await response.text();
    if (response.status === 404) throw new Error(notFound);
    if (!response.ok) throw new Error(`The sandbox responded with status ${response.status}.`);
    return text === "" ? null : JSON.parse(text);
  };
  const noSandbox = "This server has no such control: it is not a sandbox, or an older one.";

  return {
    completeScan: (rxId) =>
      call("complete-scan", { rxId }, "The scanner does not know this RX. It may have been removed.") as Promise<{
        rxId: string;
        orderId: number;
      }>,
    async setOrderStatus(rxId, status) {
      await call("order-status", { rxId, status }, "The sandbox does not know this order.");
    },
    async addScreenCapture(orderId) {
      await call("screen-capture", { orderId }, "The sandbox does not know this order.");
    },
    async expireToken() {
      return ((await call("expire-token", {}, noSandbox)) as { accessToken: string }).accessToken;
    },
    async addFault(fault) {
      await call("fault", fault, noSandbox);
    },
    async clearFaults() {
      await call("clear-faults", {}, noSandbox);
    },
  };
}
