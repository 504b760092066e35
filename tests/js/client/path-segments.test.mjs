// No argument can leave its path segment: it is refused, or it arrives unchanged in that one segment.
import assert from "node:assert/strict";
import { raw, json, startFaultyServer } from "../support/faulty-server.mjs";
import { settled, test } from "../support/test.mjs";
import { RX_ID, TOKEN, envelope, scripted, wireOrder } from "../support/wire.mjs";

const V2 = "/api/third-party/v2";
const CAPTURE = `${V2}/order/1/download/SCREEN_CAPTURE/`;

/** Strings with a special meaning in URLs. */
const ESCAPES = [
  "",
  ".",
  "..",
  "...",
  "../..",
  "a/b",
  "/",
  "//evil.invalid/x",
  "\\",
  "..\\..",
  "a\\b",
  "%2e%2e",
  "%2E",
  ".%2e",
  "%2f",
  "%252e%252e",
  "?x",
  "#x",
  "a?b=c#d",
  "a;b=c",
  "a:b@c",
  "a b",
  " ",
  "a\tb",
  "a\r\nX-Evil: 1",
  "\u0000",
  "%",
  "%zz",
  "a&b=c+d",
  "é漢😀",
  "\u202Eabc",
  "\u2024\u2024",
  "．．",
];

for (const text of ESCAPES) {
  test(`the capture id ${JSON.stringify(text)} is refused or stays in its segment`, async (t) => {
    const { client, server } = await scripted(t, () => raw(200, "jpeg", { "Content-Type": "image/jpeg" }));
    const { reason } = await settled(() => client.downloadScreenCapture(1, text));
    if (reason) {
      assert.equal(reason.kind, "invalid-argument");
      assert.match(reason.message, /captureId/);
      assert.equal(server.requests.length, 0);
      return;
    }
    assert.equal(server.requests.length, 1);
    const { url } = server.requests[0];
    assert.ok(url.startsWith(CAPTURE), url);
    const segment = url.slice(CAPTURE.length);
    assert.doesNotMatch(segment, /[/?#\\]/, url);
    assert.equal(decodeURIComponent(segment), text);
  });
}

test("capture ids that a URL parser would remove are refused", async (t) => {
  const { client, server } = await scripted(t, () => raw(200, "jpeg"));
  for (const id of ["", ".", ".."]) {
    const { reason } = await settled(() => client.downloadScreenCapture(1, id));
    assert.equal(reason?.kind, "invalid-argument", JSON.stringify(id));
  }
  for (const id of [7, null, undefined, {}, ["a"]]) {
    const { reason } = await settled(() => client.downloadScreenCapture(1, id));
    assert.equal(reason?.kind, "invalid-argument", String(id));
  }
  assert.equal(server.requests.length, 0);
});

test("a capture id with a lone surrogate does not break the client", async (t) => {
  const { client, server } = await scripted(t, () => raw(200, "jpeg"));
  for (const id of ["\ud800", "a\udc00b"]) {
    const { reason } = await settled(() => client.downloadScreenCapture(1, id));
    if (reason) assert.equal(reason.kind, "invalid-argument");
  }
  for (const { url } of server.requests) assert.ok(url.startsWith(CAPTURE), url);
  assert.ok((await client.downloadScreenCapture(1, "fine")).ok);
});

test("ids that are not GUIDs or digits never become part of a path", async (t) => {
  const { client, server } = await scripted(t, () => json(200, envelope(wireOrder())));
  for (const text of ESCAPES) {
    for (const call of [
      () => client.getOrder(text),
      () => client.getOrder(`${RX_ID}${text || "/"}`),
      () => client.deleteScanRequest(text),
      () => client.deleteScanRequest(`${text || "/"}${RX_ID}`),
      () => client.downloadScan(`1${text || "/"}`, "IDE"),
      () => client.downloadScan(1, text),
      () => client.downloadScreenCapture(`1${text || "/"}`, "cap-1"),
    ]) {
      const { reason } = await settled(call);
      assert.equal(reason?.kind, "invalid-argument", JSON.stringify(text));
    }
  }
  assert.equal(server.requests.length, 0);
});

// ---- request(), whose path is the caller's own -------------------------------------------------------------------

test("no path of request() carries the token to another origin", async (t) => {
  const elsewhere = await startFaultyServer(() => json(200, {}));
  t.after(() => elsewhere.close());
  const { host } = new URL(elsewhere.baseUrl);
  const { client, server } = await scripted(t, () => json(200, {}));
  for (const path of [
    `${elsewhere.baseUrl}/x`,
    `//${host}/x`,
    `///${host}/x`,
    `\\\\${host}\\x`,
    `/\\${host}/x`,
    `@${host}/x`,
    `:80@${host}/x`,
    `.${host}`,
    `..//${host}/x`,
    `\t//${host}/x`,
    `javascript:alert(1)`,
    `data:application/json,{}`,
  ]) {
    await settled(() => client.request("GET", path));
  }
  assert.equal(elsewhere.requests.length, 0);
  for (const { headers } of server.requests) assert.equal(headers.authorization, `Bearer ${TOKEN}`);
});

test("a path of request() cannot leave the API's own path", async (t) => {
  const { client, server } = await scripted(t, () => json(200, {}));
  for (const path of [
    "..",
    "../v3/patient/search",
    "orders/../../../../admin",
    "%2e%2e/%2E%2e/admin",
    ".%2e/x",
    "..\\..\\admin",
    "/../admin",
  ]) {
    const { reason } = await settled(() => client.request("GET", path));
    if (reason) assert.equal(reason.kind, "invalid-argument", path);
  }
  for (const { url } of server.requests) assert.ok(url.startsWith(`${V2}/`), url);
});

test("a path of request() cannot hold a query or a fragment, not even an empty one", async (t) => {
  const { client, server } = await scripted(t, () => json(200, {}));
  for (const path of ["x?", "x#", "?", "#", "x?y=1", "x#y", "x?#", "orders/practice?pageSize=1"]) {
    const { reason } = await settled(() => client.request("GET", path, { query: { a: "b" } }));
    assert.equal(reason?.kind, "invalid-argument", path);
  }
  assert.equal(server.requests.length, 0);
});

test("a base URL's own path is kept by every call", async (t) => {
  const { client, server } = await scripted(t, () => json(200, envelope(wireOrder())));
  await client.request("GET", "/orders/practice");
  await client.request("GET", "orders/practice");
  assert.deepEqual(
    server.requests.map((request) => request.url),
    [`${V2}/orders/practice`, `${V2}/orders/practice`],
  );
});
