// Arguments that are not plain JSON are read by their properties or refused by name, and never break the client.
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

/** A client whose calls all succeed. */
const accepting = (t) =>
  scripted(t, ({ path }) => {
    if (path.includes("/v3/")) return json(200, wirePatients([]));
    if (path.endsWith("/patient/search")) return json(200, [wireMatch()]);
    return json(200, path.endsWith("/patients") ? wireRecord() : envelope(RX_ID));
  });

/** Every call that takes an object, with a valid one. */
const CALLS_WITH_OBJECT = [
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

for (const [name, run, valid] of CALLS_WITH_OBJECT) {
  test(`${name} takes any object that has the right fields: frozen, without a prototype, of a class`, async (t) => {
    const { client, server } = await accepting(t);
    class Form {
      constructor() {
        Object.assign(this, valid);
      }
    }
    for (const value of [
      valid,
      Object.freeze({ ...valid }),
      Object.assign(Object.create(null), valid),
      new Form(),
      new Proxy(valid, {}),
      Object.defineProperties(
        {},
        Object.fromEntries(Object.entries(valid).map(([key, each]) => [key, { get: () => each, enumerable: true }])),
      ),
    ]) {
      const { reason } = await settled(() => run(client, value));
      assert.equal(reason, undefined, String(reason?.message));
    }
    assert.equal(new Set(server.requests.map(({ url, body }) => url + body)).size, 1, "each is sent as the same");
  });

  test(`${name} refuses a wrong type that looks like a value, by name`, async (t) => {
    const { client, server } = await accepting(t);
    for (const field of Object.keys(valid)) {
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
        const { reason } = await settled(() => run(client, { ...valid, [field]: wrong }));
        const shown = `${field} = ${typeof wrong} ${Object.prototype.toString.call(wrong)}`;
        assert.equal(reason?.kind, "invalid-argument", `${shown}: ${reason}`);
        assert.deepEqual([...new Set(reason.fieldErrors.map((each) => each.field))], [field], shown);
      }
    }
    assert.equal(server.requests.length, 0);
  });

  test(`${name} survives a getter that throws, and works afterwards`, async (t) => {
    const { client } = await accepting(t);
    const trap = new Error("a getter that throws");
    for (const value of [
      Object.defineProperty({ ...valid }, Object.keys(valid)[0], {
        enumerable: true,
        get: () => {
          throw trap;
        },
      }),
      new Proxy(valid, {
        get: () => {
          throw trap;
        },
      }),
      new Proxy(valid, {
        ownKeys: () => {
          throw trap;
        },
      }),
      Proxy.revocable(valid, {}).proxy,
    ]) {
      const { reason } = await settled(() => run(client, value));
      if (reason) assert.ok(isDpmsError(reason) || reason === trap, String(reason));
    }
    const { proxy, revoke } = Proxy.revocable(valid, {});
    revoke();
    const { reason } = await settled(() => run(client, proxy));
    assert.ok(reason instanceof Error, "a revoked proxy cannot be read");
    assert.equal((await settled(() => run(client, valid))).reason, undefined, "the client still works");
  });

  test(`${name} is not misled by what an object inherits`, async (t) => {
    const { client } = await accepting(t);
    const inherited = Object.create({ toString: 1, bogus: 2 });
    assert.equal((await settled(() => run(client, Object.assign(inherited, valid)))).reason, undefined);
  });
}

test("strings of a megabyte arrive complete", async (t) => {
  const { client, server } = await accepting(t);
  const notes = "é😀".repeat(180_000);
  await client.createScanRequest(scanRequest({ notes }));
  assert.equal(JSON.parse(server.requests[0].body).Notes, notes);
});

test("a lone surrogate in a body arrives as JSON.stringify writes it", async (t) => {
  const { client, server } = await accepting(t);
  const patientLastName = "a\ud800b\udc00";
  const { reason } = await settled(() => client.createScanRequest(scanRequest({ patientLastName })));
  if (reason) assert.equal(reason.kind, "invalid-argument");
  else {
    const sent = JSON.parse(server.requests[0].body).PatientLastName;
    assert.ok([patientLastName, patientLastName.toWellFormed()].includes(sent), JSON.stringify(sent));
  }
});

test("options that are not an object are refused on every call, and nothing is sent", async (t) => {
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
