// Redirects are followed by the client itself, and only to where the token may go: platforms differ in whether they take it along.
import assert from "node:assert/strict";
import { createClient } from "itero-dpms";
import { calls } from "../support/calls.mjs";
import { json, raw, redirect, startFaultyServer, text } from "../support/faulty-server.mjs";
import { rejection, test } from "../support/test.mjs";
import { FAST, RX_ID, TOKEN, envelope, scripted, wireOrder } from "../support/wire.mjs";

const ORDER = envelope(wireOrder());
const bearer = (request) => request.headers.authorization?.replace(/^Bearer /, "");

/** Redirects every request but those to /moved, which get the step. */
const moved = (status, step, location = "/moved?sig=a%2Fb") => {
  return (request) => (request.path === "/moved" ? step : redirect(location, status));
};

/** A server of another origin that would give anybody an order. */
async function elsewhere(t, step = json(200, ORDER)) {
  const server = await startFaultyServer(() => step);
  t.after(() => server.close());
  return server;
}

for (const status of [301, 302, 303, 307, 308]) {
  test(`a read follows a ${status} within its origin, with the token and to the very URL`, async (t) => {
    const { client, server } = await scripted(t, moved(status, json(200, ORDER)));
    assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
    assert.equal(server.requests[1].url, "/moved?sig=a%2Fb");
    assert.deepEqual(server.requests.map(bearer), [TOKEN, TOKEN]);
  });

  test(`a ${status} to another origin is refused: nothing goes there, and neither a refresh nor a retry is spent`, async (t) => {
    const other = await elsewhere(t);
    let refreshes = 0;
    const { client, server } = await scripted(t, () => redirect(`${other.baseUrl}/moved`, status), {
      refresh: () => `new-${(refreshes += 1)}`,
      retry: FAST,
    });
    for (const work of [client.getOrder(RX_ID), client.downloadScan(1, "IDE"), client.request("GET", "orders")]) {
      const error = await rejection(work);
      assert.equal(error.kind, "bad-request");
      assert.equal(error.status, status);
      assert.match(error.message, /redirected to another origin.*check endpoints/i);
      assert.equal(error.attempts, 1);
      assert.ok(!error.message.includes(other.baseUrl), "where it led is not repeated");
    }
    assert.equal(server.requests.length, 3);
    assert.equal(other.requests.length, 0);
    assert.equal(refreshes, 0);
  });
}

test("a redirect to a trusted origin is followed, with the token", async (t) => {
  const other = await elsewhere(t);
  const { client } = await scripted(t, () => redirect(`${other.baseUrl}/moved`), { trustedOrigins: [other.baseUrl] });
  assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
  assert.deepEqual(other.requests.map(bearer), [TOKEN]);
});

test("a download and a link follow a redirect within the origin", async (t) => {
  const { client, server } = await scripted(t, moved(302, raw(200, "PK", { "Content-Type": "application/zip" })));
  assert.equal(await (await client.downloadScan(1, "IMAGE_GALLERY")).text(), "PK");
  assert.equal(await (await client.downloadLink(`${server.baseUrl}/files/1`)).text(), "PK");
});

for (const status of [301, 302, 303]) {
  test(`a ${status} does not make a delete a read`, async (t) => {
    const { client, server } = await scripted(t, moved(status, json(200, {})));
    for (const call of calls("deleteScanRequest")) {
      assert.equal((await rejection(call.run(client))).kind, "bad-request");
    }
    assert.ok(server.requests.every(({ path }) => path !== "/moved"));
  });
}

for (const location of [
  "",
  "http://[::1",
  "javascript:alert(1)",
  "data:application/json,{}",
  "http://user:pass@127.0.0.1:1/",
]) {
  test(`a redirect to ${JSON.stringify(location)} is refused`, async (t) => {
    const { client, server } = await scripted(t, () => redirect(location));
    const error = await rejection(client.getOrder(RX_ID));
    assert.equal(error.kind, "bad-request");
    assert.match(error.message, /redirect.*endpoints/is);
    assert.equal(server.requests.length, 1);
  });
}

test("a user in a Location is never sent, even within the origin", async (t) => {
  const { client, server } = await scripted(t, () => redirect(server.baseUrl.replace("//", "//user:pass@")));
  assert.equal((await rejection(client.getOrder(RX_ID))).kind, "bad-request");
  assert.equal(server.requests.length, 1);
});

test("redirects in a circle end soon", async (t) => {
  const { client, server } = await scripted(t, () => redirect("/again"), { retry: FAST });
  const error = await rejection(client.getOrder(RX_ID));
  assert.equal(error.kind, "bad-request");
  assert.match(error.message, /redirect.*endpoints/is);
  assert.equal(server.requests.length, 6);
  assert.equal(error.attempts, 6);
});

test("a 401 where a redirect led is refreshed as usual, and the call begins again at its own address", async (t) => {
  const script = (request) => (bearer(request) === "new" ? json(200, ORDER) : text(401, ""));
  const { client, server } = await scripted(
    t,
    (request) => (request.path === "/moved" ? script(request) : redirect("/moved", 307)),
    { accessToken: "old", refresh: async () => "new" },
  );
  assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
  assert.deepEqual(server.requests.map(bearer), ["old", "old", "new", "new"]);
});

for (const [what, step] of [
  ["200", json(200, ORDER)],
  ["401", text(401, "")],
  ["404", text(404, "")],
  ["304 with a Location", redirect("/moved", 304)],
]) {
  test(`a ${what} of another origin, to which a fetch of the caller's own followed, is no answer of the API`, async (t) => {
    const other = await elsewhere(t, step);
    const server = await startFaultyServer(() => redirect(`${other.baseUrl}/moved`));
    t.after(() => server.close());
    let refreshes = 0;
    const client = await createClient({
      endpoints: { baseUrl: server.baseUrl },
      accessToken: TOKEN,
      refresh: () => `new-${(refreshes += 1)}`,
      retry: FAST,
      fetch: (request) => fetch(request.url),
    });
    for (const work of [() => client.getOrder(RX_ID), () => client.downloadScan(1, "IMAGE_GALLERY")]) {
      const error = await rejection(work);
      assert.equal(error.kind, "bad-request");
      assert.match(error.message, /redirected to another origin.*check endpoints/i);
    }
    assert.equal(refreshes, 0);
  });
}

test("a redirect that a browser does not show is refused with a reason", async () => {
  // What fetch gives there for `redirect: "manual"`.
  const opaque = { type: "opaqueredirect", status: 0, headers: new Headers(), body: null, url: "", redirected: false };
  const client = await createClient({
    endpoints: { baseUrl: "https://dpms.invalid" },
    accessToken: TOKEN,
    fetch: async (request) => {
      assert.equal(request.redirect, "manual");
      return opaque;
    },
  });
  const error = await rejection(client.getOrder(RX_ID));
  assert.equal(error.kind, "bad-request");
  assert.equal(error.attempts, 1);
  assert.match(error.message, /redirect.*browser.*endpoints/is);
});
