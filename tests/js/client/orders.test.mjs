// Listing orders: paging through the sandbox's practice, and the iterator's behaviour with scripted pages.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { createClient } from "itero-dpms";
import { json } from "../support/faulty-server.mjs";
import { startSandbox } from "../support/sandbox-cli.mjs";
import * as shapes from "../support/shapes.mjs";
import { collect, rejection, test } from "../support/test.mjs";
import { guid, scripted, wireOrder, wirePage } from "../support/wire.mjs";

/** @type {Awaited<ReturnType<typeof startSandbox>>} */
let sandbox;
/** @type {import("itero-dpms").DpmsClient} */
let client;

before(async () => {
  sandbox = await startSandbox();
  client = await createClient({ endpoints: { baseUrl: sandbox.baseUrl }, accessToken: sandbox.accessToken });
});
after(() => sandbox?.stop());

/** Returns every order, by requesting page after page. */
async function pages(query, pageSize) {
  const orders = [];
  for (let offset = 0; ; offset = orders.length) {
    const page = await client.listOrders({ ...query, offset, pageSize });
    assert.equal(page.offset, offset);
    assert.equal(page.pageSize, pageSize);
    orders.push(...page.orders);
    if (!page.hasMore) return orders;
    assert.equal(page.orders.length, pageSize, "a page that is not the last is full");
  }
}

test("every page and every order of it has every key, and null for what is absent", async () => {
  const page = await client.listOrders({ pageSize: 1024 });
  shapes.ordersPage(page, "page");
  assert.ok(page.orders.length >= 300, `${page.orders.length} orders`);
  assert.equal(page.hasMore, false);
});

test("paging lists every order exactly once, oldest first (§4.4.2)", async () => {
  const orders = await pages({}, 37);
  assert.ok(orders.length >= 300, `${orders.length} orders`);
  assert.equal(new Set(orders.map((order) => order.rxId)).size, orders.length);
  assert.equal(new Set(orders.map((order) => order.orderId)).size, orders.length);
  const times = orders.map((order) => Date.parse(order.scanningDate));
  assert.deepEqual(
    times,
    [...times].sort((a, b) => a - b),
  );
});

test("the sandbox's orders belong to at least 60 patients", async () => {
  const orders = await collect(client.orders());
  const patients = new Set(orders.map((o) => [o.patientFirstName, o.patientLastName, o.patientChartNumber].join("|")));
  assert.ok(patients.size >= 60, `${patients.size} patients`);
});

test("orders() lists the same orders as the pages, with any page size", async () => {
  const byHand = await pages({}, 100);
  assert.deepEqual(await collect(client.orders()), byHand);
  assert.deepEqual(await collect(client.orders({ pageSize: 41 })), byHand);
});

test("without a query the first 100 orders are listed, and hasMore is true", async () => {
  const page = await client.listOrders();
  assert.equal(page.offset, 0);
  assert.equal(page.pageSize, 100);
  assert.equal(page.orders.length, 100);
  assert.equal(page.hasMore, true);
});

test("an offset past the end is an empty last page", async () => {
  const page = await client.listOrders({ offset: 100_000 });
  assert.deepEqual(page.orders, []);
  assert.equal(page.hasMore, false);
});

test("chartNumber lists only that patient's orders", async () => {
  const all = await collect(client.orders());
  const chart = all.find((order) => order.patientChartNumber)?.patientChartNumber;
  const expected = all.filter((order) => order.patientChartNumber === chart);
  assert.ok(expected.length > 0 && expected.length < all.length);
  assert.deepEqual(await collect(client.orders({ chartNumber: chart, pageSize: 2 })), expected);
});

test("dateFrom and dateTo bound the scanning date, both ends included (R48)", async () => {
  const all = await collect(client.orders());
  const day = (order) => order.scanningDate.slice(0, 10);
  const dateFrom = day(all[Math.floor(all.length / 3)]);
  const dateTo = day(all[Math.floor((2 * all.length) / 3)]);
  const expected = all.filter((order) => day(order) >= dateFrom && day(order) <= dateTo);
  assert.ok(expected.length > 1 && expected.length < all.length);
  assert.deepEqual(await collect(client.orders({ dateFrom, dateTo })), expected);
  assert.deepEqual((await client.listOrders({ dateFrom, dateTo, pageSize: 1024 })).orders, expected);
});

test("an order in the list equals getOrder's, with its id in any case", async () => {
  const [order] = (await client.listOrders({ offset: 123, pageSize: 1 })).orders;
  assert.deepEqual(await client.getOrder(order.rxId), order);
  assert.deepEqual(await client.getOrder(order.rxId.toUpperCase()), order);
});

// ---- the iterator, against scripted pages ------------------------------------------------------------------------

const orderNumber = (n) => wireOrder({ RxId: guid(n), OrderId: n });
const ids = (orders) => orders.map((order) => order.orderId);

/** A practice with `total` orders; `rows` makes pages shorter than requested. */
const practiceOf =
  (total, rows = Infinity) =>
  (request) => {
    const offset = Number(request.query.get("Offset"));
    const pageSize = Number(request.query.get("pageSize"));
    const end = Math.min(total, offset + Math.min(pageSize, rows));
    const orders = [];
    for (let n = offset; n < end; n += 1) orders.push(orderNumber(n));
    return json(200, wirePage(orders, { offset, pageSize, hasMore: end < total }));
  };

test("orders() advances by the rows received when a page is shorter than requested (R45)", async (t) => {
  const { client, server } = await scripted(t, practiceOf(10, 3));
  assert.deepEqual(ids(await collect(client.orders({ pageSize: 5 }))), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(
    server.requests.map((request) => request.query.get("Offset")),
    ["0", "3", "6", "9"],
  );
});

test("orders() requests the next page while the first is still being read", async (t) => {
  const { client, server } = await scripted(t, practiceOf(10));
  const iterator = client.orders({ pageSize: 5 });
  await iterator.next();
  await server.seen(2);
  assert.equal(server.requests[1].query.get("Offset"), "5");
  await iterator.return();
});

test("orders() reads at most one page ahead of its consumer", async (t) => {
  const { client, server } = await scripted(t, practiceOf(100));
  const iterator = client.orders({ pageSize: 5 });
  await iterator.next();
  await server.seen(2);
  await client.listOrders({ offset: 99, pageSize: 1 }); // a full round trip in which a third page could be asked for
  assert.deepEqual(
    server.requests.map((request) => request.query.get("Offset")),
    ["0", "5", "99"],
  );
  await iterator.return();
});

test("leaving a for-await loop early ends the paging", async (t) => {
  const { client, server } = await scripted(t, practiceOf(100));
  const iterator = client.orders({ pageSize: 5 });
  for await (const order of iterator) {
    assert.equal(order.orderId, 0);
    break;
  }
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  await client.listOrders({ offset: 99, pageSize: 1 });
  assert.ok(server.requests.length <= 3, `${server.requests.length} requests`);
});

test("orders() drops an order that moved to the next page while reading", async (t) => {
  const pages = [
    wirePage([orderNumber(1), orderNumber(2)], { hasMore: true }),
    wirePage([orderNumber(2), orderNumber(3)], { hasMore: false }),
  ];
  const { client } = await scripted(t, (_, index) => json(200, pages[index]));
  assert.deepEqual(ids(await collect(client.orders({ pageSize: 2 }))), [1, 2, 3]);
});

test("an empty page that claims to have more ends the paging (R46)", async (t) => {
  const { client, server } = await scripted(t, () => json(200, wirePage([], { hasMore: true })));
  await Promise.allSettled([collect(client.orders())]);
  assert.ok(server.requests.length >= 1 && server.requests.length <= 3, `${server.requests.length} requests`);
});

test("orders() ends when a server repeats a page forever", async (t) => {
  const { client, server } = await scripted(t, (_, index) =>
    index < 50 ? json(200, wirePage([orderNumber(1), orderNumber(2)], { hasMore: true })) : json(400, "{}"),
  );
  assert.equal((await rejection(collect(client.orders({ pageSize: 2 })))).kind, "server");
  assert.ok(server.requests.length < 10, `${server.requests.length} requests`);
});

test("an error on a later page is thrown after the earlier page's orders and ends the iteration", async (t) => {
  const { client } = await scripted(t, (_, index) =>
    index === 0 ? json(200, wirePage([orderNumber(1), orderNumber(2)], { hasMore: true })) : json(400, "{}"),
  );
  const iterator = client.orders({ pageSize: 2 });
  assert.equal((await iterator.next()).value.orderId, 1);
  assert.equal((await iterator.next()).value.orderId, 2);
  assert.equal((await rejection(iterator.next())).kind, "bad-request");
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
});

test("concurrent next() calls return different orders, in order", async (t) => {
  const { client } = await scripted(t, practiceOf(4));
  const iterator = client.orders({ pageSize: 2 });
  const results = await Promise.all([
    iterator.next(),
    iterator.next(),
    iterator.next(),
    iterator.next(),
    iterator.next(),
  ]);
  assert.deepEqual(
    results.map((result) => result.value?.orderId),
    [0, 1, 2, 3, undefined],
  );
});
