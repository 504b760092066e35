// The main job in Node over HTTP: push an RX, find the scanned order, download its files.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { unzipSync } from "fflate";
import { createClient, findProcedure } from "itero-dpms";
import { startSandbox } from "../support/sandbox-cli.mjs";
import * as shapes from "../support/shapes.mjs";
import { collect, rejection, test } from "../support/test.mjs";

/** @type {Awaited<ReturnType<typeof startSandbox>>} */
let sandbox;
/** @type {import("itero-dpms").DpmsClient} */
let client;
/** @type {import("itero-dpms").PracticeConfiguration} */
let practice;

before(async () => {
  sandbox = await startSandbox(["--generation-ms", "600"]);
  client = await createClient({ endpoints: { baseUrl: sandbox.baseUrl }, accessToken: sandbox.accessToken });
  practice = await client.practiceConfiguration();
});
after(() => sandbox?.stop());

/** Pushes an RX for a patient with this chart number. */
async function push(chart, changes = {}) {
  const request = {
    companyId: practice.companyId,
    doctorId: practice.doctors[0].id,
    patientFirstName: "Maria",
    patientLastName: "Jansen",
    patientChartNumber: chart,
    ...changes,
  };
  return client.createScanRequest(request);
}

test("an RX that is not scanned yet is not-found as an order (R36)", async () => {
  const rxId = await push("MAIN-1");
  const error = await rejection(client.getOrder(rxId));
  assert.equal(error.kind, "not-found");
  assert.equal(error.status, 404);
});

test("a completed scan appears as the order of its RX, with the patient and notes that were pushed", async () => {
  const rxId = await push("MAIN-2", { notes: "upper left, please", gender: "female", dateOfBirth: "1990-02-28" });
  const { orderId } = await sandbox.completeScan(rxId);

  const order = await client.getOrder(rxId);
  shapes.order(order, "order");
  assert.equal(order.rxId, rxId);
  assert.equal(order.orderId, orderId);
  assert.equal(order.patientFirstName, "Maria");
  assert.equal(order.patientLastName, "Jansen");
  assert.equal(order.patientChartNumber, "MAIN-2");
  assert.equal(order.notes, "upper left, please");
  assert.equal(order.companyId, practice.companyId);
  assert.equal(order.doctorId, practice.doctors[0].id);
  assert.ok(order.links.scan, "the order links its scan");
});

test("orders() contains the completed scan as getOrder returns it", async () => {
  const rxId = await push("MAIN-3");
  await sandbox.completeScan(rxId);
  const found = (await collect(client.orders({ chartNumber: "MAIN-3" }))).filter((order) => order.rxId === rxId);
  assert.deepEqual(found, [await client.getOrder(rxId)]);
});

test("the requested procedure is the order's procedure", async () => {
  const procedure = await findProcedure({ procedure: "Fixed Restorative", type: null, sendTo: "resto-lab" });
  assert.ok(procedure);
  const rxId = await push("MAIN-4", { procedureMapId: procedure.id });
  await sandbox.completeScan(rxId);
  assert.equal((await client.getOrder(rxId)).procedureName, "Fixed Restorative");
});

test(
  "downloadScan waits for the 3D archive, then downloads it with progress to the last byte",
  { timeout: 60_000 },
  async () => {
    const rxId = await push("MAIN-5");
    const { orderId } = await sandbox.completeScan(rxId);
    /** @type {import("itero-dpms").DownloadProgress[]} */
    const progress = [];
    const response = await client.downloadScan(orderId, "IDE", { onProgress: (step) => progress.push({ ...step }) });
    assert.ok(response instanceof Response);
    const bytes = new Uint8Array(await response.arrayBuffer());

    assert.equal(progress[0].state, "waiting", "the archive is generated after it is first asked for");
    const states = progress.map((step) => step.state);
    assert.deepEqual([...new Set(states)], ["waiting", "downloading", "done"]);
    assert.equal(states.filter((state) => state === "done").length, 1, "done is said once");
    for (let i = 1; i < progress.length; i += 1) {
      assert.ok(progress[i].receivedBytes >= progress[i - 1].receivedBytes, "received bytes never shrink");
    }
    const last = progress.at(-1);
    assert.equal(last.state, "done");
    assert.equal(last.receivedBytes, bytes.byteLength);
    assert.equal(last.totalBytes, bytes.byteLength);
  },
);

test("the 3D archive holds both arches, the metadata, the RX and six pictures", { timeout: 60_000 }, async () => {
  const rxId = await push("MAIN-6");
  const { orderId } = await sandbox.completeScan(rxId);
  const response = await client.downloadScan(orderId, "IDE");
  const entries = Object.entries(unzipSync(new Uint8Array(await response.arrayBuffer())));
  const ending = (suffix) => entries.filter(([name]) => name.toLowerCase().endsWith(suffix)).map(([, bytes]) => bytes);

  const stl = ending(".stl");
  assert.equal(stl.length, 2);
  let triangles = 0;
  for (const bytes of stl) {
    const count = new DataView(bytes.buffer, bytes.byteOffset).getUint32(80, true);
    assert.equal(bytes.byteLength, 84 + count * 50, "a binary STL has 50 bytes for each triangle of its header");
    triangles += count;
  }
  assert.ok(triangles >= 100_000, `${triangles} triangles`);

  const [xml] = ending(".xml");
  assert.match(Buffer.from(xml).toString("utf8"), /^\uFEFF?<\?xml/);
  const [pdf] = ending(".pdf");
  assert.match(Buffer.from(pdf).toString("latin1"), /^%PDF-1\.[\s\S]*%%EOF\s*$/);

  const pictures = [...ending(".jpg"), ...ending(".jpeg")];
  assert.equal(pictures.length, 6);
  for (const picture of pictures) assert.deepEqual([...picture.subarray(0, 3)], [0xff, 0xd8, 0xff]);
  assert.equal(
    new Set(pictures.map((picture) => Buffer.from(picture).toString("base64"))).size,
    6,
    "six different views",
  );
});

test("the thumbnails of an order are a zip of six JPEG pictures (§4.7.4)", async () => {
  const rxId = await push("MAIN-7");
  const { orderId } = await sandbox.completeScan(rxId);
  const response = await client.downloadScan(orderId, "IMAGE_GALLERY");
  const entries = Object.entries(unzipSync(new Uint8Array(await response.arrayBuffer())));
  assert.equal(entries.length, 6);
  for (const [name, bytes] of entries) {
    assert.match(name, /\.jpe?g$/i);
    assert.deepEqual([...bytes.subarray(0, 3)], [0xff, 0xd8, 0xff]);
  }
});

test("an order without screen captures downloads as null (§4.7.2's 204)", async () => {
  const rxId = await push("MAIN-8");
  const { orderId } = await sandbox.completeScan(rxId);
  assert.equal(await client.downloadScan(orderId, "SCREEN_CAPTURE"), null);
});
