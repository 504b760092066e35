// Session tokens: who makes them, and what they open. What is wrong with one is tested natively, in src/webhook/sessions.rs.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createSessionToken } from "itero-dpms/webhook";
import { ADMIN_KEY, startEdge } from "../support/edge.mjs";
import { startOrdersService } from "../support/orders-service.mjs";
import { test } from "../support/test.mjs";

const SECRET = "session-secret-of-thirty-two-byte";
const OLD_SECRET = "older-secret-of-thirty-two-bytes-";
const FEED_KEY = "feed-key_feed-key_feed-key_feed-k";
const env = { SESSION_SECRETS: `${SECRET},${OLD_SECRET}`, ALLOWED_ORIGINS: "https://portal.example" };

const session = (scopes, options = {}, secret = SECRET) =>
  createSessionToken({ companyId: 77, subject: "user-1", scopes, ...options }, secret);

const encoded = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** A token as a server in another language makes it. */
function tokenOf(claims = {}, header = { alg: "HS256", typ: "JWT" }, secret = SECRET) {
  const iat = Math.floor(Date.now() / 1000);
  const own = { iss: "itero-dpms", aud: "77", sub: "u", scope: "events:read", iat, exp: iat + 60, jti: "1" };
  const signed = `${encoded(header)}.${encoded({ ...own, ...claims })}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

/** An edge function with a registered practice, and its feed. */
async function start(t, options = {}) {
  const edge = await startEdge(t, { env: { ...env, ...options.env } });
  const service = await startOrdersService(t);
  await edge.register(77, service.registration(77, { feedKey: FEED_KEY }));
  const feed = (token, { practice = 77, headers = {}, method = "GET" } = {}) =>
    fetch(`${edge.url}/practices/${practice}/events`, {
      method,
      headers: { Authorization: `Bearer ${token}`, ...headers },
    });
  return { ...edge, feed };
}

test("a session of a portal's server opens the feed of its practice, whichever secret signed it", async (t) => {
  const { feed } = await start(t);
  for (const secret of [SECRET, OLD_SECRET, ` ${OLD_SECRET} , ${SECRET}`]) {
    const response = await feed(await session(["events:read"], {}, secret));
    assert.equal(response.status, 200);
    assert.deepEqual((await response.json()).events, []);
  }
  assert.equal((await feed(tokenOf())).status, 200, "made by another program");
});

test("a session that is none of this practice's is 401, and the reply says no more than that", async (t) => {
  const { feed } = await start(t);
  const good = await session(["events:read"]);
  const [header, claims, signature] = good.split(".");
  const now = Math.floor(Date.now() / 1000);
  const replies = new Set();
  for (const token of [
    "",
    "x",
    `${header}.${claims}.`,
    `${header}.${claims}.${signature.slice(1)}`,
    `${encoded({ alg: "none" })}.${claims}.`,
    `${encoded({ alg: "none" })}.${claims}.${signature}`,
    tokenOf({}, { alg: "HS512" }),
    tokenOf({}, undefined, "another-secret-of-thirty-two-bytes"),
    tokenOf({ aud: "78" }),
    tokenOf({ iss: "x" }),
    tokenOf({ exp: now - 61 }),
    tokenOf({ iat: now + 120 }),
    tokenOf({ exp: now + 50_000 }),
    tokenOf({ sub: undefined }),
    tokenOf({ sub: "x".repeat(8000) }),
    await session(["events:read"], { companyId: 78 }),
  ]) {
    const response = await feed(token);
    assert.equal(response.status, 401, token.slice(0, 300));
    assert.match(response.headers.get("www-authenticate"), /^Bearer/);
    replies.add(`${response.headers.get("www-authenticate")} ${await response.text()}`);
  }
  assert.equal(replies.size, 1);
  assert.equal((await feed(good, { practice: 78 })).status, 401);
});

test("a session without the scope is 403 with the scope's name", async (t) => {
  const { feed } = await start(t);
  const response = await feed(await session(["orders:read"]));
  assert.equal(response.status, 403);
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  const { code, scope } = await response.json();
  assert.deepEqual({ code, scope }, { code: "insufficient-scope", scope: "events:read" });
});

test("the practice's own key opens its feed and nothing else", async (t) => {
  const { feed, admin } = await start(t);
  assert.equal((await feed(FEED_KEY)).status, 200);
  assert.equal((await feed(`${FEED_KEY}x`)).status, 401);
  assert.equal((await feed(FEED_KEY, { practice: 78 })).status, 401, "not that of another practice");
  for (const [method, path] of [
    ["GET", "77"],
    ["PUT", "77"],
    ["DELETE", "77"],
    ["POST", "77/sessions"],
    ["POST", "77/reconcile"],
    ["GET", "77/callback"],
  ]) {
    assert.equal((await admin(method, path, undefined, FEED_KEY)).status, 401, path);
    assert.equal((await admin(method, path, undefined, await session(["events:read"]))).status, 401, path);
  }
});

test("with the admin key a server in any language asks for a session", async (t) => {
  const { admin, feed } = await start(t);
  const made = await admin("POST", "77/sessions", { subject: "user-1", scopes: ["events:read"], ttlSeconds: 60 });
  assert.equal(made.status, 201);
  const { token, expiresAt } = await made.json();
  assert.ok(Math.abs(Date.parse(expiresAt) - Date.now() - 60_000) < 10_000);
  assert.equal((await feed(token)).status, 200);
  const wrong = await admin("POST", "77/sessions", { subject: "", scopes: ["all"], ttlSeconds: 0, companyId: 78 });
  assert.equal(wrong.status, 400);
  const fields = (await wrong.json()).errors.map(({ field }) => field);
  assert.deepEqual(fields.sort(), ["companyId", "scopes", "subject", "ttlSeconds"]);
  assert.equal((await admin("GET", "77/sessions")).status, 405);
  assert.equal((await admin("POST", "77/sessions", {}, "wrong")).status, 401);
});

test("only pages of the allowed origins may read the feed", async (t) => {
  const { feed } = await start(t);
  const token = await session(["events:read"]);
  const cors = (response) => [...response.headers.keys()].filter((name) => name.startsWith("access-control-"));
  const own = await feed(token, { headers: { Origin: "https://portal.example" } });
  assert.equal(own.headers.get("access-control-allow-origin"), "https://portal.example");
  assert.equal(own.headers.get("vary"), "Origin");
  const refused = await feed("", { headers: { Origin: "https://portal.example" } });
  assert.equal(
    refused.headers.get("access-control-allow-origin"),
    "https://portal.example",
    "the page sees that it is over",
  );
  for (const origin of ["https://portal.example:8443", "http://portal.example", "null"]) {
    assert.deepEqual(cors(await feed(token, { headers: { Origin: origin } })), [], origin);
    const preflight = await feed("", { method: "OPTIONS", headers: { Origin: origin } });
    assert.deepEqual([preflight.status, cors(preflight)], [403, []], origin);
  }
  const preflight = await feed("", { method: "OPTIONS", headers: { Origin: "https://portal.example" } });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get("access-control-max-age"), "600");
  assert.equal(preflight.headers.get("access-control-allow-headers"), "Authorization, Content-Type");
});

test("without SESSION_SECRETS there is no session, and one that is too short is named", async (t) => {
  const { admin, feed, output } = await start(t, { env: { SESSION_SECRETS: "" } });
  assert.equal((await feed(tokenOf({}, undefined, ""))).status, 401);
  assert.equal((await admin("POST", "77/sessions", { subject: "u", scopes: ["events:read"] })).status, 409);
  assert.doesNotMatch(output(), /settings\.refused/);
  const short = await startEdge(t, {
    env: { SESSION_SECRETS: `${SECRET},short`, ALLOWED_ORIGINS: "https://portal.example/" },
  });
  const refusal = await short.admin("PUT", "77", {}, ADMIN_KEY);
  assert.equal(refusal.status, 500);
  assert.match(await refusal.text(), /SESSION_SECRETS, ALLOWED_ORIGINS/);
  assert.match(short.output(), /"settings\.refused","variables":\["SESSION_SECRETS","ALLOWED_ORIGINS"\]/);
});

test("createSessionToken names whatever is wrong", async () => {
  for (const [options, secret, names] of [
    [undefined, SECRET, ["options"]],
    [{}, SECRET, ["companyId", "subject", "scopes"]],
    [
      { companyId: "x", subject: "", scopes: ["x"], ttlSeconds: 1e9, ttl: 1 },
      SECRET,
      ["companyId", "subject", "scopes", "ttlSeconds", "ttl"],
    ],
    [{ companyId: 77, subject: "u", scopes: ["rx:write"] }, "short", ["secret"]],
    [{ companyId: 77, subject: "u", scopes: ["rx:write"] }, undefined, ["secret"]],
    [{ companyId: 77, subject: "u", scopes: [] }, SECRET, ["scopes"]],
  ]) {
    await assert.rejects(createSessionToken(options, secret), (error) => {
      assert.ok(error instanceof TypeError);
      for (const name of names)
        assert.match(error.message, new RegExp(`[:;] ${name} must|${name} is not`), error.message);
      return true;
    });
  }
});
