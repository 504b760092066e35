// request(): any call by method and path, with the client's token, retries and errors. It returns the raw JSON.
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { cutShort, html, json, noContent, reset, text } from "../support/faulty-server.mjs";
import { rejection, test } from "../support/test.mjs";
import { FAST, TOKEN, scripted } from "../support/wire.mjs";

test("each method is sent to the path below the version's base, with or without a leading slash", async (t) => {
  const { client, server } = await scripted(t, () => json(200, {}));
  await client.request("GET", "orders/practice");
  await client.request("POST", "/scan-request", { body: {} });
  await client.request("PATCH", "patients", { version: 2, body: {} });
  await client.request("DELETE", "/scan-request/x", null);
  await client.request("GET", "patient/search", { version: 3 });
  assert.deepEqual(
    server.requests.map(({ method, url }) => `${method} ${url}`),
    [
      "GET /api/third-party/v2/orders/practice",
      "POST /api/third-party/v2/scan-request",
      "PATCH /api/third-party/v2/patients",
      "DELETE /api/third-party/v2/scan-request/x",
      "GET /third-party/v3/patient/search",
    ],
  );
  for (const { headers } of server.requests) assert.equal(headers.authorization, `Bearer ${TOKEN}`);
});

test("query values become strings; null and undefined are left out", async (t) => {
  const { client, server } = await scripted(t, () => json(200, {}));
  await client.request("GET", "x", {
    query: {
      text: "a&b=c+d %",
      number: 1.5,
      yes: true,
      no: false,
      none: null,
      missing: undefined,
      empty: "",
      "k&ü": "v",
    },
  });
  assert.deepEqual(Object.fromEntries(server.requests[0].query), {
    text: "a&b=c+d %",
    number: "1.5",
    yes: "true",
    no: "false",
    empty: "",
    "k&ü": "v",
  });
});

test("a body is sent as JSON, whatever it is", async (t) => {
  const bodies = [{ a: [1, null, "ü"] }, [1], "text", 7, true, "", 0, false];
  const { client, server } = await scripted(t, () => json(200, {}));
  for (const body of bodies) await client.request("POST", "x", { body });
  assert.deepEqual(
    server.requests.map((request) => JSON.parse(request.body)),
    bodies,
  );
  for (const { headers } of server.requests) assert.match(headers["content-type"], /^application\/json\b/);
});

test("without a body none is sent", async (t) => {
  const { client, server } = await scripted(t, () => json(200, {}));
  await client.request("POST", "x");
  await client.request("POST", "x", { body: undefined });
  for (const { body, headers } of server.requests) {
    assert.equal(body, "");
    assert.equal(headers["content-type"], undefined);
  }
});

for (const value of [
  { Data: { Any: [1, "ü", null, { deep: true }] }, Status: 1 },
  [],
  [{ UniqueId: "x" }],
  "text",
  7.5,
  true,
  null,
  { Status: 0, Data: null },
]) {
  test(`the response ${JSON.stringify(value)} is returned unchanged`, async (t) => {
    const { client } = await scripted(t, () => json(200, JSON.stringify(value)));
    assert.deepEqual(await client.request("GET", "x"), value);
  });
}

test("an empty response and a 204 are null", async (t) => {
  for (const step of [text(200, ""), noContent()]) {
    const { client } = await scripted(t, () => step);
    assert.equal(await client.request("DELETE", "x"), null);
  }
});

test("a byte order mark before the JSON is accepted", async (t) => {
  const { client } = await scripted(t, () => json(200, '\uFEFF{"a":1}'));
  assert.deepEqual(await client.request("GET", "x"), { a: 1 });
});

test("a key __proto__ in the response does not set a prototype", async (t) => {
  const { client } = await scripted(t, () => json(200, '{"__proto__":{"polluted":true},"a":1}'));
  const result = await client.request("GET", "x");
  assert.equal(result.polluted, undefined);
  assert.equal({}.polluted, undefined);
});

test("a response that is not JSON is a decode error or truncated, and the error shows nothing of it", async (t) => {
  for (const [step, kinds] of [
    [html(200), ["decode"]],
    [json(200, "{SECRET"), ["decode", "truncated"]],
    [cutShort('{"SECRET":"text that is lost"}'), ["truncated"]],
  ]) {
    const { client } = await scripted(t, () => step, { retry: false });
    const error = await rejection(client.request("GET", "x"));
    assert.ok(kinds.includes(error.kind), error.kind);
    assert.doesNotMatch(inspect(error), /SECRET|Wi-Fi/);
  }
});

for (const [status, kind] of [
  [400, "bad-request"],
  [401, "unauthorized"],
  [404, "not-found"],
  [409, "conflict"],
  [429, "rate-limited"],
  [500, "server"],
]) {
  test(`a ${status} has kind ${kind}, and the path is not in the error`, async (t) => {
    const { client } = await scripted(t, () => text(status, "SECRET"), { retry: false });
    const error = await rejection(client.request("GET", "patients/SECRET", { query: { SECRET: "SECRET" } }));
    assert.equal(error.kind, kind);
    assert.equal(error.endpoint, "request");
    assert.equal(error.method, "GET");
    assert.doesNotMatch(inspect(error, { depth: 5 }) + JSON.stringify(error), /SECRET/);
  });
}

test("an event of request() holds neither path nor query", async (t) => {
  const events = [];
  const { client } = await scripted(t, [reset(), json(200, {})], { onEvent: (event) => events.push(event) });
  await client.request("GET", "patients/SECRET", { query: { SECRET: "SECRET" } });
  assert.ok(events.length >= 3);
  assert.doesNotMatch(JSON.stringify(events), /SECRET/);
  for (const event of events) assert.equal(event.endpoint, "request");
});

for (const method of ["GET", "PATCH", "DELETE"]) {
  test(`a ${method} is repeated after a 503`, async (t) => {
    const { client, server } = await scripted(t, [text(503, ""), json(200, { ok: 1 })]);
    assert.deepEqual(await client.request(method, "x"), { ok: 1 });
    assert.equal(server.requests.length, 2);
  });
}

test("a POST is repeated only with retry: { create: true }", async (t) => {
  const once = await scripted(t, [text(503, ""), json(200, {})]);
  assert.equal((await rejection(once.client.request("POST", "x", { body: 1 }))).attempts, 1);
  const twice = await scripted(t, [text(503, ""), json(200, {})]);
  await twice.client.request("POST", "x", { body: 1 }, { retry: { ...FAST, create: true } });
  assert.deepEqual(
    twice.server.requests.map((request) => request.body),
    ["1", "1"],
  );
});

test("a 400 after a lost DELETE of request() stays a 400, which only the caller can interpret", async (t) => {
  const { client } = await scripted(t, [reset(), text(400, "")]);
  assert.equal((await rejection(client.request("DELETE", "scan-request/x"))).kind, "bad-request");
});

test("request() refuses an invalid method, path or option by name", async (t) => {
  const { client, server } = await scripted(t, () => json(200, {}));
  for (const [field, call] of [
    ...["get", "PUT", "", 7, null, undefined, "GET\r\n"].map((method) => ["method", () => client.request(method, "x")]),
    ...[7, null, undefined, {}].map((path) => ["path", () => client.request("GET", path)]),
    ...[1, 4, "2", {}].map((version) => ["version", () => client.request("GET", "x", { version })]),
    ...["x", 7, []].map((query) => ["query", () => client.request("GET", "x", { query })]),
    ...[{}, [], Symbol("s"), () => {}].map((value) => [
      "query",
      () => client.request("GET", "x", { query: { value } }),
    ]),
    ["headers", () => client.request("GET", "x", { headers: {} })],
  ]) {
    const error = await rejection(call);
    assert.equal(error.kind, "invalid-argument", `${field}: ${call}`);
    assert.match(error.message, new RegExp(field));
  }
  assert.equal(server.requests.length, 0);
});

test("a body that JSON cannot represent, such as a cyclic one, is refused before anything is sent", async (t) => {
  const { client, server } = await scripted(t, () => json(200, {}));
  const cyclic = {};
  cyclic.self = cyclic;
  for (const body of [
    cyclic,
    1n,
    {
      toJSON: () => {
        throw new Error("no");
      },
    },
  ]) {
    const error = await rejection(() => client.request("POST", "x", { body }));
    assert.ok(error instanceof Error);
  }
  assert.equal(server.requests.length, 0);
});
