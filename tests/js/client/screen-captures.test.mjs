// listScreenCaptures (§4.8) and downloadScreenCapture (§4.9): the list in the client's order, and single captures.
import assert from "node:assert/strict";
import { cutShort, json, raw, text } from "../support/faulty-server.mjs";
import * as shapes from "../support/shapes.mjs";
import { rejection, test } from "../support/test.mjs";
import { TOKEN, envelope, scripted, wireCapture, wireCaptures, without } from "../support/wire.mjs";

const at = (day, time = "10:00:00.000") => `2026-11-${day}T${time}Z`;
const file = (id) => `https://files.invalid/order/1/download/SCREEN_CAPTURE/${id}`;
const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 0xff, 0xd9]);
const jpeg = raw(200, JPEG, { "Content-Type": "image/jpeg" });

/** Returns the list that the client reads from a body. */
async function listed(t, body, query) {
  const { client } = await scripted(t, () => json(200, body));
  const captures = await client.listScreenCaptures(query);
  shapes.screenCaptures(captures, "captures");
  return captures;
}

/** Returns the capture that the client reads from a wire capture with these changes. */
async function capture(t, changes) {
  const { orders } = await listed(t, wireCaptures({ 1: [{ ...wireCapture(file("a"), at(20)), ...changes }] }));
  return orders[0].captures[0];
}

test("dateFrom is sent as a query key (§4.8.2, R91), and left out if there is none", async (t) => {
  const { client, server } = await scripted(t, () => json(200, wireCaptures({})));
  await client.listScreenCaptures({ dateFrom: "2026-11-01" });
  for (const query of [undefined, null, {}, { dateFrom: null }]) await client.listScreenCaptures(query);
  assert.deepEqual(
    server.requests.map((request) => [...request.query]),
    [[["dateFrom", "2026-11-01"]], [], [], [], []],
  );
  assert.equal(server.requests[0].path, "/api/third-party/v2/latest-files");
});

test("every value of the list is kept, the order's id as a number (R67, R94, R97)", async (t) => {
  const body = wireCaptures({ 700100: [wireCapture(file("cap-1"), "2026-11-20T01:02:03.004Z")] });
  assert.deepEqual(await listed(t, body), {
    companyId: 9001,
    since: "2026-11-08T00:00:00Z",
    orders: [
      {
        orderId: 700100,
        captures: [{ captureId: "cap-1", fileUrl: file("cap-1"), createdDate: "2026-11-20T01:02:03.004Z" }],
      },
    ],
  });
});

for (const [what, url, captureId] of [
  ["the last segment of its path", file("cap-1"), "cap-1"],
  ["decoded", file("a%2Fb%20c%C3%BC%25"), "a/b cü%"],
  ["without the query and the fragment", `${file("cap-1")}?sig=a%2Fb/c#d/e`, "cap-1"],
  ["a number as a string", file("0042"), "0042"],
]) {
  test(`a capture's id is ${what} of its FileUrl, which is unchanged (R96)`, async (t) => {
    const got = await capture(t, { FileUrl: url });
    assert.equal(got.captureId, captureId);
    assert.equal(got.fileUrl, url);
  });
}

test("a FileUrl with a broken escape does not fail the list", async (t) => {
  const got = await capture(t, { FileUrl: file("50%") });
  assert.equal(got.fileUrl, file("50%"));
  assert.ok(got.captureId === null || got.captureId.includes("50"), String(got.captureId));
});

test("a FileUrl that is missing or null gives neither link nor id", async (t) => {
  for (const FileUrl of [null, undefined]) {
    assert.deepEqual(await capture(t, { FileUrl }), { captureId: null, fileUrl: null, createdDate: at(20) });
  }
});

test("orders are sorted by id and captures by time, whatever the response's order (R98)", async (t) => {
  const body = wireCaptures({});
  body.Data.OrderFileUrls = [
    { OrderId: "9", Urls: { SCREEN_CAPTURE: [wireCapture(file("a"), at(20))] } },
    {
      OrderId: "10",
      Urls: {
        SCREEN_CAPTURE: [
          wireCapture(file("late"), at(21)),
          wireCapture(file("early"), at(19)),
          wireCapture(file("noon"), "2026-11-20T12:00:00Z"),
          wireCapture(file("noon-and-a-bit"), "2026-11-20T12:00:00.5Z"),
        ],
      },
    },
    { OrderId: "2", Urls: { SCREEN_CAPTURE: [wireCapture(file("b"), at(20))] } },
  ];
  const { orders } = await listed(t, body);
  assert.deepEqual(
    orders.map((order) => order.orderId),
    [2, 9, 10],
  );
  assert.deepEqual(
    orders[2].captures.map((each) => each.captureId),
    ["early", "noon", "noon-and-a-bit", "late"],
  );
});

test("only captures made on or after dateFrom are returned, although the API filters by the scan (R92)", async (t) => {
  const body = wireCaptures({
    1: [
      wireCapture(file("before"), "2026-11-19T23:59:59.999Z"),
      wireCapture(file("midnight"), "2026-11-20T00:00:00.000Z"),
      wireCapture(file("after"), at(21)),
    ],
    2: [wireCapture(file("old"), at(10))],
  });
  const ids = ({ orders }) => orders.flatMap(({ captures }) => captures.map((each) => each.captureId));
  assert.deepEqual(ids(await listed(t, body, { dateFrom: "2026-11-20" })), ["midnight", "after"]);
  assert.deepEqual(ids(await listed(t, body)), ["before", "midnight", "after", "old"]);
});

test("since shows when less was returned than requested (R93), in either form (R97)", async (t) => {
  for (const [Since, since] of [
    ["2026-08-24T00:00:00Z", "2026-08-24T00:00:00Z"],
    ["2026-08-24T10:11:12.345Z", "2026-08-24T10:11:12.345Z"],
    [null, null],
    [undefined, null],
  ]) {
    assert.equal((await listed(t, wireCaptures({}, { Since }), { dateFrom: "2020-01-01" })).since, since);
  }
});

test("an order whose Urls are missing, null or have other labels has no captures (R95)", async (t) => {
  for (const Urls of [
    undefined,
    null,
    {},
    { SCREEN_CAPTURE: null },
    { SCREEN_CAPTURE: [] },
    { OTHER_LABEL: [{ x: 1 }] },
  ]) {
    const body = wireCaptures({});
    body.Data.OrderFileUrls = [{ OrderId: "1", Urls }];
    const { orders } = await listed(t, body);
    assert.deepEqual(
      orders.flatMap((order) => order.captures),
      [],
      JSON.stringify(Urls),
    );
  }
});

test("a company id may be a string or missing, and the list may be empty", async (t) => {
  assert.equal((await listed(t, wireCaptures({}, { CompanyId: "9001" }))).companyId, 9001);
  assert.equal((await listed(t, wireCaptures({}, { CompanyId: undefined }))).companyId, null);
  assert.deepEqual((await listed(t, wireCaptures({}))).orders, []);
});

test("a malformed order id is a decode error, named by its index, and never rounded or shown", async (t) => {
  for (const OrderId of ["12a", 1.5, null, undefined, {}, "9007199254740993"]) {
    const body = wireCaptures({ 1: [] });
    body.Data.OrderFileUrls.push({ OrderId, Urls: {} });
    const { client } = await scripted(t, () => json(200, body));
    const error = await rejection(client.listScreenCaptures());
    assert.equal(error.kind, "decode", String(OrderId));
    assert.match(error.message, /OrderFileUrls\[1\]\.OrderId/);
    assert.doesNotMatch(error.message, /12a|9007/);
  }
});

test("a missing list is a decode error: it never ends silently", async (t) => {
  const { client } = await scripted(t, () => json(200, envelope(without(wireCaptures({}).Data, "OrderFileUrls"))));
  const error = await rejection(client.listScreenCaptures());
  assert.equal(error.kind, "decode");
  assert.match(error.message, /OrderFileUrls/);
});

test("a bad dateFrom or an unknown key is refused before anything is sent", async (t) => {
  const { client, server } = await scripted(t, () => json(200, wireCaptures({})));
  for (const dateFrom of ["", "2023-02-30", "2026-11-20T00:00:00Z", "yesterday", 20261120, new Date(0), {}]) {
    const error = await rejection(() => client.listScreenCaptures({ dateFrom }));
    assert.equal(error.kind, "invalid-argument", String(dateFrom));
    assert.match(error.message, /dateFrom/);
  }
  assert.match((await rejection(() => client.listScreenCaptures({ dateTo: "2026-01-01" }))).message, /dateTo/);
  assert.equal(server.requests.length, 0);
});

// ---- one capture -------------------------------------------------------------------------------------------------

test("one capture downloads as a platform Response with its exact bytes (§4.9.3)", async (t) => {
  const { client, server } = await scripted(t, () => jpeg);
  const progress = [];
  const response = await client.downloadScreenCapture("700100", "cap-1", {
    onProgress: (step) => progress.push(step.state),
  });
  assert.ok(response instanceof Response);
  assert.equal(response.headers.get("content-type"), "image/jpeg");
  assert.deepEqual(Buffer.from(await response.arrayBuffer()), JPEG);
  assert.equal(progress.at(-1), "done");
  assert.equal(server.requests[0].url, "/api/third-party/v2/order/700100/download/SCREEN_CAPTURE/cap-1");
});

test("a capture's own link downloads too, unchanged and with the token (§4.9.2)", async (t) => {
  const { client, server } = await scripted(t, (request) =>
    request.path.endsWith("/latest-files")
      ? json(200, wireCaptures({ 1: [wireCapture(`${server.baseUrl}/moved/x%2Fy?v=2`, at(20))] }))
      : jpeg,
  );
  const { orders } = await client.listScreenCaptures();
  const response = await client.downloadLink(orders[0].captures[0].fileUrl);
  assert.deepEqual(Buffer.from(await response.arrayBuffer()), JPEG);
  assert.equal(server.requests[1].url, "/moved/x%2Fy?v=2");
  assert.equal(server.requests[1].headers.authorization, `Bearer ${TOKEN}`);
});

test("a capture's link to another origin is untrusted-link, and nothing is sent", async (t) => {
  const { client, server } = await scripted(t, () => jpeg);
  const error = await rejection(client.downloadLink("https://files.invalid/cap-1"));
  assert.equal(error.kind, "untrusted-link");
  assert.equal(server.requests.length, 0);
});

test("the 404 of a capture is final: a picture is not generated", async (t) => {
  const { client, server } = await scripted(t, () => text(404, ""));
  assert.equal((await rejection(client.downloadScreenCapture(1, "cap-1"))).kind, "not-found");
  assert.equal(server.requests.length, 1);
});

test("a picture that is cut short errors its stream as truncated", async (t) => {
  const { client } = await scripted(t, () => cutShort(JPEG, { contentType: "image/jpeg" }));
  const response = await client.downloadScreenCapture(1, "cap-1");
  assert.equal((await rejection(response.arrayBuffer())).kind, "truncated");
});

test("downloadScreenCapture refuses an order id that is not digits", async (t) => {
  const { client, server } = await scripted(t, () => jpeg);
  for (const orderId of ["", "abc", "1/2", "../1", 1.5, 2 ** 53, null, undefined, {}]) {
    const error = await rejection(() => client.downloadScreenCapture(orderId, "cap-1"));
    assert.equal(error.kind, "invalid-argument", String(orderId));
    assert.match(error.message, /orderId/);
  }
  assert.equal(server.requests.length, 0);
});
