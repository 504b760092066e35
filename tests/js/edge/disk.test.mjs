// What is left on disk of a practice that was deleted, and what of practices that nobody has registered.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { SECRET, startEdge } from "../support/edge.mjs";
import { startConsumer } from "../support/event-consumer.mjs";
import { startOrdersService } from "../support/orders-service.mjs";
import { test } from "../support/test.mjs";
import { RX_ID, guid } from "../support/wire.mjs";

/** The files below a storage folder that hold a text. */
const filesWith = (storage, text) =>
  readdirSync(storage, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => readFileSync(path, "latin1").includes(text));

test("nothing of a practice that is deleted is left on disk, and it can be registered again", async (t) => {
  const edge = await startEdge(t);
  const service = await startOrdersService(t);
  const consumer = await startConsumer(t);
  const deliverTo = { url: `${consumer.url}?key=QUERY-SECRET`, secret: consumer.secret };
  const secrets = ["ACCESS-TOKEN", "REFRESH-TOKEN", "CLIENT-SECRET", "QUERY-SECRET", consumer.secret, RX_ID];
  for (let n = 0; n < 300; n++) service.setOrder(77, guid(n));
  service.setOrder(77, RX_ID);
  await edge.register(77, service.registration(77, service.refreshing({ deliverTo })));
  await edge.eventsOf(77, 301);
  service.accessToken = "ANOTHER-TOKEN";
  await edge.notify(RX_ID, 77);
  await edge.stateWhen(77, ({ pending }) => pending === 0 && service.requestCounts.token > 0);
  for (const secret of secrets) assert.notDeepEqual(filesWith(edge.storage, secret), [], `${secret} was there`);

  assert.deepEqual(await (await edge.admin("DELETE", "77")).json(), { removed: true });
  for (const secret of secrets) assert.deepEqual(filesWith(edge.storage, secret), [], secret);
  assert.equal((await edge.state(77)).registered, false);
  assert.equal((await edge.notify(guid(1), 77)).status, 202);
  await edge.register(77, service.registration(77));
  await edge.eventsOf(77, 301);
  await edge.kill();
  const restarted = await startEdge(t, { storage: edge.storage });
  assert.equal((await restarted.events(77)).length, 301);
});

test("practices that nobody has registered are so many, and no more", async (t) => {
  const before = await startEdge(t, { testWorker: true });
  const service = await startOrdersService(t);
  await before.register(77, service.registration(77));
  assert.equal((await before.notify(RX_ID, 1_000)).status, 202);
  await before.control("unregistered", "admit?practices=998");
  await before.kill(); // it has not seen the rows of those come
  const edge = await startEdge(t, { storage: before.storage });
  assert.deepEqual([(await edge.notify(RX_ID, 1_001)).status, (await edge.notify(RX_ID, 1_002)).status], [202, 503]);
  assert.match(edge.output(), /practice\.refused/);
  assert.equal((await edge.notify(guid(1), 1_000)).status, 202, "one that was admitted");
  assert.equal((await edge.notify(guid(1), 77)).status, 202, "one that is registered");
  // Who has a practice's own URL cannot make up others.
  const { path } = await (await edge.admin("GET", "3000/callback")).json();
  const post = (companyId) =>
    fetch(edge.url + path, { method: "POST", body: JSON.stringify({ Id: RX_ID, CompanyId: companyId }) });
  assert.deepEqual([(await post(3_000)).status, (await post(3_001)).status], [202, 400]);
  assert.equal((await edge.admin("PUT", "4000", service.registration(4_000))).status, 201, "or is registered now");
});

test("when so many were admitted long ago, there is room for others again", async (t) => {
  const before = await startEdge(t, { testWorker: true });
  assert.equal((await before.notify(RX_ID, 1_000)).status, 202);
  await before.control("unregistered", "admit?practices=998");
  await before.kill();
  const edge = await startEdge(t, { storage: before.storage, testWorker: true });
  const notify = async (companyId) => (await edge.notify(RX_ID, companyId)).status;
  assert.deepEqual([await notify(1_001), await notify(1_002)], [202, 503]);
  await edge.advance("unregistered", 31 * 24 * 60 * 60 * 1_000);
  assert.deepEqual([await notify(1_002), await notify(1_003), await notify(1_004)], [202, 202, 202]);
});

test("a practice's own callback URL needs the admin key to be known, and holds nothing of the secret it comes from", async (t) => {
  const edge = await startEdge(t);
  assert.equal((await fetch(`${edge.url}/practices/77/callback`)).status, 401);
  const { path } = await (await edge.admin("GET", "77/callback")).json();
  assert.match(path, /^\/callback\/77\/[0-9a-f]{32}$/);
  assert.ok(!path.includes(SECRET));
  const other = path.replace("77", "78");
  const body = JSON.stringify({ Id: RX_ID, CompanyId: 78 });
  assert.equal((await fetch(edge.url + other, { method: "POST", body })).status, 404);
  for (const company of [0, -1]) assert.equal((await edge.notify(RX_ID, company)).status, 400);
});
