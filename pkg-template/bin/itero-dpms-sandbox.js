#!/usr/bin/env node
// Serves the sandbox over HTTP, for every language and every page that can be pointed to a base URL.
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { createSandbox } from "../lib/sandbox/node.js";

/**
 * @import { IncomingMessage, ServerResponse } from "node:http"
 * @import { Sandbox } from "../lib/sandbox/sandbox.js"
 */

const HELP = `Serves a made-up dental practice over the iTero DPMS API.

Usage: itero-dpms-sandbox [options]

  --port <number>           port to listen on, 0 for a free one   (4010)
  --host <address>          address to listen on                  (127.0.0.1)
  --seed <number>           which practice is made up             (1)
  --token <string>          access token to accept                (sandbox-access-token)
  --generation-ms <number>  how long a new 3D archive takes       (1500)
  --callback-url <url>      where changes of orders are POSTed    (nowhere)
  --no-patient-updates      the integration may not manage patients
  --help                    this text
`;

const LARGEST_BODY = 1024 * 1024;

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "content-length, content-encoding, retry-after",
};

const PREFLIGHT = {
  "access-control-allow-methods": "GET, HEAD, POST, PATCH, DELETE",
  "access-control-allow-headers": "authorization, content-type",
  "access-control-max-age": "600",
};

/** @type {(message: string, code: number) => never} */
function fail(message, code) {
  console.error(`itero-dpms-sandbox: ${message}`);
  process.exit(code);
}

function readFlags() {
  /** @param {string} value */
  const text = (value) => ({ type: /** @type {const} */ ("string"), default: value });
  const { values } = parseArgs({
    options: {
      port: text("4010"),
      host: text("127.0.0.1"),
      seed: text("1"),
      token: text("sandbox-access-token"),
      "generation-ms": text("1500"),
      "callback-url": { type: "string" },
      "no-patient-updates": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  /** @param {"port" | "seed" | "generation-ms"} name */
  const number = (name, most = Number.MAX_SAFE_INTEGER) => {
    const value = Number(values[name]);
    if (!/^\d+$/.test(values[name]) || value > most) {
      throw new TypeError(`--${name} must be a whole number from 0 to ${most}`);
    }
    return value;
  };
  return {
    help: values.help,
    host: values.host,
    port: number("port", 65535),
    callbackUrl: values["callback-url"] ?? null,
    sandbox: {
      seed: number("seed"),
      accessToken: values.token,
      generationMs: number("generation-ms"),
      patientUpdates: !values["no-patient-updates"],
    },
  };
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

/** @param {IncomingMessage} incoming @param {Sandbox} sandbox @param {AbortSignal} signal */
async function respond(incoming, sandbox, signal) {
  if (incoming.method === "OPTIONS") return new Response(null, { status: 204, headers: PREFLIGHT });
  const body = await readBody(incoming);
  if (body === null) {
    return new Response("The body is larger than 1 MiB.\n", { status: 413, headers: { connection: "close" } });
  }
  const { method = "GET", headers, url = "/" } = incoming;
  let request;
  try {
    request = new Request(new URL(sandbox.endpoints.baseUrl).origin + url, {
      method,
      headers: headers.authorization === undefined ? {} : { authorization: headers.authorization },
      body: body.length > 0 && !["GET", "HEAD"].includes(method) ? body : null,
    });
  } catch {
    return new Response("This is not a request that the sandbox can read.\n", { status: 400 });
  }
  return sandbox.fetch(request, { signal });
}

/** @param {IncomingMessage} incoming @param {ServerResponse} outgoing @param {Sandbox} sandbox */
async function serve(incoming, outgoing, sandbox) {
  const hungUp = new AbortController();
  outgoing.once("close", () => hungUp.abort());
  const response = await respond(incoming, sandbox, hungUp.signal);
  outgoing.writeHead(response.status, { ...Object.fromEntries(response.headers), ...CORS });
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
  const sandbox = await createSandbox({ ...flags.sandbox, baseUrl });
  await sandbox.control.setCallbackUrl(flags.callbackUrl);
  return sandbox;
}

/** @type {Promise<Sandbox>} */
let ready;
const server = createServer((incoming, outgoing) => {
  ready
    .then((sandbox) => serve(incoming, outgoing, sandbox))
    // A client that hung up is no failure of the server; for anyone else there is a 500.
    .catch((error) => {
      if (error?.cause?.code === "ECONNRESET") return breakConnection(outgoing);
      if (outgoing.headersSent || outgoing.destroyed) return outgoing.destroy();
      outgoing.writeHead(500, CORS).end();
    });
});
server.on("error", (/** @type {NodeJS.ErrnoException} */ error) => {
  fail(error.code === "EADDRINUSE" ? `port ${flags.port} is in use; choose another with --port` : error.message, 1);
});
server.listen(flags.port, flags.host, async () => {
  const { address, port, family } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const baseUrl = `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
  ready = openSandbox(baseUrl);
  const sandbox = await ready.catch((error) => fail(messageOf(error), error instanceof TypeError ? 2 : 1));
  console.log(`itero-dpms sandbox on ${sandbox.endpoints.baseUrl}  (access token: ${sandbox.accessToken})`);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    // Not later: a callback to a receiver that does not answer would keep the process alive.
    server.close(() => process.exit());
    server.closeAllConnections();
  });
}
