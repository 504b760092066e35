// The document's tables that come with the package: unit types (§4.1.3), procedures (§4.2.3) and order statuses (§4.4.6).
import assert from "node:assert/strict";
import { findProcedure, orderStatuses, procedures, unitTypes } from "itero-dpms";
import * as shapes from "../support/shapes.mjs";
import { rejection, test } from "../support/test.mjs";

const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** The ids of §4.2.3 with their destination; the holes are the document's (R28). */
const SEND_TO = {
  "ortho-lab": [1, 8, 9, 10, 11, 13, 41],
  "resto-lab": [14, 15, 16, 17, 19, ...range(20, 26), 30, 42, 44, 46, 48, 78, 104],
  none: [...range(2, 7), ...range(54, 67), ...range(69, 72), 105],
  myitero: [...range(80, 97), 107],
};

test("procedures() holds every id of the document with its destination, and no other", async () => {
  const table = await procedures();
  shapes.listOf(shapes.procedure)(table, "procedures");
  for (const [sendTo, ids] of Object.entries(SEND_TO)) {
    assert.deepEqual(
      table
        .filter((row) => row.sendTo === sendTo)
        .map((row) => row.id)
        .sort((a, b) => a - b),
      ids,
      sendTo,
    );
  }
});

test("procedures without a type have null", async () => {
  const untyped = (await procedures()).filter((row) => row.type === null).map((row) => row.id);
  assert.deepEqual(
    untyped.sort((a, b) => a - b),
    [1, 30, 41, 42, 44, 48, 54, 62, 63, 65, 72, 78, 80, 88, 89, 91, 97],
  );
});

test("findProcedure finds the document's own examples", async () => {
  const fixed = await findProcedure({ procedure: "Fixed Restorative", type: null, sendTo: "resto-lab" });
  assert.equal(fixed?.id, 30);
  const aligners = (await procedures()).find((row) => row.id === 4);
  assert.equal(aligners?.type, "First Aligners");
  assert.equal(
    (await findProcedure(aligners && { procedure: aligners.procedure, type: aligners.type, sendTo: "none" }))?.id,
    4,
  );
});

test("findProcedure finds every row of the table by its values", async () => {
  for (const { id, procedure, type, sendTo } of await procedures()) {
    assert.equal((await findProcedure({ procedure, type, sendTo }))?.id, id);
  }
});

test("findProcedure returns null for a combination that is not in the table", async () => {
  assert.equal(await findProcedure({ procedure: "Fixed Restorative", type: null, sendTo: "ortho-lab" }), null);
  assert.equal(await findProcedure({ procedure: "Fixed Restorative", type: "Night guard", sendTo: "resto-lab" }), null);
  assert.equal(await findProcedure({ procedure: "Whitening", type: null, sendTo: "none" }), null);
});

test("findProcedure refuses a destination that does not exist, naming the field", async () => {
  const error = await rejection(() => findProcedure({ procedure: "Fixed Restorative", type: null, sendTo: "moon" }));
  assert.equal(error.kind, "invalid-argument");
  assert.match(error.message, /sendTo/);
});

test("orderStatuses() explains the seven statuses of the document", async () => {
  const table = await orderStatuses();
  shapes.listOf(shapes.orderStatus)(table, "orderStatuses");
  assert.deepEqual(table.map((row) => row.status).sort(), [
    "Align Production",
    "Completed",
    "Exporting to Doctor Site",
    "Lab Review",
    "Scanning",
    "iTero Milling",
    "iTero Modeling",
  ]);
  for (const row of table) assert.ok(row.stage.length > 0 && row.cases.length > 0, row.status);
  assert.match(table.find((row) => row.status === "Lab Review").handling, /download/i);
  assert.equal(table.find((row) => row.status === "iTero Milling").handling, null);
});

test("a caller that changes a table does not change it for the next caller", async () => {
  (await procedures()).length = 0;
  (await unitTypes()).length = 0;
  const [first] = await orderStatuses();
  first.status = "changed";
  assert.ok((await procedures()).length > 0);
  assert.equal((await unitTypes()).length, 13);
  assert.notEqual((await orderStatuses())[0].status, "changed");
});

test("unitTypes() holds the thirteen codes of the document, in order (R19)", async () => {
  const table = await unitTypes();
  shapes.listOf(shapes.unitType)(table, "unitTypes");
  assert.deepEqual(
    table.map((row) => row.id),
    range(1, 13),
  );
  const names = table.map((row) => row.name);
  assert.equal(new Set(names).size, 13);
  for (const [id, pattern] of [
    [1, /^Regular$/],
    [2, /^Crown$/],
    [3, /^3\/4 Crown$/],
    [4, /^Implant Abutment$/],
    [5, /^Inlay$/],
    [6, /^Onlay$/],
    [7, /^Veneer$/],
    [8, /^Detachable$/],
    [9, /^Missing \(edentulous space\)$/],
    [10, /^Missing \(no spaces\)$/],
    [11, /^Deciduous$/],
    [12, /^Scan body$/],
    [13, /^Cerec ?Guide$/],
  ]) {
    assert.match(names[id - 1], pattern);
  }
});
