// The relay: which calls of a page it passes on, and what of them, and of the API's responses.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { eventually } from "../support/edge.mjs";
import { hang, html, json, noContent, raw, redirect, reset, stall, text } from "../support/faulty-server.mjs";
import { ALL_SCOPES, PORTAL, session, startRelay } from "../support/relay.mjs";
import { test } from "../support/test.mjs";
import { RX_ID } from "../support/wire.mjs";

const CALLS = {
  "practice:read": [["GET", "v2/practice-configuration"]],
  "orders:read": [
    ["GET", "v2/orders/practice?Offset=0&pageSize=10&dateFrom=2025-01-02&dateTo=2025-02-02&chartNumber=C-17"],
    ["GET", `v2/orders/${RX_ID}`],
    ["GET", "v2/latest-files?dateFrom=2025-01-02"],
  ],
  "files:read": [
    ["GET", "v2/order/17/download/IDE"],
    ["GET", "v2/order/17/download/SCREEN_CAPTURE/capture-1"],
  ],
  "rx:write": [
    ["POST", "v2/scan-request", "{}"],
    ["DELETE", `v2/scan-request/${RX_ID}`],
  ],
  "patients:read": [
    ["GET", "v2/patient/search?firstName=A&lastName=B&chartNumber=C"],
    ["GET", "v3/patient/search?Offset=0&Limit=10&FirstName=A"],
  ],
  "patients:write": [
    ["PATCH", "v2/patients", "{}"],
    ["PATCH", "v2/patient/by-chart-number", "{}"],
  ],
};

/** Asserts that a call was refused by the relay; the problem. */
async function refused(response, status) {
  const body = await response.text();
  assert.equal(response.status, status, body);
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.doesNotMatch(body, /127\.0\.0\.1|TOKEN/);
  return JSON.parse(body);
}

test("each call of the document goes through with its scope, and with no other", async (t) => {
  const { call, relayed } = await startRelay(t);
  for (const [scope, calls] of Object.entries(CALLS)) {
    const own = await session({ scopes: [scope] });
    const others = await session({ scopes: ALL_SCOPES.filter((other) => other !== scope) });
    for (const [method, path, body] of calls) {
      const count = relayed.length;
      const lacking = await refused(await call(path, { method, body, bearer: others }), 403);
      assert.deepEqual([lacking.code, lacking.scope], ["insufficient-scope", scope]);
      assert.equal(relayed.length, count, "nothing was sent");
      const response = await call(path, { method, body, bearer: own });
      assert.deepEqual([response.status, await response.json()], [200, {}], path);
      const root = path.startsWith("v2/") ? "/api/third-party/v2/" : "/third-party/v3/";
      const sent = relayed.at(-1);
      assert.deepEqual([sent.method, sent.url, sent.body], [method, root + path.slice(3), body ?? ""]);
    }
  }
});

test("anything else is 404 before a call is made, however it is spelled", async (t) => {
  const { call, rawCall, relayed } = await startRelay(t);
  for (const [method, path] of [
    ["GET", "v2"],
    ["GET", "v2/"],
    ["GET", "v4/orders/practice"],
    ["GET", "v2/orders"],
    ["GET", "v2/orders/practice/"],
    ["GET", "v2/orders//practice"],
    ["GET", "v2/orders/practice?offset=0"],
    ["GET", "v2/orders/practice?Offset=0&Offset=1"],
    ["GET", "v2/practice-configuration?debug=1"],
    ["GET", "v3/orders/practice"],
    ["GET", "v2/viewer/1"],
    ["GET", "v2/link"],
    ["PUT", "v2/patients"],
    ["DELETE", "v2/patients"],
    ["HEAD", "v2/orders/practice"],
    ["POST", "v2/orders/practice"],
    ["GET", "v2/orders/a%2Fb"],
    ["GET", "v2/orders/a%5cb"],
    ["GET", "v2/orders/%252e%252e"],
    ["GET", "v2/orders/a%252Fb"],
    ["GET", "v2/orders/%00"],
    ["GET", "v2/orders/%ff"],
    ["GET", "v2/orders/a;b"],
  ]) {
    const response = await call(path, { method });
    assert.equal(response.status, 404, `${method} ${path}`);
    assert.equal(await rawCall(path, { method }), 404, `${method} ${path}`);
  }
  assert.deepEqual(relayed, []);
});

test("dot segments lead to no call but that of the path without them, whose scope and practice count", async (t) => {
  const { rawCall, relayed } = await startRelay(t);
  const bearer = await session({ scopes: ["orders:read"] });
  for (const [path, status] of [
    ["v2/orders/../practice-configuration", 403],
    ["v2/orders/%2e%2e/practice-configuration", 403],
    ["v2/orders/..\\practice-configuration", 403],
    ["v2/../v3/patient/search", 403],
    ["v2/orders/%2e%2e", 404],
    ["v2/orders/%2E./x", 404],
    ["v2/orders/..;/x", 404],
    ["../../78/api/v2/orders/practice", 401],
    ["../../../callback/x", 404],
    ["v2/../../../77", 401],
  ]) {
    assert.equal(await rawCall(path, { bearer }), status, path);
  }
  assert.deepEqual(relayed, []);
});

test("a session that is none of this practice's is 401 before a call is made", async (t) => {
  const { call, relayed, lines } = await startRelay(t);
  for (const bearer of [null, "", "x", await session({ companyId: 78 }), await session({}, "another".repeat(8))]) {
    const response = await call("v2/practice-configuration", { bearer });
    assert.match(response.headers.get("www-authenticate"), /^Bearer/);
    await refused(response, 401);
  }
  assert.deepEqual([relayed, lines()], [[], []]);
});

test("of a request nothing passes but the call, with the practice's token in place of the session", async (t) => {
  const { call, relayed, token } = await startRelay(t);
  const headers = {
    Cookie: "a=b",
    Origin: PORTAL,
    Referer: "https://portal.example/patients/17",
    "X-Forwarded-For": "10.0.0.1",
    "X-Forwarded-Host": "evil.example",
    "X-Custom": "x",
    "User-Agent": "a browser",
    "If-None-Match": "x",
    Range: "bytes=0-1",
    "Content-Type": "text/plain",
    "Transfer-Encoding": "chunked",
  };
  delete headers["Transfer-Encoding"];
  await call("v2/scan-request", { method: "POST", body: '{"a":1}', headers });
  const [sent] = relayed;
  assert.equal(sent.headers.authorization, "Bearer ACCESS-TOKEN-0");
  assert.equal(sent.headers["content-type"], "application/json");
  const known = [
    "host",
    "authorization",
    "content-type",
    "content-length",
    "accept-encoding",
    "connection",
    "transfer-encoding",
  ];
  const others = Object.keys(sent.headers).filter((name) => !known.includes(name));
  assert.deepEqual(others, []);
  assert.ok(!JSON.stringify(sent).includes(token));
});

test("of a response pass the status, the body and what a page needs to read it", async (t) => {
  const headers = {
    "Content-Type": "application/zip",
    "Content-Disposition": 'attachment; filename="scan.zip"',
    "Retry-After": "7",
    "Set-Cookie": "session=x",
    Server: "x",
    ETag: '"x"',
    "Cache-Control": "public, max-age=60",
    Location: "https://api.example/",
    "X-Patient": "Zebulon",
    "WWW-Authenticate": "Bearer",
  };
  const { call, api } = await startRelay(t);
  for (const status of [200, 206, 400, 403, 404, 409, 422, 429, 500, 503]) {
    api.answer = () => raw(status, "body", headers);
    const response = await call("v2/order/17/download/IDE");
    assert.deepEqual([response.status, await response.text()], [status, "body"]);
    const passed = Object.fromEntries(response.headers);
    delete passed["transfer-encoding"];
    assert.deepEqual(passed, {
      "cache-control": "no-store",
      "content-disposition": headers["Content-Disposition"],
      "content-length": "4",
      "content-type": "application/zip",
      "retry-after": "7",
      vary: "Origin",
    });
  }
  api.answer = noContent;
  const nothing = await call("v2/order/17/download/SCREEN_CAPTURE");
  assert.deepEqual([nothing.status, await nothing.text()], [204, ""]);
});

test("a compressed response arrives whole, whether or not the page takes compression", async (t) => {
  const value = JSON.stringify({ Data: "x".repeat(100_000) });
  const { call } = await startRelay(t, ({ headers }) =>
    headers["accept-encoding"] === "gzip"
      ? raw(200, gzipSync(value), { "Content-Type": "application/json", "Content-Encoding": "gzip" })
      : raw(200, value, { "Content-Type": "application/json" }),
  );
  for (const encodings of ["gzip", "gzip, br", "identity"]) {
    const response = await call("v2/orders/practice", { headers: { "Accept-Encoding": encodings } });
    assert.equal(response.headers.get("content-encoding"), encodings === "identity" ? null : "gzip");
    assert.equal(await response.text(), value);
  }
});

test("a body may have 64 KiB, declared or not", async (t) => {
  const { call, relayed } = await startRelay(t);
  const post = (length, stream = false) => {
    const body = "x".repeat(length);
    const init = stream ? { body: new Blob([body]).stream(), duplex: "half" } : { body };
    return call("v2/scan-request", { method: "POST", ...init });
  };
  for (const stream of [false, true]) {
    assert.equal((await post(64 * 1024, stream)).status, 200);
    assert.equal(relayed.at(-1).body.length, 64 * 1024);
    await refused(await post(64 * 1024 + 1, stream), 413);
  }
  assert.equal(relayed.length, 2);
});

test("a refused token is renewed by the practice's object, once for all, and the call repeated with its body", async (t) => {
  const { call, relayed, api, edge } = await startRelay(t, undefined, { refresh: true });
  const bodies = Array.from({ length: 20 }, (_, n) => JSON.stringify({ n }));
  const post = (body) => call("v2/scan-request", { method: "POST", body });
  assert.equal((await post("{}")).status, 200);
  for (let hour = 1; hour <= 3; hour++) {
    api.accessToken = "ANOTHER";
    const responses = await Promise.all(bodies.map(post));
    assert.deepEqual(
      responses.map(({ status }) => status),
      bodies.map(() => 200),
    );
    assert.equal(api.renewals, hour);
    const accepted = relayed.filter(({ headers }) => headers.authorization === `Bearer ACCESS-TOKEN-${hour}`);
    assert.deepEqual(accepted.map(({ body }) => body).sort(), [...bodies].sort());
  }
  assert.equal((await edge.state(77)).attention, null);
});

test("a practice whose token cannot be renewed needs pairing, which is never a 401", async (t) => {
  const { call, api, edge, registration } = await startRelay(t, undefined, { refresh: true });
  api.renew = () => json(400, { error: "invalid_grant" });
  api.accessToken = "ANOTHER";
  for (let time = 0; time < 3; time++) {
    const problem = await refused(await call("v2/practice-configuration"), 503);
    assert.deepEqual([problem.code, problem.attention], ["practice-needs-pairing", "refresh-rejected"]);
  }
  assert.equal(api.renewals, 1, "it is not asked for again and again");
  assert.equal((await edge.state(77)).attention, "refresh-rejected");
  await edge.register(77, { ...registration, accessToken: "ANOTHER", refresh: null });
  assert.equal((await call("v2/practice-configuration")).status, 200, "paired again");
  api.accessToken = "YET-ANOTHER";
  const bare = await refused(await call("v2/practice-configuration"), 503);
  assert.deepEqual([bare.code, bare.attention], ["practice-needs-pairing", "unauthorized"]);
});

test("a token endpoint in trouble is 503 with Retry-After, and so is a fresh token that is refused", async (t) => {
  const { call, api } = await startRelay(t, undefined, { refresh: true });
  api.renew = () => text(503, "");
  api.accessToken = "ANOTHER";
  const later = await call("v2/practice-configuration");
  assert.ok(Number(later.headers.get("retry-after")) >= 1);
  assert.equal((await refused(later, 503)).code, undefined);
  const other = await startRelay(t, undefined, { refresh: true });
  other.api.renew = () => json(200, { access_token: "NOT-ACCEPTED" });
  other.api.accessToken = "ANOTHER";
  const fresh = await other.call("v2/practice-configuration");
  assert.ok(Number(fresh.headers.get("retry-after")) >= 1);
  await refused(fresh, 503);
  assert.equal(other.api.renewals, 1);
});

test("a practice that nobody has registered needs pairing, and a V3 that nobody knows is 501", async (t) => {
  const { call, edge, registration, relayed } = await startRelay(t, undefined, { register: false });
  const problem = await refused(await call("v2/practice-configuration"), 503);
  assert.deepEqual([problem.code, problem.attention], ["practice-needs-pairing", undefined]);
  await edge.register(77, { ...registration, endpoints: { baseUrl: registration.endpoints.baseUrl } });
  await refused(await call("v3/patient/search"), 501);
  assert.equal((await call("v2/practice-configuration")).status, 200);
  assert.equal(relayed.length, 1);
});

test("an API that resets, is silent, or answers with a web page has an answer in time", async (t) => {
  const { call, api, lines } = await startRelay(t, undefined, { testWorker: true });
  for (const [step, status] of [
    [reset, 502],
    [hang, 504],
    [() => html(), 502],
    [() => html(404), 502],
    [() => html(503), 503],
    [() => raw(999, ""), 502],
  ]) {
    api.answer = step;
    await refused(await call("v2/practice-configuration"), status);
  }
  api.answer = () => stall("PK", { length: 1_000, contentType: "application/zip" });
  const response = await call("v2/order/17/download/IDE");
  assert.equal(response.status, 200);
  await assert.rejects(response.arrayBuffer(), "a body that stalls breaks off");
  await eventually(lines, (list) => list.length === 7);
});

test("a page whose body stops halfway can read that it is 408", async (t) => {
  const { url, token, relayed } = await startRelay(t, undefined, { testWorker: true });
  const { hostname, port, pathname } = new URL(`${url}/v2/scan-request`);
  const socket = connect(Number(port), hostname);
  t.after(() => socket.destroy());
  const lines = [
    `POST ${pathname} HTTP/1.1`,
    "Host: edge",
    `Origin: ${PORTAL}`,
    `Authorization: Bearer ${token}`,
    "Content-Length: 90",
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n{`);
  const [head] = await once(socket, "data");
  assert.match(String(head), /^HTTP\/1\.1 408 /);
  assert.match(String(head), /\r\naccess-control-allow-origin: https:\/\/portal\.example\r\n/i);
  assert.deepEqual(relayed, []);
});

test("redirects are followed within the practice's own origins, and are never the page's", async (t) => {
  const seen = [];
  const foreign = createServer((request, response) => {
    seen.push(request.url);
    response.end("{}");
  });
  await once(foreign.listen(0, "127.0.0.1"), "listening");
  t.after(() => foreign.close());
  const elsewhere = `http://127.0.0.1:${foreign.address().port}/`;
  const { call, api, relayed } = await startRelay(t);
  api.answer = ({ url }) => (url.includes("moved") ? json(200, { moved: true }) : redirect("/moved?a=b"));
  const followed = await call("v2/practice-configuration");
  assert.deepEqual(await followed.json(), { moved: true });
  assert.equal(relayed.at(-1).headers.authorization, "Bearer ACCESS-TOKEN-0");
  for (const [location, method, path] of [
    [elsewhere, "GET", "v2/practice-configuration"],
    ["/moved", "POST", "v2/scan-request"],
    ["/moved", "DELETE", `v2/scan-request/${RX_ID}`],
  ]) {
    api.answer = () => redirect(location);
    const response = await call(path, { method });
    assert.equal(response.headers.get("location"), null);
    await refused(response, 502);
  }
  api.answer = () => redirect("/again");
  const count = relayed.length;
  await refused(await call("v2/practice-configuration"), 502);
  assert.equal(relayed.length - count, 6);
  assert.deepEqual(seen, []);
});

test("a download streams: the page has its first bytes before the last ones are there", async (t) => {
  const parts = [];
  const { call } = await startRelay(t, () => (response) => {
    response.writeHead(200, { "Content-Type": "application/zip", "Content-Length": 6 });
    response.write("one");
    parts.push(() => response.end("two"));
  });
  const response = await call("v2/order/17/download/IDE");
  assert.equal(response.headers.get("content-length"), "6");
  const reader = response.body.getReader();
  assert.equal(Buffer.from((await reader.read()).value).toString(), "one");
  parts[0]();
  assert.equal(Buffer.from((await reader.read()).value).toString(), "two");
  assert.equal((await reader.read()).done, true);
});

test("a page that leaves ends the call to the API, and its place is free again", async (t) => {
  const { call, relayed, lines } = await startRelay(t, () => (response) => {
    response.writeHead(200, { "Content-Type": "application/zip" });
    const timer = setInterval(() => response.write("more"), 20);
    response.on("close", () => clearInterval(timer));
  });
  for (let time = 0; time < 8; time++) {
    const controller = new AbortController();
    const response = await call("v2/order/17/download/IDE", { signal: controller.signal });
    assert.equal(response.status, 200, `${time}`);
    await response.body.getReader().read();
    controller.abort();
    await relayed.at(-1).closed;
    await eventually(lines, ({ length }) => length === time + 1);
  }
});

test("a page that reads nothing holds the API up, and no memory", async (t) => {
  let written = 0;
  const { call } = await startRelay(t, () => async (response) => {
    response.writeHead(200, { "Content-Type": "application/zip" });
    const chunk = Buffer.alloc(1 << 20);
    while (!response.destroyed && written < 200 << 20) {
      written += chunk.length;
      if (!response.write(chunk))
        await new Promise((resolve) => response.once("drain", resolve).once("close", resolve));
    }
    response.end();
  });
  const controller = new AbortController();
  await call("v2/order/17/download/IDE", { signal: controller.signal });
  await eventually(
    async () => {
      const before = written;
      await new Promise((resolve) => setTimeout(resolve, 200));
      return written - before;
    },
    (more) => more === 0 && written > 0,
  );
  assert.ok(written < 64 << 20, `${written} bytes were taken`);
  controller.abort();
});

test("a session may have 6 downloads and 32 calls under way; one more is 429 with Retry-After", async (t) => {
  const held = [];
  const { call, relayed } = await startRelay(t, () => (response) => held.push(response));
  const release = () => {
    for (const response of held.splice(0)) response.writeHead(200, { "Content-Type": "application/json" }).end("{}");
  };
  const other = await session({ subject: "user-2" });
  for (const [path, most] of [
    ["v2/order/17/download/IDE", 6],
    ["v2/practice-configuration", 32],
  ]) {
    const count = relayed.length;
    const calls = Array.from({ length: most }, () => call(path));
    await eventually(
      () => relayed.length - count,
      (sent) => sent === most,
    );
    const more = await call(path);
    assert.equal(more.headers.get("retry-after"), "1");
    await refused(more, 429);
    const anothers = call(path, { bearer: other });
    await eventually(
      () => relayed.length - count,
      (sent) => sent === most + 1,
    );
    release();
    for (const response of await Promise.all([...calls, anothers])) assert.equal((await response.text()).length, 2);
    const again = call(path);
    await eventually(
      () => held.length,
      (count) => count === 1,
    );
    release();
    assert.equal((await again).status, 200);
  }
});

test("pages of the allowed origins may call, and a preflight touches neither the object nor the API", async (t) => {
  const { call, relayed, lines } = await startRelay(t);
  const cors = ({ headers }) => Object.fromEntries([...headers].filter(([name]) => name.startsWith("access-control-")));
  const preflight = await call("v2/scan-request", {
    method: "OPTIONS",
    bearer: null,
    headers: {
      Origin: PORTAL,
      "Access-Control-Request-Method": "POST",
      "Access-Control-Request-Headers": "authorization,content-type",
    },
  });
  assert.equal(preflight.status, 204);
  assert.deepEqual(cors(preflight), {
    "access-control-allow-headers": "Authorization, Content-Type",
    "access-control-allow-methods": "GET, POST, PATCH, DELETE",
    "access-control-allow-origin": PORTAL,
    "access-control-expose-headers": "Content-Type, Content-Length, Content-Encoding, Content-Disposition, Retry-After",
    "access-control-max-age": "600",
  });
  assert.equal(preflight.headers.get("vary"), "Origin");
  assert.deepEqual([relayed, lines()], [[], []]);
  const own = await call("v2/practice-configuration", { headers: { Origin: PORTAL } });
  assert.equal(own.headers.get("access-control-allow-origin"), PORTAL);
  for (const bearer of [null, await session({ scopes: ["events:read"] })]) {
    const response = await call("v2/practice-configuration", { bearer, headers: { Origin: PORTAL } });
    assert.equal(response.headers.get("access-control-allow-origin"), PORTAL, "a page can read why");
  }
  for (const origin of ["https://evil.example", "null", `${PORTAL}.evil.example`]) {
    for (const method of ["GET", "OPTIONS"]) {
      const response = await call("v2/practice-configuration", { method, headers: { Origin: origin } });
      assert.deepEqual(cors(response), {}, origin);
      assert.equal(response.headers.get("vary"), "Origin");
    }
  }
});

test("when the practice's object fails, a page can read that it should come again", async (t) => {
  const { call, edge, relayed } = await startRelay(t, undefined, { testWorker: true });
  await edge.control(77, "fail");
  const headers = { Origin: PORTAL };
  const bearer = await session();
  for (const url of [`${edge.url}/practices/77/api/v2/practice-configuration`, `${edge.url}/practices/77/events`]) {
    const response = await fetch(url, { headers: { ...headers, Authorization: `Bearer ${bearer}` } });
    assert.equal(response.headers.get("access-control-allow-origin"), PORTAL);
    assert.equal(response.headers.get("retry-after"), "30");
    await refused(response, 503);
  }
  await edge.control(77, "heal");
  assert.equal((await call("v2/practice-configuration", { headers })).status, 200);
  assert.equal(relayed.length, 1);
});

test("a line of the log is who called what and how it went, without a query, a body, a token or a patient", async (t) => {
  const { call, lines, edge, token, api } = await startRelay(t, undefined, { refresh: true });
  const patient = "v2/patient/search?firstName=Zebulon&lastName=Quartermaine&chartNumber=CHART-90210";
  await (await call(patient)).text();
  api.answer = () => json(500, { error: "Zebulon", authorization: "Bearer ACCESS-TOKEN-0" });
  await (await call("v2/scan-request", { method: "POST", body: '{"PatientFirstName":"Zebulon"}' })).text();
  api.accessToken = "ANOTHER";
  api.answer = () => reset();
  await (await call("v2/order/17/download/Zebulon")).text();
  await call("v2/practice-configuration", { bearer: await session({ scopes: ["events:read"] }) });
  const list = await eventually(lines, ({ length }) => length >= 3);
  const expected = [
    ["GET patient/search", 200, 2],
    ["POST scan-request", 500, 59],
    ["GET order/:orderId/download/:assetType", 502, 0],
  ];
  for (const [index, [endpoint, status, bytes]] of expected.entries()) {
    const { ms, ...line } = list[index];
    assert.ok(ms >= 0);
    const own = { event: "relay.call", companyId: 77, subject: "user-1" };
    assert.deepEqual(line, { ...own, endpoint, status, bytes });
  }
  const output = edge.output() + JSON.stringify(await edge.state(77));
  const secrets = [
    "ACCESS-TOKEN",
    "CLIENT-SECRET",
    "Zebulon",
    "Quartermaine",
    "CHART-90210",
    "Bearer",
    token,
    token.split(".")[1],
  ];
  for (const secret of secrets) assert.ok(!output.includes(secret), secret);
});
