// One odd value must not cost the response that holds it: what need not be there is null then, and an event says where it was.
import assert from "node:assert/strict";
import { createClient } from "itero-dpms";
import { json } from "../support/faulty-server.mjs";
import { collect, rejection, test } from "../support/test.mjs";
import {
  TOKEN,
  endpointsOf,
  guid,
  patientGuid,
  scripted,
  wireOrder,
  wirePage,
  wirePatient,
  wirePatients,
} from "../support/wire.mjs";

const NIL = "00000000-0000-0000-0000-000000000000";

/** A client of a server that answers with these bodies, and the events of unexpected values. */
async function reading(t, bodies) {
  const events = [];
  const { client } = await scripted(t, (_, index) => json(200, bodies[Math.min(index, bodies.length - 1)]), {
    onEvent: (event) => event.type === "unexpected-value" && events.push(event),
  });
  return { client, events };
}

const rows = (changes) => Array.from({ length: 5 }, (_, at) => wireOrder({ RxId: guid(at), ...(at === 3 && changes) }));

for (const [field, value, key] of [
  ["LabId", "", "labId"],
  ["LabId", "Jane Doe", "labId"],
  ["DueDate", "04.03.2025", "dueDate"],
  ["ScanningTime", "", "scanningTime"],
  ["Notes", { text: "Jane Doe" }, "notes"],
  ["PatientId", 1.5, "patientId"],
]) {
  test(`a ${field} of ${JSON.stringify(value)} is null, and the rest of the page is there`, async (t) => {
    const { client, events } = await reading(t, [wirePage(rows({ [field]: value }))]);
    const { orders } = await client.listOrders();
    assert.equal(orders.length, 5);
    assert.equal(orders[3][key], null);
    assert.notEqual(orders[2][key], null);
    assert.deepEqual(events, [
      {
        type: "unexpected-value",
        callId: 1,
        method: "GET",
        endpoint: "orders/practice",
        attempt: 1,
        path: `Data.Results[3].${field}`,
        count: 1,
      },
    ]);
    assert.doesNotMatch(JSON.stringify(events), /Jane|04\.03/);
  });
}

test("a field that is odd in every row is one event, which counts them", async (t) => {
  const page = wirePage(rows({}).map((row) => ({ ...row, LabId: "", DueDate: "04.03.2025" })));
  const { client, events } = await reading(t, [page]);
  assert.equal((await client.listOrders()).orders.length, 5);
  assert.deepEqual(
    events.map(({ path, count }) => [path.replace(/\w+$/, ""), count]),
    [["Data.Results[0].", 10]],
  );
});

test("pollOrders goes on past an odd field, and tells each order once", async (t) => {
  const { client, events } = await reading(t, [wirePage(rows({ DueDate: "04.03.2025" }))]);
  const first = await client.pollOrders();
  assert.equal(first.changes.length, 5);
  assert.equal(first.changes[3].order.dueDate, null);
  const second = await client.pollOrders(first.cursor);
  assert.equal(second.changes.length, 0);
  assert.deepEqual(
    events.map(({ callId }) => callId),
    [1, 2],
  );
});

test("an odd field of any other call is null as well", async (t) => {
  const { client, events } = await reading(t, [wirePatients([wirePatient({ DateOfBirth: "1.1.1990", Gender: {} })])]);
  const [patient] = await collect(client.patients());
  assert.deepEqual([patient.dateOfBirth, patient.gender, patient.lastName], [null, null, "Example"]);
  assert.deepEqual([events[0].path, events[0].count], ["Data[0].DateOfBirth", 2]);
});

test("an id that is odd or missing fails the page, which names it", async (t) => {
  for (const RxId of ["", 7, null, undefined]) {
    const { client, events } = await reading(t, [wirePage(rows({ RxId }))]);
    const error = await rejection(client.listOrders());
    assert.equal(error.kind, "decode");
    assert.match(error.message, /Data\.Results\[3\]\.RxId/);
    assert.deepEqual(events, []);
  }
});

test("a cursor that somebody changed is refused, not read in part", async (t) => {
  const { client } = await reading(t, [wirePage(rows({}))]);
  const { cursor } = await client.pollOrders();
  const error = await rejection(client.pollOrders({ ...cursor, orders: [{ ...cursor.orders[0], status: 7 }] }));
  assert.deepEqual([error.kind, error.fieldErrors[0].field], ["invalid-argument", "cursor.orders[0].status"]);
});

test("rows with the nil GUID are no repetitions of each other", async () => {
  const nils = (first) => [0, 1].map((at) => wireOrder({ RxId: NIL, OrderId: first + at }));
  const pages = [wirePage(nils(1), { hasMore: true }), wirePage(nils(3))];
  const clientOf = (bodies) => {
    const left = [...bodies];
    return createClient({
      endpoints: endpointsOf("https://dpms.invalid"),
      accessToken: TOKEN,
      fetch: async () => Response.json(left.shift()),
    });
  };
  const walked = await collect((await clientOf(pages)).orders());
  assert.deepEqual(
    walked.map(({ rxId, orderId }) => [rxId, orderId]),
    [1, 2, 3, 4].map((orderId) => [NIL, orderId]),
  );
  const patients = (first) => [0, 1].map((at) => wirePatient({ Id: NIL, ChartNumber: `C-${first + at}` }));
  const lists = [
    wirePatients([...patients(1), wirePatient({ Id: patientGuid(1) })], { total: 6 }),
    wirePatients([...patients(3), wirePatient({ Id: patientGuid(1) })], { total: 6, offset: 3 }),
  ];
  const found = await collect((await clientOf(lists)).patients());
  assert.deepEqual(
    found.map(({ chartNumber }) => chartNumber),
    ["C-1", "C-2", "C-17", "C-3", "C-4"],
  );
});

test("pollOrders tells orders with the nil GUID apart by their orderId", async (t) => {
  const nils = [1, 2, 3].map((OrderId) => wireOrder({ RxId: NIL, OrderId, Status: "Scanned" }));
  const { client } = await reading(t, [
    wirePage(nils.slice(0, 2)),
    wirePage([{ ...nils[0], Status: "Completed" }, nils[1], nils[2]]),
  ]);
  const first = await client.pollOrders();
  assert.deepEqual(
    first.changes.map(({ kind, order }) => [kind, order.orderId]),
    [
      ["new", 1],
      ["new", 2],
    ],
  );
  const second = await client.pollOrders(first.cursor);
  assert.deepEqual(
    second.changes.map(({ kind, order }) => [kind, order.orderId]),
    [
      ["status", 1],
      ["new", 3],
    ],
  );
});
