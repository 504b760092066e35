// Whatever a server does, a call ends: `deadlineMs` bounds it in all, where `timeoutMs` bounds each silence. The clock is the test's,
// so no server is: its own timers would be, too.
import assert from "node:assert/strict";
import { createClient, isDpmsError } from "itero-dpms";
import { CALLS } from "../support/calls.mjs";
import { rejection, settled, test } from "../support/test.mjs";
import { RX_ID, TOKEN, endpointsOf, guid, wireOrder, wirePage, wirePatient, wirePatients } from "../support/wire.mjs";

const NEVER = 1e9;
const SECOND = 1_000;

/** Lets everything happen that needs no time. */
async function idle() {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
}

/** Lets seconds pass, one after the other, doing something before each. */
async function pass(t, seconds, before = () => {}) {
  for (let second = 0; second < seconds; second++) {
    before(second);
    await idle();
    t.mock.timers.tick(SECOND);
  }
  await idle();
}

/** A client whose clock stands still unless the test lets time pass. */
async function clientOf(t, fetch, options = {}) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  return createClient({ endpoints: endpointsOf("https://dpms.invalid"), accessToken: TOKEN, fetch, ...options });
}

/** A response whose body drips, and how to have it do so. */
function dripping() {
  let controller;
  const body = new ReadableStream({
    start(given) {
      controller = given;
    },
  });
  const write = (/** @type {string} */ text) => controller.enqueue(new TextEncoder().encode(text));
  const end = (text) => {
    write(text);
    controller.close();
  };
  return { response: new Response(body), body, drip: () => write(" "), end };
}

async function outcome(work) {
  const state = { is: "pending" };
  settled(work, NEVER).then((result) => Object.assign(state, { is: "settled" }, result));
  await idle();
  return state;
}

for (const call of CALLS.filter(({ reads }) => reads === "json")) {
  test(`${call.name}: a body that drips on and on is timeout after two minutes`, async (t) => {
    const { response, drip } = dripping();
    let asked = 0;
    let request;
    const client = await clientOf(t, async (sent) => {
      asked += 1;
      request = sent;
      return response;
    });
    const state = await outcome(() => call.run(client));
    await pass(t, 119, drip);
    assert.equal(state.is, "pending");
    await pass(t, 1, drip);
    assert.ok(isDpmsError(state.reason), String(state.reason));
    assert.deepEqual([state.reason.kind, state.reason.retryable], ["timeout", true]);
    assert.match(state.reason.message, /120000 ms.*deadlineMs/);
    assert.equal(asked, 1, "there is no time for another try");
    assert.equal(request.signal.aborted, true, "the connection is cut");
  });
}

test("deadlineMs is the client's or the call's, and bounds the retries and their pauses, too", async (t) => {
  let asked = 0;
  const unavailable = async () => {
    asked += 1;
    return new Response("", { status: 503, headers: { "Retry-After": "4" } });
  };
  const client = await clientOf(t, unavailable, { deadlineMs: 10 * SECOND, retry: { attempts: 100 } });
  const state = await outcome(client.getOrder(RX_ID));
  await pass(t, 10);
  assert.deepEqual([state.reason?.kind, state.reason?.attempts, asked], ["server", 3, 3]);
  asked = 0;
  const own = await outcome(client.getOrder(RX_ID, { deadlineMs: 2 * SECOND }));
  assert.deepEqual([own.reason?.kind, own.reason?.retryAfterMs, asked], ["server", 4_000, 1]);
});

test("what a function of the caller's gives late is timeout at the deadline", async (t) => {
  const never = () => new Promise(() => {});
  const refused = async () => new Response("", { status: 401 });
  for (const options of [{ accessToken: never }, { refresh: never }]) {
    const client = await clientOf(t, refused, { deadlineMs: 3 * SECOND, ...options });
    const state = await outcome(client.getOrder(RX_ID));
    await pass(t, 3);
    assert.equal(state.reason?.kind, "timeout");
    t.mock.timers.reset();
  }
});

test("each page of a list that is walked has as long", async (t) => {
  const pages = [dripping(), dripping()];
  let page = 0;
  const client = await clientOf(t, async () => pages[page++].response, { deadlineMs: 10 * SECOND });
  const walk = client.orders();
  for (const [number, { drip, end }] of pages.entries()) {
    const state = await outcome(walk.next());
    await pass(t, 9, drip);
    end(JSON.stringify(wirePage([wireOrder({ RxId: guid(number) })], { hasMore: number === 0 })));
    await idle();
    assert.equal(state.value?.value?.rxId, guid(number), String(state.reason));
  }
});

test("a download takes as long as it takes, whatever the client's deadlineMs", async (t) => {
  const { response, drip } = dripping();
  const client = await clientOf(t, async () => response, { deadlineMs: SECOND });
  drip();
  const download = await client.downloadScan(1, "IMAGE_GALLERY");
  const state = await outcome(download.arrayBuffer());
  await pass(t, 3_600, drip);
  assert.equal(state.is, "pending");
});

test("a download's own deadlineMs bounds it to the end of its body", async (t) => {
  const { response, drip } = dripping();
  let request;
  const client = await clientOf(t, async (sent) => {
    request = sent;
    return response;
  });
  drip();
  const download = await client.downloadScan(1, "IMAGE_GALLERY", { deadlineMs: 10 * SECOND });
  const state = await outcome(download.arrayBuffer());
  await pass(t, 9, drip);
  assert.equal(state.is, "pending");
  await pass(t, 1, drip);
  assert.equal(state.reason?.kind, "timeout");
  assert.match(state.reason.message, /10000 ms.*deadlineMs/);
  assert.equal(request.signal.aborted, true);
});

test("a download that is done in time leaves no timer behind", async (t) => {
  const client = await clientOf(t, async () => new Response("zip"));
  const download = await client.downloadScan(1, "IMAGE_GALLERY", { deadlineMs: 10 * SECOND });
  assert.equal(await download.text(), "zip");
  await pass(t, 11);
});

test("a deadlineMs bounds the wait for 3D files", async (t) => {
  let asked = 0;
  const client = await clientOf(t, async () => {
    asked += 1;
    return new Response("", { status: 404 });
  });
  const state = await outcome(client.downloadScan(1, "IDE", { deadlineMs: 5 * SECOND }));
  await pass(t, 5);
  assert.equal(state.reason?.kind, "timeout");
  assert.ok(asked <= 4, `asked ${asked} times`);
});

test("a body that nobody wants and that drips is cut after a second", async (t) => {
  const { body, drip } = dripping();
  let request;
  const client = await clientOf(t, async (sent) => {
    request = sent;
    return new Response(body, { status: 400 });
  });
  await rejection(client.getOrder(RX_ID), NEVER);
  for (let step = 0; step < 10; step++) {
    drip();
    await idle();
    t.mock.timers.tick(100);
  }
  await idle();
  assert.equal(request.signal.aborted, true);
});

for (const [name, page] of [
  ["orders", wirePage([wireOrder()], { hasMore: true })],
  ["patients", wirePatients([wirePatient()], { total: 9 })],
]) {
  test(`${name}: leaving the loop ends the retries of the next page`, async (t) => {
    let asked = 0;
    const answer = async () => ((asked += 1) === 1 ? Response.json(page) : new Response("", { status: 503 }));
    const client = await clientOf(t, answer, { retry: { attempts: 50 } });
    for await (const row of client[name]()) {
      assert.ok(row);
      while (asked < 3) await pass(t, 10);
      break;
    }
    const before = asked;
    await pass(t, 110);
    assert.equal(asked, before);
  });
}
