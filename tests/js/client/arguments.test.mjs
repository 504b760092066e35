// Bad arguments of calls and of createClient are refused before anything is sent, and the error names the field.
import assert from "node:assert/strict";
import { createClient, isDpmsError } from "itero-dpms";
import { CALLS } from "../support/calls.mjs";
import { json } from "../support/faulty-server.mjs";
import { rejection, test } from "../support/test.mjs";
import { RX_ID, TOKEN, envelope, scripted, wireOrder, wirePage } from "../support/wire.mjs";

/** Asserts that each call is refused with an error that names its bad argument, and that nothing is sent. */
async function assertRefused(t, field, calls) {
  const { client, server } = await scripted(t, () => json(200, wirePage([wireOrder()])));
  for (const call of calls) {
    const error = await rejection(() => call(client));
    assert.ok(isDpmsError(error), `${call}: ${error}`);
    assert.equal(error.kind, "invalid-argument", `${call}: ${error.message}`);
    assert.match(error.message, field, `${call}`);
    assert.equal(error.status, null);
    assert.equal(error.attempts, 0);
    assert.equal(error.retryable, false);
  }
  assert.equal(server.requests.length, 0);
}

for (const [what, field, values] of [
  ["a page size outside 1 to 1024", "pageSize", [0, -1, 1025, 1.5, NaN, Infinity, "10", {}]],
  ["a negative, fractional or unsafe offset", "offset", [-1, 0.5, NaN, Infinity, 2 ** 53, "0", {}]],
  ["a malformed dateFrom", "dateFrom", ["2023-02-30", "2023-02-29", "yesterday", "2023/01/01", 20230101, new Date(0)]],
  ["a malformed dateTo", "dateTo", ["2023-02-30", "2023-13-01", "01-02-2023"]],
  ["a chart number that is not a string", "chartNumber", [7, {}, true]],
]) {
  test(`listOrders refuses ${what}`, (t) =>
    assertRefused(
      t,
      new RegExp(field),
      values.map((value) => (client) => client.listOrders({ [field]: value })),
    ));
}

test("listOrders refuses an unknown key, naming it", (t) =>
  assertRefused(t, /page_size/, [(client) => client.listOrders({ page_size: 10 })]));

test("the message says what is allowed", async (t) => {
  await assertRefused(t, /1024/, [(client) => client.listOrders({ pageSize: 2000 })]);
  await assertRefused(t, /YYYY-MM-DD/, [(client) => client.listOrders({ dateFrom: "01/02/2023" })]);
  await assertRefused(t, /IDE.*IMAGE_GALLERY.*SCREEN_CAPTURE/s, [(client) => client.downloadScan(1, "STL")]);
});

test("orders refuses a bad filter, and an offset, which it manages itself", async (t) => {
  const first = (filter) => async (client) => client.orders(filter).next();
  await assertRefused(t, /pageSize/, [first({ pageSize: 0 }), first({ pageSize: 1025 })]);
  await assertRefused(t, /dateTo/, [first({ dateTo: "2023-02-30" })]);
  await assertRefused(t, /offset/, [first({ offset: 10 })]);
  await assertRefused(t, /bogus/, [first({ bogus: 1 })]);
});

test("getOrder refuses an id that is not a GUID", (t) =>
  assertRefused(
    t,
    /rxId/,
    [
      "",
      "17",
      `{${RX_ID}}`,
      RX_ID.slice(1),
      `${RX_ID}0`,
      RX_ID.replaceAll("-", ""),
      RX_ID.replace("5", "g"),
      `../${RX_ID}`,
      17,
      null,
      undefined,
      {},
    ].map((id) => (client) => client.getOrder(id)),
  ));

test("downloadScan refuses an order id that is not digits", (t) =>
  assertRefused(
    t,
    /orderId/,
    ["", "abc", "1.5", "1/2", "../1", "1e3", 1.5, NaN, 2 ** 53, null, undefined, {}].map(
      (id) => (client) => client.downloadScan(id, "IDE"),
    ),
  ));

test("downloadScan refuses an asset that is not one of the three names (R78)", (t) =>
  assertRefused(
    t,
    /asset/,
    ["ide", "iDE", "", "STL", "IDE/../x", null, undefined, 1].map((asset) => (client) => client.downloadScan(1, asset)),
  ));

for (const [field, values] of [
  ["signal", [{}, "stop", 1, true]],
  ["timeoutMs", [0, -1, NaN, "100", {}]],
  [
    "retry",
    [
      true,
      3,
      "no",
      { attempts: 0 },
      { attempts: 1.5 },
      { attempts: "3" },
      { baseDelayMs: -1 },
      { maxDelayMs: NaN },
      { create: "yes" },
    ],
  ],
]) {
  test(`a bad ${field} among a call's options is refused`, async (t) => {
    const inner = /signal|timeoutMs|retry|attempts|baseDelayMs|maxDelayMs|create/;
    for (const { run } of CALLS) {
      await assertRefused(
        t,
        inner,
        values.map((value) => async (client) => run(client, { [field]: value })),
      );
    }
  });
}

test("an unknown key among a call's options is refused, naming it", (t) =>
  assertRefused(
    t,
    /timeout\b/,
    CALLS.map(
      ({ run }) =>
        (client) =>
          run(client, { timeout: 5 }),
    ),
  ));

test("an unknown key of retry is refused, naming it", (t) =>
  assertRefused(t, /tries/, [(client) => client.getOrder(RX_ID, { retry: { tries: 5 } })]));

test("a bad waitMs or onProgress of a download is refused", async (t) => {
  for (const waitMs of [-1, NaN, "5"])
    await assertRefused(t, /waitMs/, [(client) => client.downloadScan(1, "IDE", { waitMs })]);
  await assertRefused(t, /onProgress/, [
    (client) => client.downloadScan(1, "IDE", { onProgress: "x" }),
    (client) => client.downloadScreenCapture(1, "cap-1", { onProgress: "x" }),
  ]);
});

test("null and undefined options mean the defaults", async (t) => {
  const { client } = await scripted(t, () => json(200, envelope(wireOrder())));
  assert.equal((await client.getOrder(RX_ID, undefined)).rxId, RX_ID);
  assert.equal(
    (await client.getOrder(RX_ID, { signal: undefined, timeoutMs: undefined, retry: undefined })).rxId,
    RX_ID,
  );
});

const OPTIONS = { endpoints: { baseUrl: "https://dpms.invalid" }, accessToken: TOKEN };

for (const [field, changes] of [
  ["endpoints", [{ endpoints: undefined }, { endpoints: null }, { endpoints: "https://dpms.invalid" }]],
  [
    "baseUrl",
    [
      { endpoints: { baseUrl: "" } },
      { endpoints: { baseUrl: "not a url" } },
      { endpoints: { baseUrl: 7 } },
      { endpoints: { baseUrl: "ftp://dpms.invalid" } },
      { endpoints: { baseUrl: "https://dpms.invalid/#" } },
      { endpoints: { baseUrl: "https://dpms.invalid/?" } },
      { endpoints: { baseUrl: "https://dpms.invalid/x#y" } },
      { endpoints: { baseUrl: "https://dpms.invalid?x=1" } },
      { endpoints: { baseUrl: "https://user:pass@dpms.invalid" } },
    ],
  ],
  [
    "v2.path",
    ["a#b", "a?b", "#", "?", "a/?", "..", "a/../..", "a b", "a\n/b", "../other"].map((path) => ({
      endpoints: { v2: { domain: "https://dpms.invalid/x", path } },
    })),
  ],
  ["domain", [{ endpoints: { v2: { path: "x" } } }, { endpoints: { v2: { domain: "", path: "x" } } }]],
  ["accessToken", [{ accessToken: undefined }, { accessToken: null }, { accessToken: "" }, { accessToken: 7 }]],
  ["refresh", [{ refresh: "x" }]],
  ["fetch", [{ fetch: "x" }]],
  ["onEvent", [{ onEvent: {} }]],
  ["timeoutMs", [{ timeoutMs: 0 }, { timeoutMs: "x" }]],
  [
    "trustedOrigins",
    [
      { trustedOrigins: "https://a.invalid" },
      { trustedOrigins: [7] },
      { trustedOrigins: ["not a url"] },
      { trustedOrigins: ["https://user:pass@a.invalid"] },
    ],
  ],
  [
    "v3",
    [
      { endpoints: { baseUrl: "https://dpms.invalid", v3: "x" } },
      { endpoints: { baseUrl: "https://dpms.invalid", v3: {} } },
      { endpoints: { baseUrl: "https://dpms.invalid", v3: { domain: "ftp://x", path: "y" } } },
    ],
  ],
  ["basUrl", [{ basUrl: "https://dpms.invalid" }]],
]) {
  test(`createClient refuses a bad ${field}, naming it`, async () => {
    for (const change of changes) {
      const error = await rejection(() => createClient({ ...OPTIONS, ...change }));
      assert.ok(isDpmsError(error), `${JSON.stringify(change)}: ${error}`);
      assert.equal(error.kind, "invalid-argument");
      assert.match(error.message, new RegExp(field), JSON.stringify(change));
    }
  });
}

test("createClient names a nested field by its whole path", async () => {
  for (const [endpoints, field] of [
    [{ v2: 7 }, "endpoints.v2"],
    [{ v2: { path: "x" } }, "endpoints.v2.domain"],
    [{ v2: { domain: "dpms.invalid", path: "x", port: 1 } }, "endpoints.v2.port"],
  ]) {
    const error = await rejection(() => createClient({ ...OPTIONS, endpoints }));
    assert.equal(error.fieldErrors[0].field, field);
  }
});

test("createClient refuses both kinds of endpoints together", async () => {
  const endpoints = { baseUrl: "https://dpms.invalid", v2: { domain: "dpms.invalid", path: "x" } };
  assert.equal((await rejection(() => createClient({ ...OPTIONS, endpoints }))).kind, "invalid-argument");
});

test("createClient without options is refused", async () => {
  assert.equal((await rejection(() => createClient())).kind, "invalid-argument");
});
