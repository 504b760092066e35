// What `createSandbox` and the methods of `control` are given, right and wrong.
import assert from "node:assert/strict";
import { createSandbox } from "itero-dpms/sandbox";
import { openSandbox } from "../support/sandbox-practice.mjs";
import { rejection, test } from "../support/test.mjs";

const NOW = Date.UTC(2026, 0, 15, 12);
const ANY = "/practice-configuration";

/** Wrong values of each option, and of each field of a fault. */
const OPTIONS = {
  seed: ["1", -1, 1.5, NaN, Infinity, 2 ** 53, 1n, null],
  baseUrl: [
    "",
    "nowhere",
    "ftp://x.invalid",
    "https://x.invalid/?a",
    "https://x.invalid/#a",
    "https://a:b@x.invalid",
    7,
  ],
  accessToken: ["", "two words", "ümlaut", 7, null, {}],
  now: [0, "now", {}, null],
  generationMs: [-1, NaN, Infinity, "1", null],
  anyOrigin: [0, "yes", null],
  callbackOrigins: [
    "https://x.invalid",
    [""],
    ["*"],
    ["x.invalid"],
    ["https://x.invalid/path"],
    ["https://a:b@x.invalid"],
    [7],
    null,
  ],
  patientUpdates: [0, "yes", null],
  snapshot: [7, {}, null],
};
const FAULT = {
  endpoint: [7, {}],
  method: [7, true],
  times: ["1", -1, 1.5, NaN, -Infinity, 2 ** 32],
  status: ["503", 503.5, -1, NaN, 70_000],
  retryAfterSeconds: ["1", -1, 1.5],
  delayMs: ["1", NaN, {}],
  reset: [1, "true", null],
  truncateAfterBytes: ["1", -1, 1.5],
  applied: [0, "false"],
};

for (const [name, values] of Object.entries(OPTIONS)) {
  test(`a wrong ${name} is a TypeError that names it and what is expected`, async () => {
    for (const value of values) {
      const error = await rejection(createSandbox({ [name]: value }));
      assert.equal(error.constructor, TypeError, String(value));
      assert.match(error.message, new RegExp(`^createSandbox: ${name}(\\[0\\])?: expected `));
    }
  });
}

test("an error holds nothing of a token or a snapshot", async () => {
  for (const options of [{ accessToken: "secret token" }, { snapshot: { of: "secret" } }, { baseUrl: "secret" }]) {
    assert.doesNotMatch((await rejection(createSandbox(options))).message, /secret/);
  }
});

test("an unknown option is a TypeError that names it and those that there are", async () => {
  const error = await rejection(createSandbox({ patients: 10 }));
  assert.equal(error.constructor, TypeError);
  assert.match(error.message, /^createSandbox: patients: .*`seed`.*`snapshot`/);
});

test("options that are no object are a TypeError", async () => {
  for (const options of [null, 7, "seed", () => {}]) {
    const error = await rejection(createSandbox(options));
    assert.deepEqual([error.constructor, error.message], [TypeError, "createSandbox: options must be an object"]);
  }
});

test("an option and a field that are undefined count as absent", async () => {
  const names = (object) => Object.fromEntries(Object.keys(object).map((name) => [name, undefined]));
  const { sandbox, control, get } = await openSandbox(names(OPTIONS));
  const { accessToken, endpoints } = await createSandbox();
  assert.deepEqual([sandbox.accessToken, sandbox.endpoints], [accessToken, endpoints]);
  await control.addFault({ ...names(FAULT), status: 500 });
  assert.deepEqual([(await get(ANY)).status, (await get(ANY)).status], [500, 200]);
});

test("each option is read once, and what a getter throws is what createSandbox rejects with", async () => {
  let read = 0;
  const options = {
    get accessToken() {
      read += 1;
      return `token-${read}`;
    },
  };
  assert.equal((await createSandbox(options)).accessToken, "token-1");
  const thrown = new RangeError("mine");
  const throwing = {
    get seed() {
      throw thrown;
    },
  };
  assert.equal(await rejection(createSandbox(throwing)), thrown);
  const { control } = await openSandbox();
  const ownKeys = () => {
    throw thrown;
  };
  assert.equal(await rejection(() => control.addFault(new Proxy({}, { ownKeys }))), thrown);
});

for (const [name, values] of Object.entries(FAULT)) {
  test(`a wrong ${name} of a fault is a TypeError that names it`, async () => {
    const { control, get } = await openSandbox();
    for (const value of values) {
      const error = await rejection(control.addFault({ delayMs: 0, [name]: value }));
      assert.equal(error.constructor, TypeError, String(value));
      assert.match(error.message, new RegExp(`^addFault: .*${name}`));
    }
    assert.equal((await get(ANY)).status, 200, "none was added");
  });
}

test("a wrong argument is a TypeError that names it", async () => {
  const { control } = await openSandbox();
  for (const [name, work] of [
    ["rxId", () => control.completeScan("x")],
    ["rxId", () => control.setOrderStatus({}, "Completed")],
    ["status", () => control.setOrderStatus("5d0f2c4e-9a1b-4c3d-8e7f-60718293a4b5")],
    ["orderId", () => control.addScreenCapture(1n)],
    ["url", () => control.setCallbackUrl()],
    ["advanceMs", () => control.advanceClock(Symbol("1"))],
  ]) {
    const error = await rejection(work);
    assert.equal(error.constructor, TypeError, `${work}`);
    assert.match(error.message, new RegExp(`^\\w+: .*${name}`));
  }
});

test("the methods work without their objects", async () => {
  const sandbox = await createSandbox();
  const { fetch, control } = sandbox;
  const { expireToken, addFault, snapshot } = control;
  const token = await expireToken();
  await addFault({ status: 503 });
  const init = { headers: { Authorization: `Bearer ${token}` } };
  const url = `${sandbox.endpoints.baseUrl}/api/third-party/v2${ANY}`;
  assert.deepEqual([(await fetch(url, init)).status, (await fetch(url, init)).status], [503, 200]);
  assert.equal(typeof snapshot(), "string");
});

test("the clock is asked once for each operation, and for a fetch once its body is read", async () => {
  const asked = [];
  const { sandbox, control } = await openSandbox({ now: () => asked.push("now") && NOW });
  const url = `${sandbox.endpoints.baseUrl}/api/third-party/v2${ANY}`;
  const body = new ReadableStream({
    pull(controller) {
      asked.push("body");
      controller.close();
    },
  });
  asked.length = 0;
  await sandbox.fetch(url, { method: "POST", body, duplex: "half" });
  assert.deepEqual(asked, ["body", "now"]);
  await control.clearFaults();
  assert.deepEqual(asked, ["body", "now", "now"]);
});

test("what the clock throws is what its call rejects with, and the next call works", async () => {
  const thrown = new Error("no time");
  let fails = false;
  const now = () => {
    if (fails) throw thrown;
    return NOW;
  };
  const { control, get } = await openSandbox({ now });
  fails = true;
  assert.equal(await rejection(get(ANY)), thrown);
  assert.equal(await rejection(control.expireToken()), thrown);
  fails = false;
  assert.equal((await get(ANY)).status, 200);
});

test("an abort before and while the body is read rejects with the signal's reason, and the call has no effect", async () => {
  const { sandbox, get } = await openSandbox();
  assert.equal(await rejection(get(ANY, { signal: AbortSignal.abort("before") })), "before");
  const controller = new AbortController();
  let pulled = 0;
  const body = new ReadableStream({
    pull(stream) {
      pulled += 1;
      controller.abort("during");
      stream.close();
    },
  });
  const { signal } = controller;
  const url = `${sandbox.endpoints.baseUrl}/sandbox/expire-token`;
  const headers = { Authorization: `Bearer ${sandbox.accessToken}` };
  const before = sandbox.accessToken;
  const call = sandbox.fetch(url, { method: "POST", headers, body, duplex: "half", signal });
  assert.equal(await rejection(call), "during");
  assert.deepEqual([pulled, sandbox.accessToken], [1, before]);
});
