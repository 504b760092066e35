// The client of a page: through the edge function's relay, with a session in place of the practice's token.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { unzipSync } from "fflate";
import { createClient } from "itero-dpms";
import { startEdge } from "../support/edge.mjs";
import { html, json, startFaultyServer } from "../support/faulty-server.mjs";
import { SESSION_ENV, session } from "../support/relay.mjs";
import { startSandbox } from "../support/sandbox-cli.mjs";
import { collect, rejection, test } from "../support/test.mjs";

/** @type {Awaited<ReturnType<typeof startSandbox>>} */
let sandbox;
/** @type {Awaited<ReturnType<typeof startEdge>>} */
let edge;
/** @type {number} */
let companyId;
/** The token endpoint of the practice. @type {Awaited<ReturnType<typeof startFaultyServer>>} */
let tokens;
const finish = [];

before(async () => {
  sandbox = await startSandbox(["--generation-ms", "600"]);
  edge = await startEdge({ after: (end) => finish.push(end) }, { env: SESSION_ENV });
  tokens = await startFaultyServer(async () => json(200, { access_token: freshToken }));
  const direct = await createClient({ endpoints: { baseUrl: sandbox.baseUrl }, accessToken: sandbox.accessToken });
  ({ companyId } = await direct.practiceConfiguration());
  await edge.register(companyId, {
    endpoints: { baseUrl: sandbox.baseUrl, v3: { domain: sandbox.baseUrl, path: "third-party/v3" } },
    accessToken: sandbox.accessToken,
    refresh: { tokenUrl: `${tokens.baseUrl}/token`, clientId: "id", clientSecret: "s", refreshToken: "r" },
  });
});
after(async () => {
  await sandbox?.stop();
  await tokens?.close();
  for (const end of finish) await end();
});

let freshToken = "";

/** A client as a page has it; the URLs and headers of its requests. */
async function page(options = {}, sessionOptions = {}) {
  const requests = [];
  const client = await createClient({
    endpoints: { edgeUrl: edge.url, companyId },
    accessToken: await session({ companyId, ...sessionOptions }),
    fetch: (request) => {
      requests.push(`${request.method} ${request.url} ${request.headers.get("authorization")}`);
      return fetch(request);
    },
    ...options,
  });
  return { client, requests };
}

test("the main job goes through the relay, and no request of the page has the practice's token", async () => {
  const { client, requests } = await page();
  const { doctors, ...practice } = await client.practiceConfiguration();
  assert.equal(practice.companyId, companyId);
  const patient = { patientFirstName: "Ada", patientLastName: "Example", patientChartNumber: "RELAY-1" };
  const rxId = await client.createScanRequest({ companyId, doctorId: doctors[0].id, ...patient });
  const { orderId } = await sandbox.completeScan(rxId);
  const listed = await collect(client.orders({ pageSize: 5 }));
  assert.ok(listed.some((order) => order.rxId === rxId));
  const order = await client.getOrder(rxId);
  assert.equal(order.orderId, orderId);
  const states = [];
  for (const download of [
    () => client.downloadScan(orderId, "IDE", { onProgress: ({ state }) => states.push(state) }),
    () => client.downloadLink(order.links.scan),
    () =>
      client.downloadLink(order.links.scan.replace(sandbox.baseUrl, "https://api.example").replace("order/", "Order/")),
    () => client.downloadLink(order.links.thumbnails),
  ]) {
    const response = await download();
    const files = unzipSync(new Uint8Array(await response.arrayBuffer()));
    assert.ok(Object.keys(files).length > 1);
  }
  assert.deepEqual([states[0], states.at(-1)], ["waiting", "done"]);
  assert.ok(states.includes("downloading"));
  const [found] = await client.searchPatients({ firstName: "Ada", lastName: "Example", chartNumber: "RELAY-1" });
  assert.equal(found.chartNumber, "RELAY-1");
  const page3 = await client.listPatients({ lastName: "Example" });
  assert.ok(page3.patients.length > 0);
  await client.updatePatient({
    patientId: found.patientId,
    chartNumber: "RELAY-1",
    firstName: "Ada",
    lastName: "Lovelace",
  });
  const captures = await client.listScreenCaptures();
  const capture = captures.orders.flatMap(({ captures }) => captures)[0];
  assert.equal((await client.downloadLink(capture.fileUrl)).headers.get("content-type"), "image/jpeg");
  const second = await client.createScanRequest({
    companyId,
    doctorId: doctors[0].id,
    ...patient,
    patientLastName: "Lovelace",
  });
  assert.equal(await client.deleteScanRequest(second), second);
  for (const request of requests) {
    assert.ok(request.split(" ")[1].startsWith(`${edge.url}/practices/${companyId}/api/v`), request);
    assert.ok(!request.includes(sandbox.accessToken));
  }
});

test("a session that ends in the middle of a walk is renewed, and the walk goes on", async () => {
  const sessions = [await session({ companyId })];
  let renewed = 0;
  const { client } = await page({
    accessToken: () => sessions.at(-1),
    refresh: async () => {
      renewed += 1;
      sessions.push(await session({ companyId }));
      return sessions.at(-1);
    },
  });
  const whole = await collect(client.orders({ pageSize: 5 }));
  const rxIds = [];
  for await (const order of client.orders({ pageSize: 5 })) {
    rxIds.push(order.rxId);
    // Over for the edge function: it is of another practice.
    if (rxIds.length === 5) sessions.push(await session({ companyId: companyId + 1 }));
  }
  assert.deepEqual(
    rxIds,
    whole.map(({ rxId }) => rxId),
  );
  assert.equal(renewed, 1);
  const over = await page({ accessToken: await session({ companyId: companyId + 1 }) });
  const error = await rejection(over.client.practiceConfiguration());
  assert.deepEqual([error.kind, error.status], ["unauthorized", 401]);
});

test("a practice's token that expires is renewed without the page's knowing", async () => {
  const { client, requests } = await page();
  await client.practiceConfiguration();
  freshToken = (await sandbox.control("expire-token", {})).accessToken;
  const count = requests.length;
  const whole = await Promise.all(Array.from({ length: 8 }, () => collect(client.orders({ pageSize: 50 }))));
  assert.ok(whole.every((orders) => orders.length === whole[0].length));
  assert.equal(
    requests.slice(count).filter((request) => request.includes("Offset=0")).length,
    8,
    "nothing is repeated",
  );
  assert.equal(tokens.requests.length, 1);
});

test("a scope that is missing is unauthorized, and the message names it", async () => {
  const { client, requests } = await page({}, { scopes: ["orders:read"] });
  const error = await rejection(client.downloadScan(17, "IDE"));
  const { kind, status, code, retryable } = error;
  assert.deepEqual(
    { kind, status, code, retryable },
    { kind: "unauthorized", status: 403, code: "insufficient-scope", retryable: false },
  );
  assert.match(error.message, /files:read/);
  assert.equal(requests.length, 1);
});

test("a practice that needs pairing is unauthorized with that code, and is not asked again", async () => {
  const { client, requests } = await page({ endpoints: { edgeUrl: edge.url, companyId: 78 } }, { companyId: 78 });
  for (const call of [client.listOrders(), client.listPatients()]) {
    const { kind, status, code, retryable, message } = await rejection(call);
    const expected = { kind: "unauthorized", status: 503, code: "practice-needs-pairing", retryable: false };
    assert.deepEqual({ kind, status, code, retryable }, expected);
    assert.match(message, /paired again/);
  }
  assert.equal(requests.length, 2);
});

test("a 403 or 503 of the API itself is what it always was", async (t) => {
  let step;
  const api = await startFaultyServer(() => step);
  t.after(() => api.close());
  const own = { companyId: 79 };
  await edge.register(79, { endpoints: { baseUrl: api.baseUrl }, accessToken: "t" });
  const { client } = await page({ endpoints: { edgeUrl: edge.url, companyId: 79 }, retry: false }, own);
  for (const [answer, kind, status, retryable] of [
    [json(403, { code: "x", scope: "orders:read" }), "unauthorized", 403, false],
    [json(503, {}), "server", 503, true],
    [html(200), "server", 502, true],
    [json(409, []), "conflict", 409, false],
  ]) {
    step = answer;
    const error = await rejection(client.practiceConfiguration());
    assert.deepEqual([error.kind, error.status, error.retryable, error.code], [kind, status, retryable, null]);
  }
  const patients = await rejection(client.listPatients());
  assert.deepEqual([patients.kind, patients.status], ["server", 501]);
});

test("a link to another file of another origin gets no session", async () => {
  const { client, requests } = await page();
  for (const link of [
    "https://evil.example/x.zip",
    "https://evil.example/order/17",
    "https://api.example/order/1/view/IDE",
  ]) {
    assert.equal((await rejection(client.downloadLink(link))).kind, "untrusted-link");
  }
  assert.equal(requests.length, 0);
});

test("endpoints of an edge function are both of its fields and none of others", async () => {
  const accessToken = "token";
  for (const [endpoints, field] of [
    [{ edgeUrl: edge.url }, "endpoints.companyId"],
    [{ companyId: 77 }, "endpoints.companyId"],
    [{ edgeUrl: "ftp://x", companyId: 77 }, "endpoints.edgeUrl"],
    [{ edgeUrl: "https://x?y", companyId: 77 }, "endpoints.edgeUrl"],
    [{ edgeUrl: edge.url, companyId: "x" }, "endpoints.companyId"],
    [{ edgeUrl: edge.url, companyId: 77, baseUrl: "https://a.example" }, "endpoints.baseUrl"],
    [{ edgeUrl: edge.url, companyId: 77, v2: { domain: "a", path: "b" } }, "endpoints.v2"],
  ]) {
    const error = await rejection(createClient({ endpoints, accessToken }));
    assert.equal(error.kind, "invalid-argument");
    const fields = error.fieldErrors.map(({ field }) => field);
    assert.ok(fields.includes(field), `${JSON.stringify(endpoints)}: ${fields}`);
  }
  for (const edgeUrl of [`${edge.url}/`, edge.url.replace("127.0.0.1", "localhost")]) {
    const { client } = await page({ endpoints: { edgeUrl, companyId: String(companyId) } });
    assert.equal((await client.practiceConfiguration()).companyId, companyId);
  }
});
