// Runs the packed edge function under workerd, the runtime of Cloudflare Workers, in its own process with its storage on disk.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import workerd from "workerd";
import { ROOT, closedPort, within } from "./test.mjs";

export const SECRET = "callback-secret-1";
export const OLD_SECRET = "callback-secret-0";
export const ADMIN_KEY = "admin-key-1";

const PACKAGE = join(ROOT, "pkg");
const TEST_WORKER = fileURLToPath(new URL("./edge-worker.js", import.meta.url));

/** Creates a folder that is removed when the test ends. */
export function temporaryFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), "itero-dpms-edge-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Starts workerd with the package's own configuration and stops it when the test ends.
 * @param {Pick<import("node:test").TestContext, "after">} t
 * @param {{ folder?: string, storage?: string, env?: Record<string, string>, testWorker?: boolean, wasm?: Uint8Array, port?: number }}
 *   [options] a package other than this build's; the storage folder of an earlier process; variables; whether to use the
 *   Worker in edge-worker.js, whose clock starts at START_AT; another module; the port of an earlier process
 */
export async function startEdge(t, options = {}) {
  const { folder = PACKAGE, storage = temporaryFolder(t), env = {}, testWorker = false, wasm } = options;
  // Not one that the system could give to a connection while the process is restarted.
  const { port = await closedPort() } = options;
  const config = testWorker || wasm ? configured(t, { testWorker, wasm }) : join(folder, "workerd.capnp");
  const args = ["serve", config, "--control-fd=3", `--socket-addr=http=127.0.0.1:${port}`];
  const child = spawn(workerd.default, [...args, `--directory-path=storage=${storage}`], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    env: { CALLBACK_SECRETS: `${SECRET},${OLD_SECRET}`, ADMIN_KEY, ...env },
  });
  const exited = once(child, "exit");
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const kill = async () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(child.pid, "SIGKILL");
    await exited;
  };
  t.after(kill);
  const listening = once(createInterface({ input: child.stdio[3] }), "line");
  const failed = exited.then(() => assert.fail(`workerd exited: ${output}`));
  failed.catch(() => {});
  const [line] = await within(Promise.race([listening, failed]), 15_000, "workerd to listen");
  const url = `http://127.0.0.1:${JSON.parse(line).port}`;
  return { url, storage, kill, output: () => output, ...callsOf(url) };
}

/** The calls to an edge function at `url`. */
export function callsOf(url) {
  // Each on a connection of its own: workerd closes those that were idle for five seconds, perhaps just when a request begins.
  const send = (path, method, body, headers = {}) =>
    fetch(`${url}/${path}`, { method, body, headers: { ...headers, Connection: "close" } });
  const admin = (method, path, body, key = ADMIN_KEY) => {
    const json = body === undefined ? undefined : JSON.stringify(body);
    return send(`practices/${path}`, method, json, { Authorization: `Bearer ${key}` });
  };
  const ok = async (response) => {
    const text = await response.text();
    assert.ok(response.ok, `${response.status} ${text}`);
    return text === "" ? null : JSON.parse(text);
  };
  const post = (body, secret = SECRET) => send(`callback/${secret}`, "POST", body);
  const state = async (companyId) => ok(await admin("GET", companyId));
  const events = async (companyId, query = "?limit=1000") =>
    (await ok(await admin("GET", `${companyId}/events${query}`))).events;
  return {
    admin,
    /** Posts a body to the callback URL. */
    post,
    /** Sends a notification of an RX as the service does, and returns the response. */
    notify: (rxId, companyId) => post(JSON.stringify({ Id: rxId, CompanyId: String(companyId) })),
    register: async (companyId, registration) => ok(await admin("PUT", companyId, registration)),
    state,
    events,
    /** Waits until a practice has `count` events and returns them. */
    eventsOf: (companyId, count, ms) =>
      eventually(
        () => events(companyId),
        (list) => list.length >= count,
        ms,
      ),
    /** Waits until a practice's state satisfies the condition and returns it. */
    stateWhen: (companyId, condition, ms) => eventually(() => state(companyId), condition, ms),
    /** Advances a practice's clock, in the test Worker, and runs its alarm. */
    advance: async (companyId, ms) => ok(await send(`test/${companyId}/advance?ms=${ms}`, "POST")),
    /** Calls another operation of the test Worker. */
    control: async (companyId, what) => ok(await send(`test/${companyId}/${what}`, "POST")),
  };
}

/** Polls until the result satisfies the condition, and returns it. */
export async function eventually(poll, condition, ms = 15_000) {
  const end = Date.now() + ms;
  for (;;) {
    const result = await poll();
    if (condition(result)) return result;
    assert.ok(Date.now() < end, `not within ${ms} ms; last result: ${JSON.stringify(result)?.slice(0, 2000)}`);
    await sleep(20);
  }
}

/** Copies the package's configuration into its own folder, with another entry or another module. */
function configured(t, { testWorker, wasm }) {
  const folder = temporaryFolder(t);
  for (const name of readdirSync(PACKAGE)) {
    if (/^(lib|wasm|workerd)/.test(name)) cpSync(join(PACKAGE, name), join(folder, name), { recursive: true });
  }
  const config = join(folder, "workerd.capnp");
  if (testWorker) {
    cpSync(TEST_WORKER, join(folder, "edge-worker.js"));
    const text = readFileSync(config, "utf8");
    const entry = '(name = "edge-worker.js", esModule = embed "edge-worker.js"),\n';
    writeFileSync(
      config,
      text
        .replace(/modules = \[\n/, (begin) => begin + entry)
        .replace(/bindings = \[\n/, (begin) => `${begin}(name = "START_AT", fromEnvironment = "START_AT"),\n`),
    );
  }
  if (wasm) {
    mkdirSync(join(folder, "wasm/webhook"), { recursive: true });
    writeFileSync(join(folder, "wasm/webhook/itero_dpms_bg.wasm"), wasm);
  }
  return config;
}
