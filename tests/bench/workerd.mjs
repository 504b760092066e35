// Workers under workerd: the packaged edge function, and plain ones that it is compared with.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import workerd from "workerd";

/** The configuration of the edge function. */
export const PACKAGED = fileURLToPath(new URL("../../pkg/workerd.capnp", import.meta.url));

/** The configuration of a Worker in plain.js. */
export const CONFIG = `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "webhook", worker = .webhook),
    (name = "storage", disk = (path = "storage", writable = true)),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "webhook")],
);
const webhook :Workerd.Worker = (
  modules = [(name = "plain.js", esModule = embed "plain.js")],
  compatibilityDate = "2026-04-01",
  bindings = [
    (name = "PRACTICES", durableObjectNamespace = "PracticeInbox"),
    (name = "CALLBACK_SECRETS", fromEnvironment = "CALLBACK_SECRETS"),
    (name = "API", fromEnvironment = "API"),
  ],
  durableObjectNamespaces = [(className = "PracticeInbox", uniqueKey = "plain", enableSql = true)],
  durableObjectStorage = (localDisk = "storage"),
);
`;

/** Starts workerd with variables of its environment. */
export async function start(config, storage, env = {}) {
  const args = [
    "serve",
    config,
    "--control-fd=3",
    "--socket-addr=http=127.0.0.1:0",
    `--directory-path=storage=${storage}`,
  ];
  const child = spawn(workerd.default, args, {
    stdio: ["ignore", "ignore", "inherit", "pipe"],
    env: { CALLBACK_SECRETS: "secret", ADMIN_KEY: "key", ...env },
  });
  const [line] = await once(createInterface({ input: child.stdio[3] }), "line");
  return { child, port: JSON.parse(line).port };
}

/** Registers a practice with the edge function. */
export async function register(port, companyId, registration) {
  const response = await fetch(`http://127.0.0.1:${port}/practices/${companyId}`, {
    method: "PUT",
    headers: { Authorization: "Bearer key" },
    body: JSON.stringify(registration),
  });
  if (!response.ok) throw new Error(`registering: ${await response.text()}`);
}

/** A different RX for each number. */
export const rxIdOf = (n) => `5d0f2c4e-9a1b-4c3d-8e7f-${n.toString(16).padStart(12, "0")}`;

/** Uses node:http, which costs a fraction of fetch, since only the server is to be measured. */
export async function notify(port, agent, n, companyId) {
  const body = JSON.stringify({ Id: rxIdOf(n), CompanyId: String(companyId) });
  const headers = { "Content-Type": "application/json", "Content-Length": body.length };
  const call = request({ port, host: "127.0.0.1", path: "/callback/secret", method: "POST", agent, headers });
  call.end(body);
  const [response] = await once(call, "response");
  response.resume();
  await once(response, "end");
  if (response.statusCode !== 202) throw new Error(`status ${response.statusCode}`);
}

/** What a process holds in memory. */
export const residentKilobytes = (pid) =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
