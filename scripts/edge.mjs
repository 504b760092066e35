// `make edge`: runs the edge function in workerd with its storage on disk, together with the sandbox and a portal's server, and
// shows how a scan gets from an RX to an event, and then to a page that never sees the practice's token. EDGE_PORT,
// SANDBOX_PORT and PORTAL_PORT set the ports.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createClient } from "itero-dpms";
import { Webhook } from "standardwebhooks";
// @ts-expect-error it has no declarations
import workerd from "workerd";

/** @import { OrderEvent, PracticeState } from "itero-dpms/webhook" */
/** @import { ChildProcess, SpawnOptions } from "node:child_process" */
/** @import { IncomingHttpHeaders } from "node:http" */
/** @import { AddressInfo } from "node:net" */
/** @import { Readable } from "node:stream" */

/**
 * An event with its HTTP headers.
 *
 * @typedef {{ event: OrderEvent; headers: IncomingHttpHeaders }} Delivery
 */

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const FOLDER = join(ROOT, "target/edge");
const { EDGE_PORT = "8787", SANDBOX_PORT = "4010", PORTAL_PORT = "8788" } = process.env;

const secret = randomBytes(16).toString("hex");
const adminKey = randomBytes(16).toString("hex");
const sessionSecret = randomBytes(32).toString("hex");
const webhookSecret = `whsec_${randomBytes(32).toString("base64")}`;

/** The origins of the demo portal. */
const PAGES = ["localhost", "127.0.0.1"].map((host) => `http://${host}:8080`);

/** The file through which the demo portal finds the edge function. */
const DISCOVERY = join(FOLDER, "edge.json");

/** @type {ChildProcess[]} */
const children = [];
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit());
process.once("exit", () => {
  for (const child of children) child.kill();
  rmSync(DISCOVERY, { force: true });
});
mkdirSync(join(FOLDER, "storage"), { recursive: true });

const sandbox = await startSandbox();
const consumer = await startConsumer();
const url = await startEdge();
const client = await createClient({ endpoints: { baseUrl: sandbox.url }, accessToken: sandbox.accessToken });
const { companyId, companyName, doctors } = await client.practiceConfiguration();
const doctorId = doctors[0]?.id ?? exitWith("The sandbox's practice has no doctor.");
const callbackUrl = `${url}/callback/${secret}`;

// Removes what an earlier run left: its orders are gone with its sandbox.
await admin("DELETE", "");
await admin("PUT", "", {
  endpoints: { baseUrl: sandbox.url, v3: { domain: sandbox.url, path: "third-party/v3" } },
  accessToken: sandbox.accessToken,
  deliverTo: { url: consumer.url, secret: webhookSecret },
});
await control("callback-url", { url: callbackUrl });
const portalUrl = await startPortalServer();
const found = {
  ...{ url, adminKey, companyId: String(companyId), portalUrl },
  ...{ sandboxUrl: sandbox.url, sandboxToken: sandbox.accessToken },
};
writeFileSync(DISCOVERY, JSON.stringify(found), { mode: 0o600 });

const { lastReconcile } = await until(
  practiceState,
  ({ lastReconcile, pendingDeliveries }) => lastReconcile !== null && pendingDeliveries === 0,
);
say(`${companyName} (${companyId}) is registered; each of its ${lastReconcile?.orders} orders is an event now`);
await showScan();
await showPage();
showCommands();

async function showScan() {
  console.log("\nOne scan, from RX to event:\n");
  const patient = { patientFirstName: "Ada", patientLastName: "Example", patientChartNumber: "A-1001" };
  const rxId = await client.createScanRequest({ companyId, doctorId, ...patient });
  say(`RX        pushed to the scanner: ${rxId}`);
  const arrived = consumer.next(rxId);
  const { orderId } = await control("complete-scan", { rxId });
  say(`scan      completed: order ${orderId}`);
  const { counts } = await until(practiceState, ({ counts: { notifications } }) => (notifications ?? 0) > 0);
  say(`callback  posted by the service, stored and acknowledged (${counts.notifications} so far)`);
  const { event, headers } = await arrived;
  say(`event     #${event.seq} ${event.type}, ${event.status}, found by ${event.source}`);
  say(`delivery  ${headers["webhook-id"]}, its signature verified`);
  const feed = await admin("GET", `/events?after=${event.seq - 1}`);
  console.log(`\n${JSON.stringify(feed.events[0], null, 2)}`);
}

/** Does what a page does: signs in, gets a session, and makes calls with it. */
async function showPage() {
  console.log("\nA page, which has no token of the practice:\n");
  const signedIn = await fetch(`${portalUrl}/sign-in`, { method: "POST" });
  const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
  const session = async () => (await fetch(`${portalUrl}/session`, { method: "POST", headers: { cookie } })).text();
  const page = await createClient({
    endpoints: { edgeUrl: url, companyId },
    accessToken: await session(),
    refresh: session,
  });
  const { orders } = await page.listOrders({ pageSize: 100 });
  say(`orders    ${orders.length} listed through the edge function`);
  const link = orders.at(-1)?.links.scan;
  const file = link ? await page.downloadLink(link) : null;
  say(`scan      ${(await file?.arrayBuffer())?.byteLength ?? 0} bytes of the last one, by the API's own link`);
}

function showCommands() {
  consumer.announce = ({ event }) =>
    say(`event #${event.seq} ${event.type} ${event.rxId}: ${event.previousStatus ?? "new"} → ${event.status}`);
  const bearer = (/** @type {string} */ token) => `-H 'Authorization: Bearer ${token}'`;
  const practice = `${url}/practices/${companyId}`;
  const api = `${sandbox.url}/api/third-party/v2`;
  console.log(`
callback URL: ${callbackUrl}

In the demo portal (make demo, in a second terminal, on ${PAGES[0]}), choose "Edge function": a page without the practice's token.
Its buttons for the scanner go through the portal's server.

Try another one from there; its events appear here:

  # push an RX
  RX=$(curl -s ${api}/scan-request ${bearer(sandbox.accessToken)} -H 'Content-Type: application/json' \\
    -d '{"CompanyId":${companyId},"DoctorId":${doctorId},"PatientFirstName":"Ada","PatientLastName":"Example","PatientChartNumber":"A-1002"}' \\
    | sed 's/.*"Data":"\\([^"]*\\)".*/\\1/'); echo $RX

  # scan it, then have the lab review it
  curl -s ${sandbox.url}/sandbox/complete-scan ${bearer(sandbox.accessToken)} -d "{\\"rxId\\":\\"$RX\\"}"
  curl -s ${sandbox.url}/sandbox/order-status ${bearer(sandbox.accessToken)} -d "{\\"rxId\\":\\"$RX\\",\\"status\\":\\"Lab Review\\"}"

  # the state of the practice's inbox, and its feed
  curl -s ${practice} ${bearer(adminKey)}
  curl -s '${practice}/events?after=0&limit=10' ${bearer(adminKey)}

  # what a page does: sign in at the portal's server, get a session, call the API with it
  curl -s -c target/edge/cookie -X POST ${portalUrl}/sign-in
  SESSION=$(curl -s -b target/edge/cookie -X POST ${portalUrl}/session)
  curl -s '${practice}/api/v2/orders/practice?Offset=0&pageSize=1' -H "Authorization: Bearer $SESSION"

  # find changes without a callback
  curl -s -X POST ${practice}/reconcile ${bearer(adminKey)}

Storage is in target/edge/storage, workerd's log in target/edge/log. Press Ctrl-C to stop.
`);
}

// --- the processes ---

async function startSandbox() {
  // As iTero's API: no page may call it, and nobody knows the practice's token.
  const token = randomBytes(16).toString("hex");
  const args = ["--port", SANDBOX_PORT, "--no-cors", "--token", token];
  const child = run(process.execPath, [join(ROOT, "pkg/bin/itero-dpms-sandbox.js"), ...args]);
  const line = await firstLine(child.stdout);
  const [, address, accessToken] = /(http:\S+).*access token: ([^)\s]+)/.exec(line) ?? [];
  if (address === undefined || accessToken === undefined) return exitWith(`The sandbox said: ${line}`);
  return { url: address, accessToken };
}

async function startEdge() {
  const args = [
    "serve",
    join(ROOT, "pkg/workerd.capnp"),
    "--control-fd=3",
    `--socket-addr=http=127.0.0.1:${EDGE_PORT}`,
  ];
  const child = run(workerd.default, [...args, `--directory-path=storage=${join(FOLDER, "storage")}`], {
    env: {
      ...process.env,
      CALLBACK_SECRETS: secret,
      ADMIN_KEY: adminKey,
      SESSION_SECRETS: sessionSecret,
      ALLOWED_ORIGINS: PAGES.join(),
    },
  });
  const log = join(FOLDER, "log");
  writeFileSync(log, "");
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => writeFileSync(log, text, { flag: "a" }));
  }
  const { port } = JSON.parse(await firstLine(/** @type {Readable} */ (child.stdio[3])));
  return `http://127.0.0.1:${port}`;
}

async function startPortalServer() {
  const child = run(process.execPath, [join(ROOT, "examples/portal-server/server.mjs")], {
    env: { ...process.env, PORT: PORTAL_PORT, COMPANY_ID: String(companyId), SESSION_SECRETS: sessionSecret },
  });
  return firstLine(child.stdout);
}

/** Receives events as any consumer would: verifies each, then reads it. */
async function startConsumer() {
  const webhook = new Webhook(webhookSecret);
  /** @type {Map<string, (delivery: Delivery) => void>} */
  const waiting = new Map();
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    try {
      const headers = /** @type {Record<string, string>} */ (request.headers);
      const delivery = { event: /** @type {OrderEvent} */ (webhook.verify(body, headers)), headers };
      waiting.get(delivery.event.rxId)?.(delivery);
      it.announce?.(delivery);
      response.end();
    } catch {
      response.writeHead(401).end();
    }
  });
  await new Promise((ready) => void server.listen(0, "127.0.0.1", () => ready(undefined)));
  const { port } = /** @type {AddressInfo} */ (server.address());
  const it = {
    url: `http://127.0.0.1:${port}/`,
    announce: /** @type {((delivery: Delivery) => void) | undefined} */ (undefined),
    /** Resolves with the next event of an RX. */
    next: (/** @type {string} */ rxId) =>
      /** @type {Promise<Delivery>} */ (new Promise((resolve) => waiting.set(rxId, resolve))),
  };
  return it;
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {SpawnOptions} [options]
 */
function run(command, args, options) {
  /** @type {["ignore", "pipe", "pipe", "pipe"]} */
  const stdio = ["ignore", "pipe", "pipe", "pipe"];
  const child = spawn(command, args, { ...options, stdio });
  children.push(child);
  child.once("exit", (code) => {
    if (code !== null)
      exitWith(`${command} exited with code ${code}; is a port in use? (EDGE_PORT, SANDBOX_PORT, PORTAL_PORT)`);
  });
  return /** @type {ChildProcess & { stdout: Readable; stderr: Readable }} */ (child);
}

/**
 * @param {string} message
 * @returns {never}
 */
function exitWith(message) {
  console.error(message);
  process.exit(1);
}

// --- helpers ---

/**
 * @param {Readable} stream
 * @returns {Promise<string>}
 */
function firstLine(stream) {
  return new Promise((resolve) => createInterface({ input: stream }).once("line", resolve));
}

/** @param {string} text */
function say(text) {
  console.log(`${new Date().toISOString().slice(11, 23)}  ${text}`);
}

/** @returns {Promise<PracticeState>} */
function practiceState() {
  return admin("GET", "");
}

/**
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 */
async function admin(method, path, body) {
  const response = await fetch(`${url}/practices/${companyId}${path}`, {
    method,
    headers: { Authorization: `Bearer ${adminKey}` },
    body: body === undefined ? null : JSON.stringify(body),
  });
  return response.json();
}

/**
 * @param {string} operation
 * @param {object} body
 */
async function control(operation, body) {
  const response = await fetch(`${sandbox.url}/sandbox/${operation}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${sandbox.accessToken}` },
    body: JSON.stringify(body),
  });
  return response.json();
}

/**
 * @template T
 * Polls until the result satisfies a condition.
 *
 * @param {() => Promise<T>} poll
 * @param {(result: T) => boolean} condition
 */
async function until(poll, condition) {
  for (let tries = 0; tries < 300; tries++) {
    const result = await poll();
    if (condition(result)) return result;
    await sleep(50);
  }
  return exitWith("The edge function makes no progress; see target/edge/log.");
}
