// What is sent: paths, query keys, headers and bodies as each section of the document spells them.
import assert from "node:assert/strict";
import { createClient } from "itero-dpms";
import { CALLS, calls } from "../support/calls.mjs";
import { json, raw, redirect, startFaultyServer } from "../support/faulty-server.mjs";
import { collect, rejection, test } from "../support/test.mjs";
import { RX_ID, TOKEN, envelope, scripted, wireOrder } from "../support/wire.mjs";

/** Responds to every call of the client with something that it can read. */
const anything = (request) => callOf(request).ok();

function callOf({ method, path }) {
  const under = (call) => path.endsWith(call.path.replace(/^.*?(?=\/v[23]\/)/, ""));
  const known = CALLS.find((call) => call.method === method && under(call));
  return known ?? calls(path.includes("/download/") ? "downloadScan" : "getOrder")[0];
}

/** Makes every call once. */
async function everyCall(client) {
  for (const call of CALLS) await call.run(client);
}

const PATHS = CALLS.map(({ method, path }) => `${method} ${path}`);

test("the legacy base URL gets /api/third-party/v2 and the section's path, without a trailing slash (R14, R23)", async (t) => {
  const { client, server } = await scripted(t, anything);
  await everyCall(client);
  assert.deepEqual(
    server.requests.map((request) => `${request.method} ${request.path}`),
    PATHS,
  );
});

for (const [what, suffix, prefix] of [
  ["a trailing slash", "/", ""],
  ["a path", "/sandbox-practice", "/sandbox-practice"],
  ["a path and a trailing slash", "/sandbox-practice/", "/sandbox-practice"],
]) {
  test(`a base URL with ${what} leads to the same paths (R2)`, async (t) => {
    const { server } = await scripted(t, anything);
    const client = await createClient({ endpoints: { baseUrl: server.baseUrl + suffix }, accessToken: TOKEN });
    await client.getOrder(RX_ID);
    assert.equal(server.requests[0].path, `${prefix}/api/third-party/v2/orders/${RX_ID}`);
  });
}

for (const [what, path, slash] of [
  ["plain", "third-party/v2", ""],
  ["with slashes around the path", "/third-party/v2/", ""],
  ["with a slash after the domain", "third-party/v2", "/"],
]) {
  test(`a Discovery location ${what} is {domain}/{path}/… (§3.1)`, async (t) => {
    const { server } = await scripted(t, anything);
    const client = await createClient({
      endpoints: {
        v2: { domain: server.baseUrl + slash, path },
        v3: { domain: server.baseUrl + slash, path: path.replace("v2", "v3") },
      },
      accessToken: TOKEN,
    });
    await everyCall(client);
    assert.deepEqual(
      server.requests.map((request) => `${request.method} ${request.path}`),
      PATHS.map((line) => line.replace(" /api/", " /")),
    );
  });
}

test("a Discovery domain without a scheme is https", async () => {
  const urls = [];
  const client = await createClient({
    endpoints: { v2: { domain: "eu.dpms.invalid", path: "third-party/v2" } },
    accessToken: TOKEN,
    fetch: async (input, init) => {
      urls.push(new Request(input, init).url);
      return Response.json(envelope(wireOrder()));
    },
  });
  await client.getOrder(RX_ID);
  assert.deepEqual(urls, [`https://eu.dpms.invalid/third-party/v2/orders/${RX_ID}`]);
});

test("a V2 call without a V2 location is an invalid-argument error and sends nothing", async (t) => {
  const { server } = await scripted(t, anything);
  const client = await createClient({
    endpoints: { v3: { domain: server.baseUrl, path: "third-party/v3" } },
    accessToken: TOKEN,
  });
  const error = await rejection(client.practiceConfiguration());
  assert.equal(error.kind, "invalid-argument");
  assert.match(error.message, /v2/i);
  assert.equal(server.requests.length, 0);
});

test("every call carries the token as exactly `Bearer <token>` (R8)", async (t) => {
  const { client, server } = await scripted(t, anything);
  await everyCall(client);
  assert.deepEqual(
    server.requests.map((request) => request.headers.authorization),
    CALLS.map(() => `Bearer ${TOKEN}`),
  );
});

test("the fetch option makes the calls, without options that a Worker refuses other than to bypass the cache", async () => {
  const requests = [];
  const client = await createClient({
    endpoints: { baseUrl: "https://dpms.invalid" },
    accessToken: TOKEN,
    fetch: async (input, init) => {
      for (const name of ["cache", "credentials", "mode"]) assert.equal(init?.[name], undefined, name);
      const request = new Request(input, init);
      requests.push(request);
      return Response.json(envelope(wireOrder()));
    },
  });
  await client.getOrder(RX_ID);
  assert.equal(requests.length, 1);
  assert.equal(requests[0].headers.get("authorization"), `Bearer ${TOKEN}`);
  const untouched = new Request("https://dpms.invalid/");
  for (const name of ["credentials", "mode"]) assert.equal(requests[0][name], untouched[name], name);
  assert.equal(requests[0].cache, "no-store");
});

test("listing always sends Offset and pageSize, and nothing else by default (R43, R13)", async (t) => {
  const { client, server } = await scripted(t, anything);
  await client.listOrders();
  await client.listOrders({ offset: 20, pageSize: 10 });
  assert.deepEqual(Object.fromEntries(server.requests[0].query), { Offset: "0", pageSize: "100" });
  assert.deepEqual(Object.fromEntries(server.requests[1].query), { Offset: "20", pageSize: "10" });
});

test("listing sends its filters as dateFrom, dateTo and chartNumber", async (t) => {
  const { client, server } = await scripted(t, anything);
  const filter = { dateFrom: "2025-01-02", dateTo: "2025-03-04", chartNumber: "C-17" };
  await client.listOrders(filter);
  await collect(client.orders({ ...filter, pageSize: 7 }));
  assert.deepEqual(Object.fromEntries(server.requests[0].query), { Offset: "0", pageSize: "100", ...filter });
  assert.deepEqual(Object.fromEntries(server.requests[1].query), { Offset: "0", pageSize: "7", ...filter });
});

test("a chart number is percent-encoded, and an empty one left out (R50)", async (t) => {
  const { client, server } = await scripted(t, anything);
  const chartNumber = "A&B=1 +ü/#?%41";
  await client.listOrders({ chartNumber });
  await client.listOrders({ chartNumber: "" });
  assert.equal(server.requests[0].query.get("chartNumber"), chartNumber);
  assert.deepEqual([...server.requests[0].query.keys()].sort(), ["Offset", "chartNumber", "pageSize"]);
  assert.equal(server.requests[1].query.has("chartNumber"), false);
});

test("the path of an order takes the RX id in lower case and the order id as digits", async (t) => {
  const { client, server } = await scripted(t, anything);
  await client.getOrder(RX_ID.toUpperCase());
  await client.downloadScan("700100", "IMAGE_GALLERY");
  assert.equal(server.requests[0].path, `/api/third-party/v2/orders/${RX_ID}`);
  assert.equal(server.requests[1].path, "/api/third-party/v2/order/700100/download/IMAGE_GALLERY");
});

test("GET and DELETE send no body and no content type", async (t) => {
  const { client, server } = await scripted(t, anything);
  const bodiless = CALLS.filter(({ method }) => ["GET", "DELETE"].includes(method));
  for (const call of bodiless) await call.run(client);
  assert.equal(server.requests.length, bodiless.length);
  for (const request of server.requests) {
    assert.equal(request.body, "", request.path);
    assert.equal(request.headers["content-type"], undefined, request.path);
  }
});

test("POST and PATCH send JSON with its content type", async (t) => {
  const { client, server } = await scripted(t, anything);
  const withBody = CALLS.filter(({ method }) => ["POST", "PATCH"].includes(method));
  for (const call of withBody) await call.run(client);
  assert.equal(server.requests.length, 3);
  for (const request of server.requests) {
    assert.match(request.headers["content-type"], /^application\/json\b/, request.path);
    assert.equal(typeof JSON.parse(request.body), "object", request.path);
  }
});

test("a V3 call without a V3 location is an invalid-argument error and sends nothing (R2, R124)", async (t) => {
  const { server } = await scripted(t, anything);
  const client = await createClient({ endpoints: { baseUrl: server.baseUrl }, accessToken: TOKEN });
  for (const call of [
    () => client.listPatients(),
    () => client.patients().next(),
    () => client.request("GET", "patient/search", { version: 3 }),
  ]) {
    const error = await rejection(call);
    assert.equal(error.kind, "invalid-argument");
    assert.match(error.message, /v3/i);
  }
  assert.equal(server.requests.length, 0);
});

test("a link to the V3 origin is downloaded with the token: both locations are trusted", async (t) => {
  const { server } = await scripted(t, anything);
  const v3 = await startFaultyServer(() => raw(200, "zip", { "Content-Type": "application/zip" }));
  t.after(() => v3.close());
  const client = await createClient({
    endpoints: { baseUrl: server.baseUrl, v3: { domain: v3.baseUrl, path: "third-party/v3" } },
    accessToken: TOKEN,
  });
  assert.equal(await (await client.downloadLink(`${v3.baseUrl}/files/x`)).text(), "zip");
  assert.equal(v3.requests[0].headers.authorization, `Bearer ${TOKEN}`);
});

test("a same-origin redirect keeps the token", async (t) => {
  const { client, server } = await scripted(t, (_, index) =>
    index === 0
      ? (response) => response.writeHead(307, { Location: "/moved", "Content-Length": 0 }).end()
      : json(200, envelope(wireOrder())),
  );
  await client.getOrder(RX_ID);
  assert.equal(server.requests[1].path, "/moved");
  assert.equal(server.requests[1].headers.authorization, `Bearer ${TOKEN}`);
});

for (const status of [301, 302, 307, 308]) {
  test(`a ${status} is not followed with a body, even to the same origin`, async (t) => {
    const { client, server } = await scripted(t, () => redirect("/moved", status));
    for (const call of calls("createScanRequest", "updatePatient", "updatePatientByChartNumber")) {
      const error = await rejection(call.run(client));
      assert.equal(error.kind, "bad-request");
      assert.match(error.message, /redirect.*endpoints/is);
    }
    assert.ok(server.requests.every(({ path }) => path !== "/moved"));
  });
}
