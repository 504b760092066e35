// The sandbox as a server: its first line, its options, CORS, the document's status codes, and a clean exit.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { CLI, startSandbox } from "../support/sandbox-cli.mjs";
import { settled, test, within } from "../support/test.mjs";

const V2 = "/api/third-party/v2";
const UNKNOWN = "5d0f2c4e-9a1b-4c3d-8e7f-60718293a4b5";

async function started(t, args) {
  const sandbox = await startSandbox(args);
  t.after(() => sandbox.stop());
  const headers = { Authorization: `Bearer ${sandbox.accessToken}` };
  return { sandbox, get: (path, init = {}) => fetch(sandbox.baseUrl + path, { headers, ...init }), headers };
}

/** Returns what the command prints when it refuses to run, and checks that it is a sentence and that the exit code is not 0. */
async function refusal(args) {
  const child = spawn(process.execPath, [CLI, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 15_000,
    killSignal: "SIGKILL",
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (chunk) => (stderr += chunk));
  const [code] = await once(child, "close");
  assert.ok(code > 0, `code ${code}`);
  assert.doesNotMatch(stderr, /^\s+at /m, "a sentence, not a stack");
  return stderr;
}

test("the first line names the address and the token", async (t) => {
  const { sandbox } = await started(t);
  assert.match(
    sandbox.firstLine,
    /^itero-dpms sandbox on http:\/\/127\.0\.0\.1:\d+ +\(access token: sandbox-access-token\)$/,
  );
  assert.notEqual(new URL(sandbox.baseUrl).port, "0");
});

test("--token and --seed are applied", async (t) => {
  const { sandbox, get } = await started(t, ["--token", "my-token", "--seed", "5"]);
  assert.equal(sandbox.accessToken, "my-token");
  const other = await started(t, ["--seed", "6"]);
  const ids = async (ask) =>
    (await (await ask(`${V2}/orders/practice?Offset=0&pageSize=50`)).json()).Data.Results.map((o) => o.RxId);
  assert.equal(new Set([...(await ids(get)), ...(await ids(other.get))]).size, 100);
});

for (const signal of ["SIGTERM", "SIGINT"]) {
  test(`${signal} exits cleanly, even with open connections`, async () => {
    const sandbox = await startSandbox();
    await (await fetch(`${sandbox.baseUrl}${V2}/practice-configuration`)).text(); // leaves a kept-alive connection
    const { code, signal: by, stderr } = await sandbox.stop(signal);
    assert.equal(by, null);
    assert.equal(code, 0);
    assert.equal(stderr, "");
  });
}

for (const [what, args] of [
  ["an unknown option", ["--bogus"]],
  ["a port that is not a number", ["--port", "x"]],
  ["a port out of range", ["--port", "70000"]],
  ["a negative time", ["--generation-ms", "-5"]],
  ["an origin without a scheme", ["--allow-origin", "localhost:5173"]],
  ["an origin with a path", ["--allow-callbacks", "http://portal.invalid/callback"]],
  ["a host with a port", ["--allow-host", "sandbox:4010"]],
]) {
  test(`${what} exits with an error message on stderr and a code`, async () => {
    assert.ok((await refusal(args)).trim().length > 0);
  });
}

test("a port that is in use exits with an error message", async (t) => {
  const { sandbox } = await started(t);
  const { port } = new URL(sandbox.baseUrl);
  assert.match(await refusal(["--port", port]), new RegExp(`port ${port} is in use.*--port`));
});

test("an address that is not this machine's exits with a message that names --host", async () => {
  assert.match(await refusal(["--port", "0", "--host", "192.0.2.1"]), /--host 192\.0\.2\.1 is not an address/);
});

test("--help explains the options", async () => {
  const child = spawn(process.execPath, [CLI, "--help"], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 15_000,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => (stdout += chunk));
  const [code] = await once(child, "close");
  assert.equal(code, 0);
  for (const option of [
    "--port",
    "--host",
    "--seed",
    "--token",
    "--generation-ms",
    "--callback-url",
    "--no-patient-updates",
    "--allow-host",
    "--allow-origin",
    "--allow-callbacks",
    "--verbose",
  ])
    assert.ok(stdout.includes(option), option);
  const examples = stdout.slice(stdout.indexOf("Examples:")).match(/^ +itero-dpms-sandbox .*$/gm);
  assert.ok(examples.length >= 4, stdout);
  for (const [flag] of examples.join(" ").matchAll(/--[\w-]+/g))
    assert.match(stdout, new RegExp(`^  ${flag}\\b`, "m"), `the example's ${flag} is explained`);
});

test("a page of any origin may call the API: preflight and exposed headers", async (t) => {
  const { sandbox, get } = await started(t);
  const preflight = await fetch(`${sandbox.baseUrl}${V2}/scan-request`, {
    method: "OPTIONS",
    headers: {
      Origin: "http://portal.invalid",
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "authorization,content-type",
    },
  });
  assert.ok(preflight.ok, `${preflight.status}`);
  assert.equal(preflight.headers.get("access-control-allow-origin"), "*");
  for (const name of ["authorization", "content-type", "traceparent"])
    assert.match(preflight.headers.get("access-control-allow-headers"), new RegExp(name, "i"));
  for (const response of [
    await get(`${V2}/practice-configuration`),
    await fetch(sandbox.baseUrl + V2),
    await get("/nowhere"),
  ]) {
    assert.equal(response.headers.get("access-control-allow-origin"), "*", `${response.url} ${response.status}`);
  }
  const exposed = (await get(`${V2}/practice-configuration`)).headers.get("access-control-expose-headers");
  for (const name of ["Content-Length", "Content-Encoding", "Retry-After"])
    assert.match(exposed, new RegExp(name, "i"));
});

test("every call without the right token is 401", async (t) => {
  const { sandbox } = await started(t);
  for (const authorization of [undefined, "Bearer wrong", "sandbox-access-token", "Basic sandbox-access-token"]) {
    for (const [method, path] of [
      ["GET", `${V2}/practice-configuration`],
      ["POST", `${V2}/scan-request`],
      ["GET", `${V2}/orders/practice?Offset=0&pageSize=1`],
      ["GET", `${V2}/orders/${UNKNOWN}`],
      ["GET", `${V2}/order/1/download/IDE`],
      ["GET", `${V2}/latest-files`],
      ["GET", `${V2}/patient/search`],
      ["GET", "/third-party/v3/patient/search"],
      ["PATCH", `${V2}/patients`],
      ["POST", "/sandbox/complete-scan"],
    ]) {
      const headers = authorization ? { Authorization: authorization } : {};
      assert.equal(
        (await fetch(sandbox.baseUrl + path, { method, headers })).status,
        401,
        `${method} ${path} ${authorization}`,
      );
    }
  }
});

test("a malformed RX id is 400, an unknown one 404 (§4.6.3)", async (t) => {
  const { get } = await started(t);
  assert.equal((await get(`${V2}/orders/not-a-guid`)).status, 400);
  assert.equal((await get(`${V2}/orders/${UNKNOWN}`)).status, 404);
});

test("a download of a wrong asset type or order is an error of §4.7.3", async (t) => {
  const { get } = await started(t);
  assert.ok([400, 404].includes((await get(`${V2}/order/1/download/STL`)).status));
  assert.equal((await get(`${V2}/order/1/download/IDE`)).status, 404);
});

test("complete-scan is 404 for an unknown RX and 400 for a malformed body", async (t) => {
  const { sandbox, headers } = await started(t);
  const post = (body) =>
    fetch(`${sandbox.baseUrl}/sandbox/complete-scan`, {
      method: "POST",
      headers: { ...headers, "Content-Type": "application/json" },
      body,
    });
  assert.equal((await post(JSON.stringify({ rxId: UNKNOWN }))).status, 404);
  assert.equal((await post("{")).status, 400);
});

test("a scan request with wrong data is 400 (§4.2.2) and creates nothing", async (t) => {
  const { sandbox, headers, get } = await started(t);
  const practice = (await (await get(`${V2}/practice-configuration`)).json()).Data;
  const good = {
    CompanyId: practice.Header?.CompanyId ?? practice.CompanyId,
    DoctorId: practice.Doctors[0].Id,
    PatientFirstName: "Maria",
    PatientLastName: "Jansen",
    PatientChartNumber: "CLI-1",
  };
  const post = (body) =>
    fetch(`${sandbox.baseUrl}${V2}/scan-request`, {
      method: "POST",
      headers: { ...headers, "Content-Type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  assert.equal((await post(good)).status, 200);
  assert.equal((await post({ ...good, Gender: 109, DateOfBirth: "1990-02-28T00:00:00.000Z" })).status, 200);
  for (const bad of [
    "",
    "{",
    "[]",
    { ...good, DoctorId: 1 },
    { ...good, PatientFirstName: undefined },
    { ...good, DateOfBirth: "2023-02-30" },
    { ...good, Gender: "x" },
  ]) {
    assert.equal((await post(bad)).status, 400, JSON.stringify(bad));
  }
});

test("the archive has a Content-Length, and a client may stop reading it halfway", async (t) => {
  const { sandbox, get } = await started(t, ["--generation-ms", "1"]);
  const { Data } = await (await get(`${V2}/orders/practice?Offset=0&pageSize=1`)).json();
  const path = `${V2}/order/${Data.Results[0].OrderId}/download/IDE`;
  let response;
  for (let tries = 0; tries < 100; tries += 1) {
    response = await get(path);
    if (response.status !== 404) break;
    await response.arrayBuffer();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(response.status, 200);
  assert.ok(Number(response.headers.get("content-length")) > 100_000);
  const reader = response.body.getReader();
  await reader.read();
  await reader.cancel();
  assert.equal((await get(`${V2}/practice-configuration`)).status, 200);
  assert.ok(sandbox.pid);
});

test("a request that is too large or not HTTP does not stop the server", async (t) => {
  const { sandbox, get, headers } = await started(t);
  const huge = "x".repeat(12_000_000);
  await settled(
    fetch(`${sandbox.baseUrl}${V2}/scan-request`, { method: "POST", headers, body: huge }).then((r) => r.text()),
  );
  const { port } = new URL(sandbox.baseUrl);
  const { connect } = await import("node:net");
  const socket = connect(Number(port), "127.0.0.1");
  socket.on("error", () => {}).resume();
  socket.write("not http at all\r\n\r\n");
  await within(once(socket, "close"), 10_000, "the socket to close");
  assert.equal((await get(`${V2}/practice-configuration`)).status, 200);
});
