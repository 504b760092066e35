// Which requests the edge function accepts, which it refuses, and with which response.
import assert from "node:assert/strict";
import { ADMIN_KEY, OLD_SECRET, SECRET, startEdge } from "../support/edge.mjs";
import { startOrdersService } from "../support/orders-service.mjs";
import { test } from "../support/test.mjs";
import { RX_ID } from "../support/wire.mjs";

const NOTIFICATION = JSON.stringify({ Id: RX_ID, CompanyId: "77" });

/** Asserts that a request was refused and returns the fields of its `errors`. */
async function refused(response, status) {
  const text = await response.text();
  assert.equal(response.status, status, text);
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  const problem = JSON.parse(text);
  assert.equal(problem.status, status);
  return problem.errors?.map(({ field }) => field);
}

test("a wrong callback secret is 404, whatever else the request is", async (t) => {
  const edge = await startEdge(t);
  for (const secret of ["wrong", "", `${SECRET}x`, SECRET.slice(1), SECRET.toUpperCase(), `${SECRET},${OLD_SECRET}`]) {
    await refused(await edge.post(NOTIFICATION, secret), 404);
    await refused(await fetch(`${edge.url}/callback/${secret}`), 404);
  }
  await refused(await fetch(`${edge.url}/callback`, { method: "POST", body: NOTIFICATION }), 404);
  await refused(await fetch(`${edge.url}/callback/${SECRET}/more`, { method: "POST", body: NOTIFICATION }), 404);
});

test("two secrets are valid at once, and a removed one is not", async (t) => {
  const edge = await startEdge(t);
  for (const secret of [SECRET, OLD_SECRET]) assert.equal((await edge.post(NOTIFICATION, secret)).status, 202);
  const rotated = await startEdge(t, { env: { CALLBACK_SECRETS: SECRET } });
  assert.equal((await rotated.post(NOTIFICATION)).status, 202);
  await refused(await rotated.post(NOTIFICATION, OLD_SECRET), 404);
});

test("without CALLBACK_SECRETS and ADMIN_KEY every request is refused", async (t) => {
  const edge = await startEdge(t, { env: { CALLBACK_SECRETS: "", ADMIN_KEY: "" } });
  for (const secret of ["", SECRET, "null", "undefined", "%20"])
    await refused(await edge.post(NOTIFICATION, secret), 404);
  for (const key of ["", " ", ADMIN_KEY, "null", "undefined"])
    await refused(await edge.admin("GET", "77", undefined, key), 401);
});

test("a callback secret that no URL can carry is refused by name, and the others still work", async (t) => {
  for (const secret of ["with/slash", "with space", "naïve", 'a"quote', "q?x", "hash#x", "..", "back\\slash"]) {
    const edge = await startEdge(t, { env: { CALLBACK_SECRETS: `${SECRET},${secret}` } });
    const refusal = await edge.admin("PUT", "77", {});
    assert.match(await refusal.clone().text(), /CALLBACK_SECRETS/);
    await refused(refusal, 500);
    assert.equal((await edge.post(NOTIFICATION)).status, 202);
    const lines = edge
      .output()
      .split("\n")
      .filter((line) => line.includes("settings.refused"));
    assert.deepEqual(lines, ['{"event":"settings.refused","variables":["CALLBACK_SECRETS"]}'], "once");
    await edge.kill();
  }
  const fine = "A-z0.9_~!$&'()*+=:@;%41";
  const edge = await startEdge(t, { env: { CALLBACK_SECRETS: fine } });
  assert.equal((await edge.post(NOTIFICATION, fine)).status, 202);
  await refused(await edge.admin("PUT", "77", {}), 400);
});

test("an admin key with a comma is one key, and one that no header can carry is named in the log", async (t) => {
  const edge = await startEdge(t, { env: { ADMIN_KEY: "7,long" } });
  for (const key of ["7", "long", ""]) await refused(await edge.admin("GET", "77", undefined, key), 401);
  assert.equal((await edge.admin("GET", "77", undefined, "7,long")).status, 200);
  const other = await startEdge(t, { env: { ADMIN_KEY: "schlüssel" } });
  await refused(await other.admin("GET", "77", undefined, "schlussel"), 401);
  assert.match(other.output(), /"settings\.refused","variables":\["ADMIN_KEY"\]/);
});

test("another method on the callback URL is 405 and Allow says which is right", async (t) => {
  const edge = await startEdge(t);
  for (const method of ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    const response = await fetch(`${edge.url}/callback/${SECRET}`, { method });
    assert.equal(response.headers.get("allow"), "POST");
    await refused(response, 405);
  }
});

test("a body over 16 KiB is 413, with or without a Content-Length", async (t) => {
  const edge = await startEdge(t);
  const url = `${edge.url}/callback/${SECRET}`;
  const body = (length) =>
    JSON.stringify({ Id: RX_ID, CompanyId: 77, padding: "" }).replace('""', `"${"x".repeat(length)}"`);
  const fits = body(16 * 1024 - body(0).length);
  assert.equal(fits.length, 16 * 1024);
  const streamed = (text) => ({ method: "POST", body: new Blob([text]).stream(), duplex: "half" });
  assert.equal((await fetch(url, { method: "POST", body: fits })).status, 202);
  assert.equal((await fetch(url, streamed(fits))).status, 202);
  await refused(await fetch(url, { method: "POST", body: `${fits} ` }), 413);
  await refused(await fetch(url, streamed(`${fits} `)), 413);
});

test("a body that is not a notification is 400 and names the field", async (t) => {
  const edge = await startEdge(t);
  const cases = [
    ["", ""],
    ["not JSON", ""],
    ["[]", ""],
    ["null", ""],
    ['{"Id":', ""],
    ["{}", "Id"],
    [{ CompanyId: 77 }, "Id"],
    [{ Id: null, CompanyId: 77 }, "Id"],
    [{ Id: "700100", CompanyId: 77 }, "Id"],
    [{ Id: 700100, CompanyId: 77 }, "Id"],
    [{ Id: `${RX_ID}0`, CompanyId: 77 }, "Id"],
    [{ Id: RX_ID }, "CompanyId"],
    [{ Id: RX_ID, CompanyId: null }, "CompanyId"],
    [{ Id: RX_ID, CompanyId: "seventy-seven" }, "CompanyId"],
    [{ Id: RX_ID, CompanyId: 77.5 }, "CompanyId"],
    [{ Id: RX_ID, CompanyId: 1e300 }, "CompanyId"],
    [{ Id: RX_ID, CompanyId: [77] }, "CompanyId"],
  ];
  for (const [body, field] of cases) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const errors = await refused(await edge.post(text), 400);
    assert.deepEqual(errors, [field], text);
  }
  await refused(await edge.post(new Uint8Array([0xff, 0xfe, 0x00])), 400);
});

test("a CompanyId may be a string or a number, and an RX id in any case", async (t) => {
  const edge = await startEdge(t);
  for (const [Id, CompanyId] of [
    [RX_ID, 77],
    [RX_ID.toUpperCase(), "77"],
  ]) {
    assert.equal((await edge.post(JSON.stringify({ Id, CompanyId }))).status, 202);
  }
  assert.equal((await edge.state(77)).parked, 1);
});

test("the calls below /practices need the admin key, exactly", async (t) => {
  const edge = await startEdge(t);
  for (const path of ["77", "77/events", "77/nothing", "not-a-number"]) {
    for (const headers of [
      {},
      { Authorization: `Bearer ${ADMIN_KEY}x` },
      { Authorization: ADMIN_KEY },
      { Authorization: `Basic ${ADMIN_KEY}` },
      { Authorization: `Bearer ${SECRET}` },
    ]) {
      const response = await fetch(`${edge.url}/practices/${path}`, { headers });
      assert.match(response.headers.get("www-authenticate") ?? "", /^Bearer/);
      await refused(response, 401);
    }
  }
});

test("below /practices, unknown paths are 404 and other methods 405", async (t) => {
  const edge = await startEdge(t);
  for (const path of ["not-a-number", "77/nothing", "77/events/evt_1", "77/events/evt_1/replay/x", ""]) {
    await refused(await edge.admin("GET", path), 404);
  }
  for (const [method, path, allow] of [
    ["POST", "77", "GET, PUT, DELETE"],
    ["POST", "77/events", "GET"],
    ["GET", "77/reconcile", "POST"],
    ["GET", "77/events/evt_1/replay", "POST"],
  ]) {
    const response = await edge.admin(method, path);
    assert.equal(response.headers.get("allow"), allow);
    await refused(response, 405);
  }
  await refused(await fetch(`${edge.url}/`), 404);
});

test("a wrong registration is refused with all its errors, and not stored", async (t) => {
  const edge = await startEdge(t);
  const body = {
    endpoints: { baseUrl: "http://api.example" },
    accessToken: 7,
    refresh: { tokenUrl: "nowhere", clientId: "id", clientSecret: "", refreshToken: "r" },
    deliverTo: { url: "https://user:password@consumer.example", secret: "plain" },
    deliverto: {},
  };
  const errors = await refused(await edge.admin("PUT", "77", body), 400);
  const fields = ["endpoints.baseUrl", "accessToken", "refresh.tokenUrl", "refresh.clientSecret"];
  assert.deepEqual(errors.sort(), [...fields, "deliverTo.url", "deliverTo.secret", "deliverto"].sort());
  assert.equal((await edge.state(77)).registered, false);
  for (const wrong of ["", "[]", "{"]) {
    const init = { method: "PUT", body: wrong, headers: { Authorization: `Bearer ${ADMIN_KEY}` } };
    await refused(await fetch(`${edge.url}/practices/77`, init), 400);
  }
});

test("the feed refuses wrong parameters by name, and is 404 for an unregistered practice", async (t) => {
  const edge = await startEdge(t);
  const service = await startOrdersService(t);
  await refused(await edge.admin("GET", "77/events"), 404);
  await edge.register(77, service.registration(77));
  for (const [query, field] of [
    ["after=x", "after"],
    ["after=-1", "after"],
    ["limit=0", "limit"],
    ["limit=1001", "limit"],
    ["limit=", "limit"],
  ]) {
    assert.deepEqual(await refused(await edge.admin("GET", `77/events?${query}`), 400), [field]);
  }
});
