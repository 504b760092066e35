// Runs worker.js on this machine, without credentials: the sandbox is the API, and workerd the platform. All processes end with
// it.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createClient } from "itero-dpms";
import { startWorker } from "./local/workerd.mjs";

const FOLDER = "practice";
const SCANS = 3;

const children = [];
process.once("exit", () => children.forEach((child) => child.kill()));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

const [accessToken, callbackSecret, adminKey, sessionSecret] = [1, 2, 3, 4].map(() => randomBytes(32).toString("hex"));
const baseUrl = await startSandbox();
const client = await createClient({ endpoints: { baseUrl }, accessToken });
const { companyId, doctors } = await client.practiceConfiguration();

const worker = await startWorker(FOLDER, {
  COMPANY_IDS: String(companyId),
  GIVE_UP_DAYS: "3",
  CALLBACK_SECRETS: callbackSecret,
  ADMIN_KEY: adminKey,
  SESSION_SECRETS: sessionSecret,
  RECONCILE_DAYS: "1",
});
children.push(worker.child);
let stored = 0;
createInterface(worker.child.stdout).on("line", (line) => {
  if (!line.includes('"scan.')) return;
  console.log(line);
  if (line.includes('"scan.stored"')) stored += 1;
});

const practice = `${worker.url}/practices/${companyId}`;
await send("DELETE", practice, adminKey); // removes what an earlier run left, whose sandbox is gone
await send("PUT", practice, adminKey, { endpoints: { baseUrl }, accessToken });
await send("POST", `${baseUrl}/sandbox/callback-url`, accessToken, { url: `${worker.url}/callback/${callbackSecret}` });
console.log(`The Worker is at ${worker.url}; practice ${companyId} scans ${SCANS} patients.`);
for (let n = 1; n <= SCANS; n++) {
  const patient = { patientFirstName: "Ada", patientLastName: "Example", patientChartNumber: `A-${n}` };
  const rxId = await client.createScanRequest({ companyId, doctorId: doctors[0].id, ...patient });
  await send("POST", `${baseUrl}/sandbox/complete-scan`, accessToken, { rxId });
}
for (let runs = 0; runs < 30 && stored < SCANS; runs++) {
  await sleep(500);
  await worker.runCron();
}
console.log(`${stored} archives stored in ${FOLDER}/bucket.`);
process.exit(stored === SCANS ? 0 : 1);

/** Starts the sandbox and returns its URL. */
async function startSandbox() {
  const cli = fileURLToPath(new URL("bin/itero-dpms-sandbox.js", import.meta.resolve("itero-dpms/package.json")));
  const child = spawn(process.execPath, [cli, "--port", "0", "--token", accessToken, "--generation-ms", "500"]);
  children.push(child);
  const [line] = await once(createInterface(child.stdout), "line");
  return /http:\S+/.exec(line)[0];
}

async function send(method, url, token, body) {
  const response = await fetch(url, {
    method,
    headers: { Authorization: `Bearer ${token}` },
    body: body && JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} was answered ${response.status}`);
}
