// Plays the chairside scanner against a sandbox. It is no call of the API, so it goes past the client.

export interface Scanner {
  /** Scans an RX that waits; resolves with the order it became. */
  completeScan(rxId: string): Promise<{ rxId: string; orderId: number }>;
}

export function createScanner(baseUrl: string, accessToken: string, send: typeof fetch): Scanner {
  return {
    async completeScan(rxId) {
      const response = await send(`${baseUrl.replace(/\/+$/, "")}/sandbox/complete-scan`, {
        method: "POST",
        headers: { Authorization: `Bearer ${accessToken}`, "Content-Type": "application/json" },
        body: JSON.stringify({ rxId }),
      }).catch(() => {
        throw new Error("The scanner could not be reached.");
      });
      if (response.status === 404) throw new Error("The scanner does not know this RX. It may have been removed.");
      if (!response.ok) throw new Error(`The scanner answered with status ${response.status}.`);
      return (await response.json()) as { rxId: string; orderId: number };
    },
  };
}
