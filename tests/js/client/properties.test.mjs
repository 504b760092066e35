// Properties of all values: they arrive as sent, are returned as stored, and stay in their path segment.
import assert from "node:assert/strict";
import { before } from "node:test";
import { createClient } from "itero-dpms";
import { anyDay, anyName, anyText, anyUnits, fc, property } from "../support/properties.mjs";
import { inProcess, push } from "../support/practices.mjs";
import { collect, settled } from "../support/test.mjs";
import { TOKEN, endpointsOf, envelope, wireCapture, wireCaptures, wirePage, wirePatients } from "../support/wire.mjs";

// ---- what is sent ------------------------------------------------------------------------------------------------

/** A client that records its last URL. */
async function capturing() {
  const seen = { url: "" };
  const client = await createClient({
    endpoints: endpointsOf("https://dpms.invalid"),
    accessToken: TOKEN,
    retry: false,
    fetch: async (request) => {
      seen.url = request.url;
      if (seen.url.includes("/v3/")) return Response.json(wirePatients([]));
      return Response.json(seen.url.includes("/orders/") ? wirePage([]) : []);
    },
  });
  return { client, query: () => new URL(seen.url).searchParams, url: () => seen.url, seen };
}

/** Replaces lone surrogates, as every UTF-8 encoder does. */
const wellFormed = (text) => text.toWellFormed();

const NASTY = [
  "%",
  "*",
  "&",
  "+",
  "#",
  "/",
  "%2F",
  "%25",
  "a&b=c",
  "?",
  "\u0000",
  "\ud800",
  "x\udc00y",
  "😀",
  " ",
  "  a  ",
];

property(
  "any chart number of listOrders arrives unchanged",
  fc.oneof(anyText(), anyUnits()),
  async (chartNumber) => {
    const { client, query } = await capturing();
    await client.listOrders({ chartNumber });
    assert.equal(query().get("chartNumber") ?? "", wellFormed(chartNumber));
    assert.equal([...query().keys()].length, chartNumber === "" ? 2 : 3);
  },
  { runs: 300, examples: NASTY },
);

const criteria = (text) => fc.record({ firstName: text, lastName: text, chartNumber: text });

property(
  "any criteria of searchPatients arrive unchanged",
  criteria(fc.oneof(anyText(), anyUnits())),
  async (given) => {
    const { client, query } = await capturing();
    await client.searchPatients(given);
    for (const [name, value] of Object.entries(given)) assert.equal(query().get(name) ?? "", wellFormed(value), name);
    assert.ok([...query().keys()].length <= 3);
  },
  { runs: 200, examples: NASTY.map((text) => ({ firstName: text, lastName: text, chartNumber: text })) },
);

property(
  "any filter of listPatients arrives unchanged",
  criteria(fc.oneof(anyText(), anyUnits())),
  async (given) => {
    const { client, query } = await capturing();
    await client.listPatients(given);
    for (const [name, key] of [
      ["firstName", "FirstName"],
      ["lastName", "LastName"],
      ["chartNumber", "ChartNumber"],
    ]) {
      assert.equal(query().get(key) ?? "", wellFormed(given[name]), name);
    }
  },
  { runs: 200, examples: NASTY.map((text) => ({ firstName: text, lastName: text, chartNumber: text })) },
);

property(
  "any query of request() arrives unchanged, keys included",
  fc.dictionary(anyText({ max: 8 }), anyText()),
  async (given) => {
    const { client, query } = await capturing();
    await client.request("GET", "x", { query: given });
    assert.deepEqual([...query()].sort(), Object.entries(given).sort());
  },
  { runs: 200 },
);

property(
  "every capture id is refused or arrives unchanged in its path segment",
  fc.oneof(
    anyText(),
    anyUnits(),
    fc.array(fc.constantFrom("..", ".", "/", "%2e", "%2F", "\\", "?", "#", "a")).map((p) => p.join("")),
  ),
  async (captureId) => {
    const { client, seen } = await capturing();
    const { reason } = await settled(() => client.downloadScreenCapture(1, captureId));
    if (reason) {
      assert.equal(reason.kind, "invalid-argument", String(reason));
      assert.equal(seen.url, "");
      return;
    }
    const prefix = "https://dpms.invalid/api/third-party/v2/order/1/download/SCREEN_CAPTURE/";
    assert.ok(seen.url.startsWith(prefix), seen.url);
    const segment = seen.url.slice(prefix.length);
    assert.doesNotMatch(segment, /[/?#\\]/);
    assert.equal(decodeURIComponent(segment), wellFormed(captureId));
  },
  { runs: 500, examples: ["", ".", "..", "a/b", "%2e%2e", "?x", "#x"] },
);

property(
  "a capture's id from the list leads back to its file",
  anyName().filter((id) => !/^\s*\.{1,2}\s*$/u.test(id)), // those are refused
  async (id) => {
    const path = `https://dpms.invalid/api/third-party/v2/order/1/download/SCREEN_CAPTURE/${encodeURIComponent(id)}`;
    let requested;
    const client = await createClient({
      endpoints: endpointsOf("https://dpms.invalid"),
      accessToken: TOKEN,
      fetch: async (request) => {
        requested = request.url;
        if (!requested.includes("/latest-files")) return new Response("jpeg");
        return Response.json(wireCaptures({ 1: [wireCapture(`${path}?sig=a/b#c`, "2026-11-20T00:00:00Z")] }));
      },
    });
    const [{ captureId }] = (await client.listScreenCaptures()).orders[0].captures;
    assert.equal(captureId, id);
    await client.downloadScreenCapture(1, captureId);
    assert.equal(decodeURIComponent(requested), decodeURIComponent(path));
  },
  { runs: 200, examples: ["a/b", "%2F", "a b+c", "50%", "é漢😀", "..."] },
);

property(
  "no id argument reaches a path unless it is a GUID or digits",
  fc.oneof(anyText(), anyUnits()),
  async (text) => {
    const { client, seen } = await capturing();
    for (const call of [
      () => client.getOrder(text),
      () => client.deleteScanRequest(text),
      () => client.downloadScan(1, text),
    ]) {
      assert.equal((await settled(call)).reason?.kind, "invalid-argument");
    }
    if (!/^\d+$/.test(text)) {
      assert.equal((await settled(() => client.downloadScan(text, "IDE"))).reason?.kind, "invalid-argument");
    }
    assert.equal(seen.url, "");
  },
  { runs: 200, examples: NASTY },
);

property(
  "any JSON body of request() arrives as JSON.stringify writes it",
  fc.jsonValue(),
  async (body) => {
    let sent;
    const client = await createClient({
      endpoints: endpointsOf("https://dpms.invalid"),
      accessToken: TOKEN,
      fetch: async (request) => {
        sent = await request.text();
        return Response.json(envelope(null));
      },
    });
    await client.request("POST", "x", { body });
    if (body !== null) assert.deepEqual(JSON.parse(sent), JSON.parse(JSON.stringify(body)));
  },
  { runs: 200 },
);

property(
  "any JSON response of request() is returned as JSON.parse reads it",
  fc.jsonValue(),
  async (value) => {
    const text = JSON.stringify(value);
    const client = await createClient({
      endpoints: endpointsOf("https://dpms.invalid"),
      accessToken: TOKEN,
      fetch: async () => new Response(text),
    });
    assert.deepEqual(await client.request("GET", "x"), JSON.parse(text));
  },
  { runs: 200 },
);

// ---- what is stored ----------------------------------------------------------------------------------------------

/** @type {import("../support/practices.mjs").Practice} */
let practice;
/** @type {import("itero-dpms").DpmsClient} */
let client;
let number = 0;
before(async () => {
  practice = await inProcess();
  client = practice.client;
});

/** A unique chart number that contains the string. */
const unique = (text) => `${text}|${(number += 1)}`;
const nobody = "\u0001nobody";

property(
  "every value of an RX is returned with its order",
  fc.record({
    firstName: anyName(),
    lastName: anyName(),
    chart: anyText(),
    notes: anyText({ max: 200 }),
  }),
  async ({ firstName, lastName, chart, notes }) => {
    const chartNumber = unique(chart);
    const rxId = await push(client, {
      patientFirstName: firstName,
      patientLastName: lastName,
      patientChartNumber: chartNumber,
      notes,
    });
    const { orderId } = await practice.control.completeScan(rxId);
    const order = await client.getOrder(rxId);
    assert.deepEqual(
      [order.orderId, order.patientFirstName, order.patientLastName, order.patientChartNumber],
      [orderId, firstName, lastName, chartNumber],
    );
    assert.equal(order.notes ?? "", notes);
    assert.deepEqual((await client.listOrders({ chartNumber })).orders, [order]);
  },
  { runs: 150 },
);

property(
  "every value of a patient is returned by both searches",
  fc.record({
    firstName: anyName(),
    lastName: anyName(),
    chart: anyText(),
    gender: fc.constantFrom("male", "female", null),
    dateOfBirth: fc.option(anyDay()),
  }),
  async ({ firstName, lastName, chart, gender, dateOfBirth }) => {
    const chartNumber = unique(chart);
    await push(client, {
      patientFirstName: firstName,
      patientLastName: lastName,
      patientChartNumber: chartNumber,
      gender,
      dateOfBirth,
    });
    const found = await client.searchPatients({ firstName: nobody, lastName: nobody, chartNumber });
    assert.equal(found.length, 1);
    const { patientId, ...values } = found[0];
    assert.deepEqual(values, { firstName, lastName, chartNumber, gender, dateOfBirth });
    const byName = await client.searchPatients({ firstName, lastName, chartNumber: nobody });
    assert.ok(byName.some((match) => match.patientId === patientId));
    const everybody = await collect(client.patients({ chartNumber: chartNumber.replaceAll(/[*%]/gu, "*") }));
    const { creationDate, updatedDate, lastScanDate, ...listed } = everybody.find(
      (each) => each.patientId === patientId,
    );
    assert.deepEqual(listed, found[0]);
  },
  { runs: 150 },
);

property(
  "what updatePatient sets is what both searches find",
  fc.record({ firstName: anyName(), lastName: anyName(), chart: anyName() }),
  async ({ firstName, lastName, chart }) => {
    const chartNumber = unique("before");
    await push(client, { patientChartNumber: chartNumber });
    const [{ patientId }] = await client.searchPatients({ firstName: nobody, lastName: nobody, chartNumber });
    const update = { firstName, lastName, chartNumber: unique(chart) };
    const record = await client.updatePatient({ patientId, ...update });
    for (const [name, value] of Object.entries(update)) assert.equal(record[name], value, name);
    const found = await client.searchPatients({ ...update, firstName: nobody, lastName: nobody });
    assert.equal(found.length, 1);
    assert.equal(found[0].patientId, patientId);
    for (const [name, value] of Object.entries(update)) assert.equal(found[0][name], value, name);
  },
  { runs: 100 },
);

property(
  "what updatePatientByChartNumber sets is what the search finds",
  fc.record({
    chart: anyText(),
    firstName: anyName(),
    lastName: anyName(),
    gender: fc.constantFrom("male", "female"),
    dateOfBirth: anyDay(),
  }),
  async ({ chart, ...update }) => {
    const chartNumber = unique(chart);
    await push(client, { patientChartNumber: chartNumber, dateOfBirth: "1970-01-01" });
    await client.updatePatientByChartNumber({ chartNumber, ...update });
    const [{ patientId, ...values }] = await client.searchPatients({
      firstName: nobody,
      lastName: nobody,
      chartNumber,
    });
    assert.ok(patientId);
    assert.deepEqual(values, { chartNumber, ...update });
  },
  { runs: 100 },
);

// ---- what is found -----------------------------------------------------------------------------------------------

/** The pattern as a regular expression: `*` and `%` match any characters, and case is ignored (§5.2). */
const asRegExp = (pattern) =>
  new RegExp(
    `^${pattern
      .split(/[*%]/)
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}$`,
    "isu",
  );

property(
  "a wildcard search finds exactly the patients whose name matches the pattern",
  fc.array(fc.constantFrom("*", "%", "a", "e", "S", "n", "ar"), { minLength: 1, maxLength: 5 }).map((p) => p.join("")),
  async (lastName) => {
    const everybody = await collect(client.patients());
    const expected = everybody.filter((each) => asRegExp(lastName).test(each.lastName ?? ""));
    assert.deepEqual(
      (await collect(client.patients({ lastName, limit: 40 }))).map((each) => each.patientId),
      expected.map((each) => each.patientId),
    );
  },
  { runs: 40 },
);

property(
  "any offset and limit give that part of the whole list and the next offset",
  fc.record({ offset: fc.nat(130), limit: fc.integer({ min: 1, max: 100 }) }),
  async ({ offset, limit }) => {
    const everybody = await collect(client.patients());
    const page = await client.listPatients({ offset, limit });
    assert.deepEqual(page.patients, everybody.slice(offset, offset + limit));
    const end = offset + page.patients.length;
    assert.equal(page.nextOffset, page.patients.length > 0 && end < everybody.length ? end : null);
  },
  { runs: 30 },
);
