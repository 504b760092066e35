// Plays the people and machines around a sandbox: the scanner, the lab, the network. These are no calls of the API, so they
// go past the client, with the token that the practice began with: its own controls take every token it ever gave.
import type { SandboxFault } from "itero-dpms/sandbox";

export interface SandboxControls {
  /** Scans an RX that waits; resolves with the order it became. */
  completeScan(rxId: string): Promise<{ rxId: string; orderId: number }>;
  setOrderStatus(rxId: string, status: string): Promise<void>;
  addScreenCapture(orderId: number): Promise<void>;
  /** From now on the token is refused; resolves with the one that is let in. */
  expireToken(): Promise<string>;
  addFault(fault: SandboxFault): Promise<void>;
  clearFaults(): Promise<void>;
}

export function sandboxControls(baseUrl: string, accessToken: string, send: typeof fetch): SandboxControls {
  const ask = async (operation: string, body: object, unknown: string): Promise<unknown> => {
    const response = await send(`${baseUrl.replace(/\/+$/, "")}/sandbox/${operation}`, {
      method: "POST",
      headers: { Authorization: `Bearer ${accessToken}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    }).catch(() => {
      throw new Error("The sandbox could not be reached.");
    });
    const answer = await response.text();
    if (response.status === 404) throw new Error(unknown);
    if (!response.ok) throw new Error(`The sandbox answered with status ${response.status}.`);
    return answer === "" ? null : JSON.parse(answer);
  };
  const noSandbox = "This server has no such control: it is no sandbox, or an older one.";

  return {
    completeScan: (rxId) =>
      ask("complete-scan", { rxId }, "The scanner does not know this RX. It may have been removed.") as Promise<{
        rxId: string;
        orderId: number;
      }>,
    async setOrderStatus(rxId, status) {
      await ask("order-status", { rxId, status }, "The sandbox does not know this order.");
    },
    async addScreenCapture(orderId) {
      await ask("screen-capture", { orderId }, "The sandbox does not know this order.");
    },
    async expireToken() {
      return ((await ask("expire-token", {}, noSandbox)) as { accessToken: string }).accessToken;
    },
    async addFault(fault) {
      await ask("fault", fault, noSandbox);
    },
    async clearFaults() {
      await ask("clear-faults", {}, noSandbox);
    },
  };
}
