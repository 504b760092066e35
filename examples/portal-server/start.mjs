// Runs server.mjs without credentials: the sandbox is the API, the edge function passes calls on, and this program does what a
// page does. All processes end with it.
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createClient } from "itero-dpms";
import { run, startPractice } from "../practice.mjs";

const { edgeUrl, companyId, sessionSecret } = await startPractice(createClient, "http://127.0.0.1");
const server = run(process.execPath, [fileURLToPath(new URL("server.mjs", import.meta.url))], {
  PORT: "0",
  COMPANY_ID: `${companyId}`,
  SESSION_SECRETS: sessionSecret,
});
const [portal] = await once(createInterface({ input: server.stdout }), "line");
console.log(`The portal's server: ${portal}, the edge function: ${edgeUrl}`);

const post = (path, headers) => fetch(portal + path, { method: "POST", headers });
const [Cookie] = (await post("/sign-in")).headers.get("set-cookie").split(";");
const session = async () => (await post("/session", { Cookie })).text();
const client = await createClient({
  endpoints: { edgeUrl, companyId },
  accessToken: await session(),
  refresh: session,
});

const { companyName } = await client.practiceConfiguration();
const { orders } = await client.listOrders({ pageSize: 5 });
console.log(`Signed in, with a session and without the practice's token: ${companyName}`);
for (const { orderCode, procedureName, status } of orders) console.log(` ${orderCode}  ${status}  ${procedureName}`);
process.exit();
