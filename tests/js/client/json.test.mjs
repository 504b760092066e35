// Compares the client's own JSON reader with JSON.parse: it refuses the same input and returns the same values.
import assert from "node:assert/strict";
import { createClient, isDpmsError } from "itero-dpms";
import { settled, test } from "../support/test.mjs";
import { RX_ID, envelope, guid, wireOrder, wirePage } from "../support/wire.mjs";

/** A client whose server responds with the bytes that are set before each call. */
async function reader() {
  let body;
  const client = await createClient({
    endpoints: { baseUrl: "https://dpms.invalid" },
    accessToken: "x",
    retry: false,
    fetch: async () => new Response(body, { headers: { "Content-Type": "application/json" } }),
  });
  const read = (text, call) => {
    body = text;
    return settled(call(client));
  };
  return {
    order: (text) => read(text, (client) => client.getOrder(RX_ID)),
    page: (text) => read(text, (client) => client.listOrders()),
  };
}

/** The JSON of an order in which one field has this JSON as its value. */
const orderWith = (field, json) => JSON.stringify(envelope(wireOrder({ [field]: "@@" }))).replace('"@@"', () => json);

const parses = (text) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** A seeded random number generator (mulberry32), so that every run reads the same input. */
function random(seed) {
  const next = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return { below: (n) => Math.floor(next() * n), pick: (list) => list[Math.floor(next() * list.length)] };
}

const VALUES = [
  "0", "-0", "7", "-7", "1.5", "-1.5e-3", "1E+2", "1e2", "123456789012345678901234567890", "0.1e-7", "true", "false", "null",
  '""', '"a"', "[]", "{}", "[ ]", "{ }", "[1,2,[3,{}]]", '{"a":{"b":[null]}}', '{"a":1,"a":2}', '{"":0}', " 1 ", "\t[\n1\r,\n2 ]",
  '"\\u0041\\n\\t\\r\\b\\f\\/\\\\\\""', '"\\ud83d\\ude00"', '"\u2028\u2029\u007f"', '"é漢😀"',
  "01", "-", "+1", "1.", ".5", "1e", "1e+", "--1", "0x1", "1_0", "NaN", "Infinity", "-Infinity", "True", "nul", "nulll", "tru", "undefined",
  "'a'", '"a', 'a"', '"\n"', '"\t"', '"\u0000"', '"\\x41"', '"\\u12"', '"\\u12g4"', '"\\"', '"\\', "[1,]", "[,1]", "[1 2]", "[", "]", "[1}",
  '{"a"}', '{"a":}', '{"a":1,}', "{,}", "{a:1}", "{1:1}", '{"a" 1}', '{"a":1 "b":2}', "{", "}", "1 2", "/*1*/1", "1//", "\u00a01", "\ufeff1", "",
]; // prettier-ignore

test("an extra field of any JSON is ignored, and invalid JSON is refused exactly as JSON.parse does", async () => {
  const read = await reader();
  const wrong = [];
  for (const value of VALUES) {
    const body = orderWith("Extra", value);
    const { value: order, reason } = await read.order(body);
    const right = parses(body) ? order?.rxId === RX_ID : ["decode", "truncated"].includes(reason?.kind);
    if (!right) wrong.push(`${value}: ${reason ?? "accepted"}`);
  }
  assert.deepEqual(wrong, []);
});

test("a string is read as JSON.parse reads it, however it is escaped", async () => {
  const read = await reader();
  const { below, pick } = random(1);
  const samples = [
    "",
    '"',
    "\\",
    "/",
    "\b\f\n\r\t",
    "\u0000\u001f",
    "\u007f\u0080",
    "é",
    "漢字",
    "😀👩🏽‍⚕️",
    "\u2028\u2029",
    "\ufeff",
    "x".repeat(70_000),
  ];
  for (let i = 0; i < 300; i += 1) {
    let text = "";
    for (let n = below(12); n > 0; n -= 1)
      text += pick([pick(samples.slice(0, -1)), String.fromCodePoint(below(0xd7ff)), "abc"]);
    samples.push(text);
  }
  const escaped = (text) =>
    `"${[...Array(text.length).keys()].map((i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, "0")}`).join("")}"`;
  const mixed = (text) => JSON.stringify(text).replaceAll("/", "\\/");
  for (const text of samples) {
    for (const json of [JSON.stringify(text), escaped(text), mixed(text)]) {
      const { value, reason } = await read.order(orderWith("Notes", json));
      assert.equal(value?.notes, text, `${json.slice(0, 80)}: ${reason}`);
    }
  }
});

test("numbers of up to fifteen digits are read as JSON.parse reads them", async () => {
  const read = await reader();
  const { below } = random(3);
  const digits = (n) => Array.from({ length: n }, () => below(10)).join("");
  const numbers =
    "0 1 321 321.5 3.215e2 3215E-1 0.1 1e-7 86400 123456.789012 9007199254740991 1e21 0.123456789012345".split(" ");
  for (let i = 0; i < 300; i += 1) numbers.push(`${1 + below(9)}${digits(below(5))}.${digits(1 + below(10))}`);
  const wrong = [];
  for (const json of numbers) {
    const { value, reason } = await read.order(orderWith("ScanningTime", json));
    if (value?.scanningTime !== Number(json)) wrong.push(`${json}: ${reason ?? value.scanningTime}`);
  }
  assert.deepEqual(wrong, []);
});

test("the last of two equal keys wins, as with JSON.parse, or the JSON is refused", async () => {
  const read = await reader();
  const { value, reason } = await read.order(orderWith("Notes", '"first","Notes":"second"'));
  if (reason) assert.equal(reason.kind, "decode");
  else assert.equal(value.notes, "second");
});

test(
  "a damaged page is refused or read, but never breaks the client or reveals its contents",
  { timeout: 120_000 },
  async () => {
    const read = await reader();
    const rows = [1, 2, 3].map((n) =>
      wireOrder({
        RxId: guid(n),
        OrderId: n,
        PatientLastName: "Zzyzx-Patient",
        Notes: 'quote " slash \\ 😀',
        PatientChartNumber: "CHART-SECRET",
      }),
    );
    const page = JSON.stringify(wirePage(rows));
    const { below, pick } = random(2);
    const characters = [...'{}[]",:\\0123456789.eE+-truefalsn u\n\u0000é😀'];
    let refused = 0;
    for (let i = 0; i < 4_000; i += 1) {
      let text = page;
      for (let n = 1 + below(3); n > 0; n -= 1) {
        const at = below(text.length);
        text = pick([
          () => text.slice(0, at) + text.slice(at + 1 + below(20)),
          () => text.slice(0, at) + pick(characters) + text.slice(at),
          () => text.slice(0, at) + pick(characters) + text.slice(at + 1),
          () => text.slice(0, at),
          () => text.slice(0, at) + text.slice(below(text.length)),
        ])();
      }
      const { value, reason } = await read.page(text);
      const shown = `text ${i}: ${text.slice(0, 2_000)}`;
      if (!parses(text)) assert.ok(reason, `accepted although it is not JSON: ${shown}`);
      if (!reason) {
        for (const order of value.orders) assert.equal(typeof order.orderId, "number", shown);
        continue;
      }
      refused += 1;
      assert.ok(isDpmsError(reason), `${reason}: ${shown}`);
      assert.ok(["decode", "truncated", "server"].includes(reason.kind), `${reason.kind}: ${shown}`);
      assert.doesNotMatch(`${reason.message}${reason.stack}`, /Zzyzx|CHART-SECRET/, shown);
    }
    assert.ok(refused > 1_000, `${refused} of 4000 texts were refused: the damage reaches what matters`);
    assert.equal((await read.page(page)).value.orders.length, 3, "the client still works");
  },
);

test("bytes that are not UTF-8 inside a string are a decode error, wherever they are", async () => {
  const read = await reader();
  const body = Buffer.from(orderWith("Notes", '"@"'));
  const at = body.indexOf(0x40);
  for (const bytes of [[0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80], [0x80]]) {
    const broken = Buffer.concat([body.subarray(0, at), Buffer.from(bytes), body.subarray(at + 1)]);
    assert.equal((await read.order(broken)).reason?.kind, "decode", `${bytes}`);
  }
});

test("an extra field nested fifty levels deep is ignored, and a hundred thousand levels do not break the client", async () => {
  const read = await reader();
  const nested = (depth, open, close) => orderWith("Extra", open.repeat(depth) + "1" + close.repeat(depth));
  for (const [open, close] of [
    ["[", "]"],
    ['{"a":', "}"],
  ]) {
    assert.equal((await read.order(nested(50, open, close))).value?.rxId, RX_ID);
    assert.equal((await read.order(nested(100_000, open, close))).reason?.kind, "decode");
    assert.ok((await read.order(orderWith("Extra", open.repeat(100_000)))).reason, "an unclosed text is refused");
    assert.equal((await read.order(nested(1, open, close))).value?.rxId, RX_ID);
  }
});

test("an error's path names fields of the document only, not keys of the body", async () => {
  const read = await reader();
  const { reason } = await read.order(orderWith("Extra", `{"Zzyzx-Patient":${"[".repeat(1_000)}${"]".repeat(1_000)}}`));
  assert.equal(reason?.kind, "decode");
  assert.doesNotMatch(reason.message, /Zzyzx/);
  assert.ok(reason.message.length < 500, `a message of ${reason.message.length} characters`);
});
