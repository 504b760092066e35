#!/usr/bin/env node
// Serves the sandbox over HTTP, for every language and every page that can be pointed to a base URL.
import { createServer } from "node:http";
import { isIP } from "node:net";
import { Refusal, corsHeaders, preflight, urlOf } from "../lib/sandbox-cli/access.js";
import { HELP, readFlags } from "../lib/sandbox-cli/flags.js";
import { logResponse, painter } from "../lib/sandbox-cli/output.js";
import { createSandbox } from "../lib/sandbox/node.js";

/**
 * @import { IncomingMessage, ServerResponse } from "node:http"
 * @import { Sandbox } from "../lib/sandbox/sandbox.js"
 */

const LARGEST_BODY = 1024 * 1024;

const paint = painter(process.stdout);
const paintError = painter(process.stderr);

/** @type {(message: string, code: number) => never} */
function fail(message, code) {
  console.error(paintError("red", `itero-dpms-sandbox: ${message}`));
  process.exit(code);
}

/** Returns the body; `null` if it is too large. @param {IncomingMessage} incoming */
async function readBody(incoming) {
  /** @type {Buffer[]} */
  const chunks = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > LARGEST_BODY) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** @param {IncomingMessage} incoming @param {URL} url @param {Sandbox} sandbox @param {AbortSignal} signal */
async function respond(incoming, url, sandbox, signal) {
  if (incoming.method === "OPTIONS") return preflight();
  const body = await readBody(incoming);
  if (body === null) return refused(413, "The body is larger than 1 MiB.", { connection: "close" });
  const { method = "GET", headers } = incoming;
  let request;
  try {
    request = new Request(url, {
      method,
      headers: headers.authorization === undefined ? {} : { authorization: headers.authorization },
      body: body.length > 0 && !["GET", "HEAD"].includes(method) ? body : null,
    });
  } catch {
    return unreadable();
  }
  return sandbox.fetch(request, { signal });
}

/** @param {number} status @param {string} message @param {Record<string, string>} [headers] */
const refused = (status, message, headers = {}) =>
  new Response(`${message}\n`, { status, headers: { ...headers, "content-type": "text/plain; charset=utf-8" } });

const unreadable = () => refused(400, "This is not a request that the sandbox can read.");

/** What was refused before: each is said once. @type {Set<string>} */
const warned = new Set();

/** @param {Refusal} error */
function forbidden(error) {
  if (!warned.has(error.message)) console.error(paintError("yellow", `itero-dpms-sandbox: refused. ${error.message}`));
  warned.add(error.message);
  return refused(403, error.message, { connection: "close" });
}

/** @param {IncomingMessage} incoming @param {ServerResponse} outgoing @param {Sandbox} sandbox */
async function serve(incoming, outgoing, sandbox) {
  const hungUp = new AbortController();
  outgoing.once("close", () => hungUp.abort());
  const { host, origin } = incoming.headers;
  /** @type {Record<string, string>} */
  let cors = {};
  /** @type {Response} */
  let response;
  try {
    const url = urlOf(host, incoming.url ?? "", new URL(sandbox.endpoints.baseUrl).host, flags.access);
    if (url !== null) cors = corsHeaders(origin, url, flags.access);
    response = url === null ? unreadable() : await respond(incoming, url, sandbox, hungUp.signal);
  } catch (error) {
    if (error instanceof Refusal) response = forbidden(error);
    else if (isReset(error) || outgoing.destroyed) throw error;
    else response = refused(500, "The sandbox failed. Restart it, and report it if that happens again.");
  }
  outgoing.writeHead(response.status, { ...Object.fromEntries(response.headers), ...cors });
  outgoing.flushHeaders();
  for await (const chunk of response.body ?? []) {
    // Written before the next is read: a connection that then breaks off has delivered so much.
    await new Promise((resolve) => {
      hungUp.signal.addEventListener("abort", resolve, { once: true });
      outgoing.write(chunk, resolve);
    });
    if (hungUp.signal.aborted) return;
  }
  outgoing.end();
}

/** Whether a fault of the sandbox resets the connection. @param {any} error */
const isReset = (error) => error?.cause?.code === "ECONNRESET";

/** Breaks the connection as the sandbox wants it: the caller sees it reset, or the response cut. @param {ServerResponse} outgoing */
function breakConnection(outgoing) {
  if (outgoing.headersSent) outgoing.destroy();
  else outgoing.socket?.resetAndDestroy();
}

/** @param {unknown} error */
const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/** @type {ReturnType<typeof readFlags>} */
let flags;
try {
  flags = readFlags();
} catch (error) {
  fail(`${messageOf(error)} (see --help)`, 2);
}
if (flags.help) {
  process.stdout.write(HELP);
  process.exit(0);
}

/** @param {string} baseUrl */
async function openSandbox(baseUrl) {
  const sandbox = await createSandbox({ ...flags.sandbox, baseUrl, anyOrigin: true });
  await sandbox.control.setCallbackUrl(flags.callbackUrl);
  return sandbox;
}

/** @type {Promise<Sandbox>} */
let ready;
const server = createServer((incoming, outgoing) => {
  if (flags.verbose) logResponse(incoming, outgoing);
  ready
    .then((sandbox) => serve(incoming, outgoing, sandbox))
    // A client that hung up is no failure of the server.
    .catch((error) => (isReset(error) ? breakConnection(outgoing) : outgoing.destroy()));
});
server.on("error", (/** @type {NodeJS.ErrnoException} */ error) => fail(listenProblem(error), 1));
server.listen(flags.port, flags.host, async () => {
  const baseUrl = `http://${ownHost()}`;
  ready = openSandbox(baseUrl);
  const sandbox = await ready.catch((error) => fail(messageOf(error), error instanceof TypeError ? 2 : 1));
  console.log(
    `itero-dpms sandbox on ${paint("bold", sandbox.endpoints.baseUrl)}  (access token: ${sandbox.accessToken})`,
  );
});

/** Why the server cannot listen, and what to do about it. @param {NodeJS.ErrnoException} error */
function listenProblem({ code, message }) {
  switch (code) {
    case "EADDRINUSE":
      return `port ${flags.port} is in use, perhaps by another sandbox: stop it, or choose another port with --port (0 for a free one)`;
    case "EACCES":
      return `port ${flags.port} is not allowed for this user: choose one above 1023 with --port`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `--host ${flags.host} is not an address of this machine`;
    default:
      return message;
  }
}

/** Returns the host and port under which clients on this machine reach the server. */
function ownHost() {
  const { address, port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  // A name is kept; "all addresses" is none that a client can connect to.
  const name = isIP(flags.host) === 0 ? flags.host : ({ "0.0.0.0": "127.0.0.1", "::": "::1" }[address] ?? address);
  return `${isIP(name) === 6 ? `[${name}]` : name}:${port}`;
}

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    // Not later: a callback to a receiver that does not answer would keep the process alive.
    server.close(() => process.exit());
    server.closeAllConnections();
  });
}
