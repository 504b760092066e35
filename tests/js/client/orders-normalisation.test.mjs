// The forms in which the API may send orders, and the one form in which the client returns them.
import assert from "node:assert/strict";
import { json } from "../support/faulty-server.mjs";
import * as shapes from "../support/shapes.mjs";
import { rejection, test } from "../support/test.mjs";
import { RX_ID, envelope, guid, scripted, wireOrder, wirePage, without } from "../support/wire.mjs";

/** Returns what getOrder makes of a wire order, or of raw JSON. */
async function decoded(t, wire) {
  const body = typeof wire === "string" ? wire : envelope(wire);
  const { client } = await scripted(t, () => json(200, body));
  const order = await client.getOrder(RX_ID);
  shapes.order(order, "order");
  return order;
}

test("a complete order keeps every value under its camelCase name", async (t) => {
  assert.deepEqual(await decoded(t, wireOrder()), {
    rxId: RX_ID,
    orderId: 700100,
    orderCode: "A-700100",
    procedureName: "Fixed Restorative",
    procedureTypeName: null,
    caseType: "Restorative",
    status: "Completed",
    scanningDate: "2025-03-04T05:06:07Z",
    scanningTime: 321,
    dueDate: "2025-03-14T00:00:00Z",
    doctorId: 501,
    doctorName: "Dora Dentist",
    doctorLicenseNumber: "LIC-1",
    scanningOperatorId: 777,
    scanningOperatorName: "Olga Operator",
    patientFirstName: "Pat",
    patientLastName: "Example",
    patientChartNumber: "C-17",
    patientId: 123456,
    companyId: 9001,
    companyName: "Example Dental",
    labId: 31,
    labName: "Example Lab",
    preps: [{ adaId: 4, unitTypeId: 2, unitTypeName: "Crown", bridgeId: null }],
    notes: "a note",
    links: {
      viewer: "https://viewer.invalid/urls",
      scan: "https://files.invalid/urls/IDE",
      thumbnails: "https://files.invalid/urls/IMAGE_GALLERY",
      screenCaptures: "https://files.invalid/urls/SCREEN_CAPTURE",
    },
    scannerModelDescription: "Element",
    scannerModelId: 5,
  });
});

test("an order in the list is read exactly as a single one", async (t) => {
  const { client } = await scripted(t, [json(200, wirePage([wireOrder()])), json(200, envelope(wireOrder()))]);
  const { orders } = await client.listOrders();
  assert.deepEqual(orders, [await client.getOrder(RX_ID)]);
});

test("everything but rxId and orderId may be missing (R57)", async (t) => {
  const order = await decoded(t, { RxId: RX_ID, OrderId: 1 });
  const { rxId, orderId, preps, links, ...rest } = order;
  assert.equal(rxId, RX_ID);
  assert.equal(orderId, 1);
  assert.deepEqual(preps, []);
  assert.deepEqual(links, { viewer: null, scan: null, thumbnails: null, screenCaptures: null });
  for (const [name, value] of Object.entries(rest)) assert.equal(value, null, name);
});

test("everything but rxId and orderId may be null (R57)", async (t) => {
  const nulls = Object.fromEntries(Object.keys(wireOrder()).map((name) => [name, null]));
  const fromNull = await decoded(t, { ...nulls, RxId: RX_ID, OrderId: 1 });
  assert.deepEqual(fromNull, await decoded(t, { RxId: RX_ID, OrderId: 1 }));
});

test("undocumented extra fields are ignored", async (t) => {
  const extra = { Gender: 109, Brand: { New: [1, 2, { a: null }] }, status: "x", "": 0 };
  assert.deepEqual(await decoded(t, wireOrder(extra)), await decoded(t, wireOrder()));
});

test("quoted ids become numbers (R58)", async (t) => {
  const order = await decoded(
    t,
    wireOrder({
      OrderId: "700100",
      DoctorId: "501",
      ScanningOperatorId: "777",
      PatientId: "123456",
      CompanyId: "9001",
      LabId: "31",
    }),
  );
  assert.deepEqual(order, await decoded(t, wireOrder()));
});

test("the largest exact integer is kept as it is", async (t) => {
  const order = await decoded(t, wireOrder({ OrderId: Number.MAX_SAFE_INTEGER }));
  assert.equal(order.orderId, Number.MAX_SAFE_INTEGER);
});

for (const [what, orderId] of [
  ["beyond 2^53", "9007199254740993"],
  ["quoted and beyond 2^53", '"9007199254740993"'],
  ["quoted letters", '"12a"'],
  ["with a fraction", "12.5"],
  ["null", "null"],
  ["an object", "{}"],
]) {
  test(`an order id ${what} is a decode error, never rounded or guessed`, async (t) => {
    const body = JSON.stringify(envelope(wireOrder({ OrderId: 123454321 }))).replace("123454321", orderId);
    const { client } = await scripted(t, () => json(200, body));
    const error = await rejection(client.getOrder(RX_ID));
    assert.equal(error.kind, "decode");
    assert.match(error.message, /order_?id/i);
  });
}

test("an order without its RxId is a decode error, naming the field", async (t) => {
  const { client } = await scripted(t, () => json(200, envelope(without(wireOrder(), "RxId"))));
  const error = await rejection(client.getOrder(RX_ID));
  assert.equal(error.kind, "decode");
  assert.match(error.message, /rx_?id/i);
});

test("GUIDs become lower case (R68)", async (t) => {
  assert.equal((await decoded(t, wireOrder({ RxId: RX_ID.toUpperCase() }))).rxId, RX_ID);
});

for (const [what, wire, instant] of [
  ["in UTC", "2025-03-04T05:06:07Z", "2025-03-04T05:06:07Z"],
  ["with milliseconds", "2025-03-04T05:06:07.089Z", "2025-03-04T05:06:07.089Z"],
  ["with a fraction of seven digits", "2025-03-04T05:06:07.0890000Z", "2025-03-04T05:06:07.089Z"],
  ["without a zone, which is UTC", "2025-03-04T05:06:07", "2025-03-04T05:06:07Z"],
  ["without a zone but with a fraction", "2025-03-04T05:06:07.5", "2025-03-04T05:06:07.5Z"],
  ["with an offset", "2025-03-04T07:06:07+02:00", "2025-03-04T05:06:07Z"],
  ["that crosses midnight by its offset", "2025-01-01T00:30:00+02:00", "2024-12-31T22:30:00Z"],
  ["that is only a date", "2025-03-04", "2025-03-04T00:00:00Z"],
]) {
  test(`a time ${what} is read as UTC (R51)`, async (t) => {
    const order = await decoded(t, wireOrder({ ScanningDate: wire, DueDate: wire }));
    assert.equal(Date.parse(order.scanningDate), Date.parse(instant));
    assert.equal(Date.parse(order.dueDate), Date.parse(instant));
  });
}

test("the year 1 means no date (R59)", async (t) => {
  const order = await decoded(t, wireOrder({ ScanningDate: "0001-01-01T00:00:00", DueDate: "0001-01-01T00:00:00Z" }));
  assert.equal(order.scanningDate, null);
  assert.equal(order.dueDate, null);
});

test("a time that is none is null, and an event names the field and not the value", async (t) => {
  const events = [];
  const { client } = await scripted(t, () => json(200, envelope(wireOrder({ ScanningDate: "SECRET-DAY" }))), {
    onEvent: (event) => events.push(event),
  });
  assert.equal((await client.getOrder(RX_ID)).scanningDate, null);
  const [{ path }] = events.filter(({ type }) => type === "unexpected-value");
  assert.equal(path, "Data.ScanningDate");
  assert.doesNotMatch(JSON.stringify(events), /SECRET-DAY/);
});

test("links come from the flat keys if Urls is missing or null (R61)", async (t) => {
  const flat = {
    viewer: "https://viewer.invalid/flat",
    scan: "https://files.invalid/flat/IDE",
    thumbnails: "https://files.invalid/flat/IMAGE_GALLERY",
    screenCaptures: "https://files.invalid/flat/SCREEN_CAPTURE",
  };
  assert.deepEqual((await decoded(t, without(wireOrder(), "Urls"))).links, flat);
  assert.deepEqual((await decoded(t, wireOrder({ Urls: null }))).links, flat);
});

test("each link falls back to its own flat key (R61)", async (t) => {
  const { links } = await decoded(
    t,
    wireOrder({ Urls: { IDEFileUrl: "https://files.invalid/urls/IDE", ThumbnailsUrl: null } }),
  );
  assert.deepEqual(links, {
    viewer: "https://viewer.invalid/flat",
    scan: "https://files.invalid/urls/IDE",
    thumbnails: "https://files.invalid/flat/IMAGE_GALLERY",
    screenCaptures: "https://files.invalid/flat/SCREEN_CAPTURE",
  });
});

test("Urls alone are enough", async (t) => {
  const wire = without(wireOrder(), "ViewerUrl", "ThumbnailsDownloadUrl", "IdeFileUrl", "ScreenCaptureFileUrl");
  assert.deepEqual((await decoded(t, wire)).links, (await decoded(t, wireOrder())).links);
});

test("null or absent preps are an empty list, and partial preps have every key (R56)", async (t) => {
  assert.deepEqual((await decoded(t, wireOrder({ Preps: null }))).preps, []);
  assert.deepEqual((await decoded(t, without(wireOrder(), "Preps"))).preps, []);
  assert.deepEqual((await decoded(t, wireOrder({ Preps: [{ AdaId: "4" }, {}] }))).preps, [
    { adaId: 4, unitTypeId: null, unitTypeName: null, bridgeId: null },
    { adaId: null, unitTypeId: null, unitTypeName: null, bridgeId: null },
  ]);
});

test("an undocumented status or case type passes through (R53, R55)", async (t) => {
  const order = await decoded(
    t,
    wireOrder({ Status: "Polishing 2.0", CaseType: "Aligner + Crown", ProcedureName: "Whitening" }),
  );
  assert.equal(order.status, "Polishing 2.0");
  assert.equal(order.caseType, "Aligner + Crown");
  assert.equal(order.procedureName, "Whitening");
});

test("strings keep every character: emoji, accents, quotes, escapes, control characters", async (t) => {
  const note = "Zoë “quoted” \\ / \u0000 \t \u2028 👩🏽‍⚕️ – end";
  assert.equal((await decoded(t, wireOrder({ Notes: note }))).notes, note);
});

test("a row that cannot be decoded is named by its index and field", async (t) => {
  const rows = [
    wireOrder({ RxId: guid(1) }),
    wireOrder({ RxId: guid(2) }),
    wireOrder({ RxId: guid(3), OrderId: "SECRET-ROW" }),
  ];
  const { client, server } = await scripted(t, () => json(200, wirePage(rows)));
  const error = await rejection(client.listOrders());
  assert.equal(error.kind, "decode");
  assert.match(error.message, /\b2\b/);
  assert.match(error.message, /order_?id/i);
  assert.doesNotMatch(error.message, /SECRET-ROW/);
  assert.equal(server.requests.length, 1, "a body that cannot be decoded is not asked for again");
});

test("a page without its offset and size gets those of the request", async (t) => {
  const { client } = await scripted(t, () => json(200, envelope({ HasMore: false, Results: [wireOrder()] })));
  const page = await client.listOrders({ offset: 20, pageSize: 10 });
  assert.deepEqual([page.offset, page.pageSize, page.hasMore, page.orders.length], [20, 10, false, 1]);
});
