// The server's own client: it has the practice's token, which pages never get.
import { createClient } from "itero-dpms";

let client;

export function practice() {
  const { DPMS_BASE_URL: baseUrl, DPMS_TOKEN: accessToken } = process.env;
  client ??= createClient({ endpoints: { baseUrl }, accessToken });
  return client;
}
