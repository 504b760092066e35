// Arguments that are no plain JSON: they are taken for what they hold, or refused by name, and never break the client.
import assert from "node:assert/strict";
import { isDpmsError } from "itero-dpms";
import { CALLS } from "../support/calls.mjs";
import { json } from "../support/faulty-server.mjs";
import { settled, test } from "../support/test.mjs";
import {
  PATIENT_ID,
  RX_ID,
  envelope,
  scanRequest,
  scripted,
  wireMatch,
  wirePatients,
  wireRecord,
} from "../support/wire.mjs";

/** A client that gets what its call can read. */
const accepting = (t) =>
  scripted(t, ({ path }) => {
    if (path.includes("/v3/")) return json(200, wirePatients([]));
    if (path.endsWith("/patient/search")) return json(200, [wireMatch()]);
    return json(200, path.endsWith("/patients") ? wireRecord() : envelope(RX_ID));
  });

/** Every call that takes an object, with a right one. */
const TAKING = [
  ["createScanRequest", (client, value) => client.createScanRequest(value), scanRequest()],
  [
    "searchPatients",
    (client, value) => client.searchPatients(value),
    { firstName: "a", lastName: "b", chartNumber: "c" },
  ],
  ["listPatients", (client, value) => client.listPatients(value), { firstName: "a", limit: 5 }],
  ["updatePatient", (client, value) => client.updatePatient(value), { patientId: PATIENT_ID, firstName: "a" }],
  [
    "updatePatientByChartNumber",
    (client, value) => client.updatePatientByChartNumber(value),
    { chartNumber: "a", gender: "male" },
  ],
];

for (const [name, run, right] of TAKING) {
  test(`${name} takes any object that has the right fields: frozen, without a prototype, of a class`, async (t) => {
    const { client, server } = await accepting(t);
    class Form {
      constructor() {
        Object.assign(this, right);
      }
    }
    for (const value of [
      right,
      Object.freeze({ ...right }),
      Object.assign(Object.create(null), right),
      new Form(),
      new Proxy(right, {}),
      Object.defineProperties(
        {},
        Object.fromEntries(Object.entries(right).map(([key, each]) => [key, { get: () => each, enumerable: true }])),
      ),
    ]) {
      const { reason } = await settled(() => run(client, value));
      assert.equal(reason, undefined, String(reason?.message));
    }
    assert.equal(new Set(server.requests.map(({ url, body }) => url + body)).size, 1, "each is sent as the same");
  });

  test(`${name} refuses what only looks like a value, by name`, async (t) => {
    const { client, server } = await accepting(t);
    for (const field of Object.keys(right)) {
      for (const wrong of [
        new String("x"),
        new Number(1),
        Symbol("x"),
        () => "x",
        10n,
        { toString: () => "x" },
        { valueOf: () => 1 },
        new Date(),
        ["x"],
        new Map(),
        NaN,
      ]) {
        const { reason } = await settled(() => run(client, { ...right, [field]: wrong }));
        const shown = `${field} = ${typeof wrong} ${Object.prototype.toString.call(wrong)}`;
        assert.equal(reason?.kind, "invalid-argument", `${shown}: ${reason}`);
        assert.deepEqual([...new Set(reason.fieldErrors.map((each) => each.field))], [field], shown);
      }
    }
    assert.equal(server.requests.length, 0);
  });

  test(`${name} survives a field whose getter throws, and goes on as before`, async (t) => {
    const { client } = await accepting(t);
    const trap = new Error("a getter that throws");
    for (const value of [
      Object.defineProperty({ ...right }, Object.keys(right)[0], {
        enumerable: true,
        get: () => {
          throw trap;
        },
      }),
      new Proxy(right, {
        get: () => {
          throw trap;
        },
      }),
      new Proxy(right, {
        ownKeys: () => {
          throw trap;
        },
      }),
      Proxy.revocable(right, {}).proxy,
    ]) {
      const { reason } = await settled(() => run(client, value));
      if (reason) assert.ok(isDpmsError(reason) || reason === trap, String(reason));
    }
    const { proxy, revoke } = Proxy.revocable(right, {});
    revoke();
    const { reason } = await settled(() => run(client, proxy));
    assert.ok(reason instanceof Error, "a revoked proxy cannot be read");
    assert.equal((await settled(() => run(client, right))).reason, undefined, "the client is as good as new");
  });

  test(`${name} is not misled by what an object inherits`, async (t) => {
    const { client } = await accepting(t);
    const inherited = Object.create({ toString: 1, bogus: 2 });
    assert.equal((await settled(() => run(client, Object.assign(inherited, right)))).reason, undefined);
  });
}

test("texts of a megabyte arrive whole", async (t) => {
  const { client, server } = await accepting(t);
  const notes = "é😀".repeat(180_000);
  await client.createScanRequest(scanRequest({ notes }));
  assert.equal(JSON.parse(server.requests[0].body).Notes, notes);
});

test("half a surrogate pair in a body arrives as JSON.stringify writes it", async (t) => {
  const { client, server } = await accepting(t);
  const patientLastName = "a\ud800b\udc00";
  const { reason } = await settled(() => client.createScanRequest(scanRequest({ patientLastName })));
  if (reason) assert.equal(reason.kind, "invalid-argument");
  else {
    const sent = JSON.parse(server.requests[0].body).PatientLastName;
    assert.ok([patientLastName, patientLastName.toWellFormed()].includes(sent), JSON.stringify(sent));
  }
});

test("options that are no object are refused on every call, and nothing is sent", async (t) => {
  const { client, server } = await accepting(t);
  for (const { name, run } of CALLS) {
    if (name === "downloadScan") continue; // its own options are spread around the caller's
    for (const options of ["x", 7, true, [], Symbol("x")]) {
      const { reason } = await settled(() => run(client, options));
      assert.equal(reason?.kind, "invalid-argument", `${name}: ${String(options)}`);
    }
  }
  assert.equal(server.requests.length, 0);
});
