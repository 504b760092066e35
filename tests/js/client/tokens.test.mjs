// Tokens: all calls share one refresh, each is replayed once, and no token goes to another origin.
import assert from "node:assert/strict";
import { createClient, isDpmsError } from "itero-dpms";
import { json, redirect, startFaultyServer, text } from "../support/faulty-server.mjs";
import { deferred, rejection, settled, test } from "../support/test.mjs";
import { FAST, RX_ID, envelope, scanRequest, scripted, wireOrder } from "../support/wire.mjs";

const bearer = (request) => request.headers.authorization?.replace(/^Bearer /, "");

/** Responds with 200 to the token "new" and with 401 to any other. */
const onlyNew = (request) =>
  bearer(request) !== "new" ? text(401, "") : json(200, envelope(request.method === "POST" ? RX_ID : wireOrder()));

/** A refresh that counts its calls. */
function counted(respond) {
  const calls = [];
  const refresh = async (rejected) => {
    calls.push(rejected);
    return respond(rejected);
  };
  return { calls, refresh };
}

test("a 401 refreshes once, passing the rejected token, and the call is replayed with the new one", async (t) => {
  const { calls, refresh } = counted(() => "new");
  const { client, server } = await scripted(t, onlyNew, { accessToken: "old", refresh });
  assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
  assert.deepEqual(calls, ["old"]);
  assert.deepEqual(server.requests.map(bearer), ["old", "new"]);
});

test("later calls use the refreshed token without another refresh", async (t) => {
  const { calls, refresh } = counted(() => "new");
  const { client, server } = await scripted(t, onlyNew, { accessToken: "old", refresh });
  await client.getOrder(RX_ID);
  await client.getOrder(RX_ID);
  assert.equal(calls.length, 1);
  assert.deepEqual(server.requests.map(bearer), ["old", "new", "new"]);
});

test("a replay carries the whole body again", async (t) => {
  const { refresh } = counted(() => "new");
  const { client, server } = await scripted(t, onlyNew, { accessToken: "old", refresh });
  assert.equal(await client.createScanRequest(scanRequest({ notes: "the body" })), RX_ID);
  assert.equal(server.requests.length, 2);
  assert.equal(server.requests[0].body, server.requests[1].body);
  assert.equal(JSON.parse(server.requests[1].body).Notes, "the body");
});

test("a retry is not used up by the replay after a 401", async (t) => {
  const { refresh } = counted(() => "new");
  const { client, server } = await scripted(t, onlyNew, { accessToken: "old", refresh, retry: false });
  await client.getOrder(RX_ID);
  assert.equal(server.requests.length, 2);
});

test("twelve calls in flight share one refresh, and each is replayed once", async (t) => {
  const everyone = deferred();
  const { calls, refresh } = counted(() => "new");
  let waiting = 0;
  const { client, server } = await scripted(
    t,
    async (request) => {
      if (bearer(request) === "old") {
        waiting += 1;
        if (waiting === 12) everyone.resolve();
        await everyone.promise;
      }
      return onlyNew(request);
    },
    { accessToken: "old", refresh },
  );
  const work = Array.from({ length: 12 }, (_, n) =>
    n % 3 === 0 ? client.createScanRequest(scanRequest({ notes: `call ${n}` })) : client.getOrder(RX_ID),
  );
  await Promise.all(work);
  assert.deepEqual(calls, ["old"]);
  assert.equal(server.requests.filter((request) => bearer(request) === "old").length, 12);
  assert.equal(server.requests.filter((request) => bearer(request) === "new").length, 12);
  const notes = server.requests
    .filter((r) => r.method === "POST" && bearer(r) === "new")
    .map((r) => JSON.parse(r.body).Notes);
  assert.deepEqual(notes.sort(), ["call 0", "call 3", "call 6", "call 9"]);
});

test("a call whose 401 arrives after the refresh uses its token instead of refreshing again", async (t) => {
  const late = deferred();
  const { calls, refresh } = counted(() => "new");
  const { client, server } = await scripted(
    t,
    async (request, index) => {
      if (index === 0) await late.promise;
      return onlyNew(request);
    },
    { accessToken: "old", refresh },
  );
  const straggler = client.getOrder(RX_ID);
  await server.seen(1);
  await client.getOrder(RX_ID);
  late.resolve();
  await straggler;
  assert.equal(calls.length, 1);
  assert.deepEqual(server.requests.map(bearer).sort(), ["new", "new", "old", "old"]);
});

test("a token that expires again is refreshed again", async (t) => {
  let valid = "1";
  const { calls, refresh } = counted((rejected) => String(Number(rejected) + 1));
  const { client } = await scripted(
    t,
    (request) => (bearer(request) === valid ? json(200, envelope(wireOrder())) : text(401, "")),
    { accessToken: "0", refresh },
  );
  await client.getOrder(RX_ID);
  valid = "2";
  await client.getOrder(RX_ID);
  assert.deepEqual(calls, ["0", "1"]);
});

test("a second 401 is unauthorized, after one refresh", async (t) => {
  const { calls, refresh } = counted(() => "newer");
  const { client, server } = await scripted(t, onlyNew, { accessToken: "old", refresh });
  const error = await rejection(client.getOrder(RX_ID));
  assert.equal(error.kind, "unauthorized");
  assert.equal(error.status, 401);
  assert.equal(error.retryable, false);
  assert.equal(calls.length, 1);
  assert.equal(server.requests.length, 2);
});

test("without a refresh a 401 is unauthorized at once", async (t) => {
  const { client, server } = await scripted(t, onlyNew, { accessToken: "old" });
  const error = await rejection(client.getOrder(RX_ID));
  assert.equal(error.kind, "unauthorized");
  assert.equal(error.status, 401);
  assert.equal(server.requests.length, 1);
});

test("a 403 is unauthorized with its status and never refreshes", async (t) => {
  const { calls, refresh } = counted(() => "new");
  const { client, server } = await scripted(t, () => text(403, ""), { accessToken: "old", refresh });
  const error = await rejection(client.getOrder(RX_ID));
  assert.equal(error.kind, "unauthorized");
  assert.equal(error.status, 403);
  assert.deepEqual(calls, []);
  assert.equal(server.requests.length, 1);
});

test("a failing refresh is unauthorized with the failure's class and code as its cause, for every waiting call", async (t) => {
  const failure = Object.assign(new TypeError("the identity server is away"), { code: "ENOTFOUND" });
  const refused = deferred();
  let responses = 0;
  const onEvent = ({ type }) => {
    if (type === "response" && (responses += 1) === 3) setImmediate(refused.resolve);
  };
  const { calls, refresh } = counted(async () => {
    await refused.promise;
    throw failure;
  });
  const { client } = await scripted(t, onlyNew, { accessToken: "old", refresh, onEvent });
  const outcomes = await Promise.all([1, 2, 3].map(() => settled(client.getOrder(RX_ID))));
  for (const { reason } of outcomes) {
    assert.ok(isDpmsError(reason), String(reason));
    assert.equal(reason.kind, "unauthorized");
    assert.deepEqual(reason.cause, { name: "TypeError", code: "ENOTFOUND" });
  }
  assert.equal(calls.length, 1);
});

test("a failed refresh is not cached: the next 401 refreshes again", async (t) => {
  const { calls, refresh } = counted(() => (calls.length === 1 ? Promise.reject(new Error("down")) : "new"));
  const { client } = await scripted(t, onlyNew, { accessToken: "old", refresh });
  await rejection(client.getOrder(RX_ID));
  assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
  assert.equal(calls.length, 2);
});

test("a refresh that gives no token sends nothing more, and the next call asks again", async (t) => {
  const { calls, refresh } = counted(() => (calls.length === 1 ? "" : "new"));
  const { client, server } = await scripted(t, onlyNew, { accessToken: "old", refresh });
  assert.equal((await rejection(client.getOrder(RX_ID))).kind, "invalid-argument");
  assert.equal(server.requests.length, 1);
  assert.equal((await client.getOrder(RX_ID)).rxId, RX_ID);
});

test("an aborted call leaves a shared refresh to the calls that still wait for it", async (t) => {
  const refreshing = deferred();
  const started = deferred();
  const { calls, refresh } = counted(() => {
    started.resolve();
    return refreshing.promise;
  });
  const { client } = await scripted(t, onlyNew, { accessToken: "old", refresh });
  const controller = new AbortController();
  const first = client.getOrder(RX_ID, { signal: controller.signal });
  const outcome = settled(first);
  await started.promise;
  const second = client.getOrder(RX_ID);
  controller.abort("changed my mind");
  assert.equal((await outcome).reason, "changed my mind");
  refreshing.resolve("new");
  assert.equal((await second).rxId, RX_ID);
  assert.equal(calls.length, 1);
});

test("the access token may be a function, plain or async", async (t) => {
  for (const accessToken of [() => "new", async () => "new"]) {
    const { client, server } = await scripted(t, onlyNew, { accessToken });
    await client.getOrder(RX_ID);
    assert.deepEqual(server.requests.map(bearer), ["new"]);
  }
});

test("an access token function whose token is rejected is replayed with the refreshed one", async (t) => {
  const { calls, refresh } = counted(() => "new");
  const { client, server } = await scripted(t, onlyNew, { accessToken: async () => "old", refresh });
  await client.getOrder(RX_ID);
  assert.deepEqual(calls, ["old"]);
  assert.deepEqual(server.requests.map(bearer), ["old", "new"]);
});

test("an access token function that fails rejects the call with its error's class as the cause, and sends nothing", async (t) => {
  const failure = new Error("no session");
  const { client, server } = await scripted(t, onlyNew, { accessToken: () => Promise.reject(failure) });
  const error = await rejection(client.getOrder(RX_ID));
  assert.ok(isDpmsError(error), String(error));
  assert.equal(error.kind, "unauthorized");
  assert.deepEqual(error.cause, { name: "Error", code: null });
  assert.equal(server.requests.length, 0);
});

test("a refresh is visible as an event, without the token", async (t) => {
  const events = [];
  const { refresh } = counted(() => "new");
  const { client } = await scripted(t, onlyNew, {
    accessToken: "old",
    refresh,
    onEvent: (event) => events.push(event),
  });
  await client.getOrder(RX_ID);
  assert.deepEqual(
    events.map((event) => event.type),
    ["request", "response", "refresh", "request", "response"],
  );
});

for (const status of [301, 302, 307, 308]) {
  test(`a ${status} redirect to another origin never carries the token there`, async (t) => {
    const elsewhere = await startFaultyServer(() => json(200, envelope(wireOrder())));
    t.after(() => elsewhere.close());
    const { client } = await scripted(t, () => redirect(`${elsewhere.baseUrl}/stolen`, status), {
      accessToken: "TOKEN-SECRET",
      retry: FAST,
    });
    await settled(client.getOrder(RX_ID));
    await settled(client.downloadScan(1, "IMAGE_GALLERY").then((response) => response?.arrayBuffer()));
    for (const request of elsewhere.requests) {
      assert.equal(request.headers.authorization, undefined);
      assert.doesNotMatch(JSON.stringify([request.headers, request.url, request.body]), /TOKEN-SECRET/);
    }
  });
}

test("a call that is refused after the refresh failed shares the failure, and a later call refreshes again", async () => {
  const late = deferred();
  const refused = () => new Response(null, { status: 401 });
  let sent = 0;
  const { calls, refresh } = counted(() => Promise.reject(new Error("no more tokens")));
  const client = await createClient({
    endpoints: { baseUrl: "https://dpms.invalid" },
    accessToken: "old",
    refresh,
    fetch: () => ((sent += 1) === 2 ? late.promise : Promise.resolve(refused())),
  });
  const [first, second] = [rejection(client.getOrder(RX_ID)), rejection(client.getOrder(RX_ID))];
  const failure = await first;
  late.resolve(refused());
  assert.deepEqual((await second).cause, failure.cause);
  assert.equal(calls.length, 1);
  assert.equal((await rejection(client.getOrder(RX_ID))).kind, "unauthorized");
  assert.equal(calls.length, 2);
});
