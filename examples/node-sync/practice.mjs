// The practice to synchronize: your own, or a fictitious one.
import { createClient } from "itero-dpms";
import { createSandbox } from "itero-dpms/sandbox";

/** Returns a client for the practice of DPMS_BASE_URL and DPMS_TOKEN; if they are not set, for a sandbox in this process. */
export async function connect({ DPMS_BASE_URL, DPMS_TOKEN } = process.env) {
  if (DPMS_BASE_URL) {
    return createClient({ endpoints: { baseUrl: DPMS_BASE_URL }, accessToken: DPMS_TOKEN });
  }
  console.log("DPMS_BASE_URL is not set: this is the sandbox, with an invented practice.");
  const { fetch, endpoints, accessToken } = await createSandbox({ seed: 1, generationMs: 500 });
  return createClient({ fetch, endpoints, accessToken });
}
