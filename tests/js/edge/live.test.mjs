// Live events over WebSockets, under workerd. What is decided is tested natively, in src/webhook/inbox/live; the pages' side in
// tests/js/events.
import assert from "node:assert/strict";
import { eventually, startEdge, temporaryFolder } from "../support/edge.mjs";
import { assertWhole, env, follow, openSocket, session } from "../support/live-readers.mjs";
import { startOrdersService } from "../support/orders-service.mjs";
import { test } from "../support/test.mjs";
import { guid } from "../support/wire.mjs";

/** An edge function with a practice, and orders that it is notified of. */
async function start(t, { testWorker = false, storage, more = {} } = {}) {
  const edge = await startEdge(t, { env: { ...env, ...more }, testWorker, ...(storage && { storage }) });
  const service = await startOrdersService(t);
  let count = 0;
  /** Has so many orders scanned, and waits until each is an event. */
  const scan = async (orders = 1) => {
    for (let n = 0; n < orders; n++) {
      const rxId = guid(count++);
      service.setOrder(77, rxId, "Completed", { ScanningDate: "2020-01-01T00:00:00Z" });
      assert.equal((await edge.notify(rxId, 77)).status, 202);
    }
    await edge.eventsOf(77, count);
  };
  await edge.register(77, service.registration(77));
  await edge.stateWhen(77, ({ lastReconcile }) => lastReconcile !== null);
  return { edge, service, scan };
}

const opened = (reader) =>
  eventually(
    () => reader.messages.length,
    (count) => count > 0,
  );
const upTo = (last, first = 1) => Array.from({ length: last - first + 1 }, (_, at) => first + at);

test("an event reaches its readers as it is recorded, the same that the feed has", async (t) => {
  const { edge, scan } = await start(t);
  await scan(2);
  const readers = [follow(t, () => edge.url, 77), follow(t, () => edge.url, 77, { after: 2 })];
  const states = () => readers.map(({ states }) => states.at(-1)?.type).join();
  await eventually(states, (now) => now === "live,live");
  await scan(1);
  await eventually(
    () => readers.map(({ events }) => events.length).join(),
    (counts) => counts === "3,1",
  );
  assertWhole(readers[0], 1, 3);
  assert.deepEqual(readers[0].events, await edge.events(77));
  assert.deepEqual(readers[1].events[0], readers[0].events[2]);
});

test("the socket speaks its protocol: hello, the backlog, pong", async (t) => {
  const { edge, scan } = await start(t);
  await scan(3);
  const reader = openSocket(edge, 77, await session(77), { query: "?after=1" });
  await eventually(
    () => reader.seqs.length,
    (count) => count === 2,
  );
  assert.equal(reader.socket.protocol, "itero-dpms.v1");
  assert.deepEqual(Object.keys(JSON.parse(reader.messages[0])), ["type", "feed", "after"]);
  assert.equal(JSON.parse(reader.messages[0]).after, 1);
  assert.deepEqual(reader.seqs, [2, 3]);
  reader.socket.send("ping");
  await eventually(
    () => reader.messages.at(-1),
    (message) => message === "pong",
  );
  reader.acknowledge();
  reader.socket.send("what is this?");
  assert.equal((await reader.closing).code, 1008);
});

test("a reader that acknowledges nothing is sent a bounded number of events", { timeout: 60_000 }, async (t) => {
  const { edge, scan } = await start(t);
  await scan(100);
  const reader = openSocket(edge, 77, await session(77));
  await eventually(
    () => reader.seqs.length,
    (count) => count === 64,
  );
  await scan(1);
  assert.deepEqual(reader.seqs, upTo(64));
  reader.acknowledge();
  await eventually(
    () => reader.seqs.length,
    (count) => count === 101,
  );
  assert.deepEqual(reader.seqs, upTo(101));
});

test("whoever may not read is told by the code of the close", async (t) => {
  const { edge, scan } = await start(t);
  await scan(1);
  const end = async (companyId, token, options) => {
    const { code, reason } = await openSocket(edge, companyId, token, options).closing;
    return [code, reason];
  };
  const good = await session(77);
  assert.deepEqual(await end(77, `${good}x`), [4401, ""]);
  assert.deepEqual(await end(78, good), [4401, ""]);
  assert.deepEqual(await end(77, await session(77, { scopes: ["orders:read"] })), [4403, "events:read"]);
  assert.deepEqual(await end(77, good, { headers: { Origin: "https://evil.example" } }), [4403, "origin"]);
  assert.deepEqual(await end(78, await session(78)), [4404, ""]);
  assert.deepEqual(await end(77, good, { query: "?after=9" }), [4409, "1"]);
  for (const headers of [{ Origin: "https://portal.example" }, { Origin: edge.url }]) {
    await opened(openSocket(edge, 77, good, { headers }));
  }
  const plain = openSocket(edge, 77, good, { query: "?after=x" });
  assert.deepEqual([(await plain.closing).code, plain.socket.status], [1006, 400]);
  assert.equal((await fetch(`${edge.url}/practices/77/events/live`)).status, 426);
  assert.doesNotMatch(edge.output(), new RegExp(good.split(".")[2]));
});

test("a session that is over closes its socket with 4401, and what came since reaches the page that renews it", async (t) => {
  const { edge, scan } = await start(t, { testWorker: true });
  const bare = openSocket(edge, 77, await session(77, { ttlSeconds: 60 }));
  let ttlSeconds = 60;
  const page = follow(t, () => edge.url, 77, { session: () => session(77, { ttlSeconds }) });
  await eventually(
    () => page.states.at(-1)?.type,
    (type) => type === "live",
  );
  await opened(bare);
  await edge.advance(77, 119_000);
  assert.equal(bare.closed, undefined);
  ttlSeconds = 3_600;
  await edge.advance(77, 15_000);
  assert.deepEqual(await bare.closing, { code: 4401, reason: "" });
  await scan(1);
  await eventually(
    () => page.events.length,
    (count) => count === 1,
  );
  assert.deepEqual(bare.seqs, []);
});

test("a cursor older than what is kept closes with 4409 and the first event that is, and scanEvents says so", async (t) => {
  const DAY = 86_400_000;
  const more = { RETENTION_DAYS: "1", START_AT: String(Date.now() - 3 * DAY) };
  const { edge, scan } = await start(t, { testWorker: true, more });
  await scan(2);
  for (let day = 0; day < 3; day++) await edge.advance(77, DAY);
  assert.deepEqual(await edge.events(77), []);
  const bare = openSocket(edge, 77, await session(77), { query: "?after=1" });
  assert.deepEqual(await bare.closing, { code: 4409, reason: "3" });
  const page = follow(t, () => edge.url, 77, { after: 1 });
  await eventually(
    () => page.error?.kind,
    (kind) => kind === "gap",
  );
  assert.equal(page.error.oldestSeq, 3);
});

test("the 129th socket of a user closes with 1013, and another user's opens", async (t) => {
  const { edge } = await start(t);
  const token = await session(77);
  const readers = Array.from({ length: 128 }, () => openSocket(edge, 77, token));
  for (const reader of readers) await opened(reader);
  assert.deepEqual(await openSocket(edge, 77, token).closing, { code: 1013, reason: "" });
  await opened(openSocket(edge, 77, await session(77, { subject: "user-2" })));
  readers[0].socket.close();
  await readers[0].closing;
  await eventually(
    async () => {
      const next = openSocket(edge, 77, token);
      await Promise.race([opened(next), next.closing]);
      return next.closed?.code;
    },
    (code) => code === undefined,
  );
});

test("a reader that takes nothing is closed with 4408 once there is more for it, and the others are not held up", async (t) => {
  const { edge, scan } = await start(t, { testWorker: true });
  const token = await session(77, { ttlSeconds: 3_600 });
  const [stuck, quick] = [openSocket(edge, 77, token), openSocket(edge, 77, token)];
  await Promise.all([opened(stuck), opened(quick)]);
  stuck.socket.send("ping"); // alive, but it deals with nothing
  await scan(1);
  await eventually(
    () => quick.seqs.length,
    (count) => count === 1,
  );
  quick.acknowledge();
  await edge.advance(77, 121_000);
  await scan(1);
  assert.deepEqual(await stuck.closing, { code: 4408, reason: "" });
  assert.deepEqual([stuck.seqs, quick.seqs, quick.closed], [[1], [1, 2], undefined]);
});

test("storage that fails costs a reader its socket, and no event", async (t) => {
  const { edge, scan } = await start(t, { testWorker: true });
  const page = follow(t, () => edge.url, 77);
  await scan(1);
  await eventually(
    () => page.events.length,
    (count) => count === 1,
  );
  await edge.control(77, "fail");
  const bare = openSocket(edge, 77, await session(77));
  assert.equal((await bare.closing).code, 1006);
  assert.equal(bare.socket.status, 503);
  await edge.control(77, "heal");
  const troubles = { acknowledgement: (reader) => reader.acknowledge(), alarm: () => edge.advance(77, 1) };
  for (const [name, cause] of Object.entries(troubles)) {
    const reader = openSocket(edge, 77, await session(77));
    await eventually(
      () => reader.seqs.length,
      (count) => count === 1,
    );
    reader.socket.send("ping");
    await edge.control(77, "fail");
    await cause(reader);
    assert.equal((await reader.closing).code, 1011, name);
    await edge.control(77, "heal");
  }
  await scan(2);
  await eventually(
    () => page.events.length,
    (count) => count === 3,
  );
  assertWhole(page, 1, 3);
  assert.match(edge.output(), /"event":"live.failed"/);
});

test("a practice that is deleted closes its sockets with 4404", async (t) => {
  const { edge } = await start(t);
  const reader = openSocket(edge, 77, await session(77));
  await opened(reader);
  await edge.admin("DELETE", "77");
  assert.deepEqual(await reader.closing, { code: 4404, reason: "" });
});

test("a page without WebSockets gets the same events from the feed", async (t) => {
  const { edge, scan } = await start(t);
  await scan(2);
  const page = follow(t, () => edge.url, 77, { webSocket: false });
  await eventually(
    () => page.events.length,
    (count) => count === 2,
  );
  await scan(1);
  await eventually(
    () => page.events.length,
    (count) => count === 3,
  );
  assertWhole(page, 1, 3);
  assert.deepEqual(
    page.states.map(({ type }) => type),
    ["polling"],
  );
});

test("readers go on when workerd is stopped and started again", async (t) => {
  const storage = temporaryFolder(t);
  const first = await start(t, { storage });
  await first.scan(2);
  let { url } = first.edge;
  const readers = [follow(t, () => url, 77), follow(t, () => url, 77, { after: 1 })];
  await eventually(
    () => readers.map(({ events }) => events.length).join(),
    (counts) => counts === "2,1",
  );
  await first.edge.kill();
  await eventually(() => readers.every(({ states }) => states.at(-1).type === "offline"), Boolean);
  const second = await startEdge(t, { env, storage });
  url = second.url;
  first.service.setOrder(77, guid(9), "Completed", { ScanningDate: "2020-01-01T00:00:00Z" });
  await second.notify(guid(9), 77);
  await eventually(
    () => readers.map(({ events }) => events.length).join(),
    (counts) => counts === "3,2",
  );
  assertWhole(readers[0], 1, 3);
  assertWhole(readers[1], 2, 3);
});
