// `itero-dpms/sandbox` in process: its `fetch`, its state, its clock and its snapshots.
import assert from "node:assert/strict";
import { createClient } from "itero-dpms";
import { createSandbox } from "itero-dpms/sandbox";
import { collect, rejection, settled, test } from "../support/test.mjs";

async function connect(options) {
  const sandbox = await createSandbox(options);
  const client = await createClient({
    endpoints: sandbox.endpoints,
    accessToken: sandbox.accessToken,
    fetch: sandbox.fetch,
  });
  return { sandbox, client };
}

async function push(client, chart) {
  const { companyId, doctors } = await client.practiceConfiguration();
  return client.createScanRequest({
    companyId,
    doctorId: doctors[0].id,
    patientFirstName: "Maria",
    patientLastName: "Jansen",
    patientChartNumber: chart,
  });
}

test("the sandbox has the documented defaults", async () => {
  const { accessToken, endpoints } = await createSandbox();
  assert.equal(accessToken, "sandbox-access-token");
  const v3 = { domain: "https://sandbox.invalid", path: "/third-party/v3" };
  assert.deepEqual(endpoints, { baseUrl: "https://sandbox.invalid", v3 });
});

test("the base URL, with its path, and the token are options", async () => {
  const { sandbox, client } = await connect({ baseUrl: "http://localhost:8080/sandbox-practice", accessToken: "mine" });
  assert.equal(sandbox.accessToken, "mine");
  assert.ok((await client.practiceConfiguration()).companyName);
  assert.deepEqual(sandbox.endpoints, {
    baseUrl: "http://localhost:8080/sandbox-practice",
    v3: { domain: "http://localhost:8080", path: "/sandbox-practice/third-party/v3" },
  });
  const elsewhere = await sandbox.fetch("http://localhost:8080/api/third-party/v2/practice-configuration", {
    headers: { Authorization: "Bearer mine" },
  });
  assert.equal(elsewhere.status, 404);
});

test("the main job works without a network", { timeout: 60_000 }, async () => {
  const { sandbox, client } = await connect({ generationMs: 100 });
  const rxId = await push(client, "MEM-1");
  assert.equal((await rejection(client.getOrder(rxId))).kind, "not-found");
  const { rxId: same, orderId } = await sandbox.control.completeScan(rxId);
  assert.equal(same, rxId);
  assert.equal((await client.getOrder(rxId)).orderId, orderId);
  const response = await client.downloadScan(orderId, "IDE");
  assert.deepEqual([...new Uint8Array(await response.arrayBuffer()).subarray(0, 2)], [0x50, 0x4b]);
});

test("fetch accepts a Request, a URL or a string, with init", async () => {
  const { sandbox } = await connect();
  const url = `${sandbox.endpoints.baseUrl}/api/third-party/v2/practice-configuration`;
  const init = { headers: { Authorization: `Bearer ${sandbox.accessToken}` } };
  for (const response of [
    await sandbox.fetch(new Request(url, init)),
    await sandbox.fetch(new URL(url), init),
    await sandbox.fetch(url, init),
    await sandbox.fetch(new Request(url), init),
  ]) {
    assert.ok(response instanceof Response);
    assert.equal(response.status, 200);
    assert.equal((await response.json()).Status, 1);
  }
});

test("the same seed gives the same practice, and another seed another one", async () => {
  const list = async (seed) => collect((await connect({ seed, now: () => Date.UTC(2026, 0, 15, 12) })).client.orders());
  const first = await list(7);
  assert.deepEqual(await list(7), first);
  const other = await list(8);
  assert.notDeepEqual(
    other.map((order) => order.rxId),
    first.map((order) => order.rxId),
  );
});

test("by the caller's clock, an archive is ready generationMs after it was first requested", async () => {
  let clock = Date.UTC(2026, 0, 15, 12);
  const { sandbox, client } = await connect({ now: () => clock, generationMs: 90_000 });
  const { orderId } = await sandbox.control.completeScan(await push(client, "MEM-2"));
  const once = () => client.downloadScan(orderId, "IDE", { waitMs: 0 });
  clock += 600_000; // waiting before anyone asked does not count (§4.7.3: the first 404 starts it)
  assert.equal((await rejection(once())).kind, "not-ready");
  clock += 89_000;
  assert.equal((await rejection(once())).kind, "not-ready");
  clock += 1_001;
  const response = await once();
  assert.equal(response.status, 200);
  await response.body.cancel();
});

test("a completed scan is dated by the sandbox's clock and listed last", async () => {
  const clock = Date.UTC(2026, 0, 15, 12, 34, 56);
  const { sandbox, client } = await connect({ now: () => clock });
  const rxId = await push(client, "MEM-3");
  await sandbox.control.completeScan(rxId);
  const orders = await collect(client.orders());
  assert.equal(orders.at(-1).rxId, rxId);
  assert.equal(Date.parse(orders.at(-1).scanningDate), clock);
  assert.equal(orders.at(-1).status, "Completed");
});

test("completing the scan of an unknown RX is refused", async () => {
  const { sandbox } = await connect();
  for (const rxId of ["5d0f2c4e-9a1b-4c3d-8e7f-60718293a4b5", "not a guid", ""]) {
    const { reason } = await settled(() => sandbox.control.completeScan(rxId));
    assert.ok(reason instanceof Error, `${rxId}: ${reason}`);
  }
});

test("completing a scan twice keeps one order", async () => {
  const { sandbox, client } = await connect();
  const rxId = await push(client, "MEM-4");
  await sandbox.control.completeScan(rxId);
  await settled(() => sandbox.control.completeScan(rxId));
  const found = (await collect(client.orders({ chartNumber: "MEM-4" }))).filter((order) => order.rxId === rxId);
  assert.equal(found.length, 1);
});

test("a snapshot restores pushed RXs and completed orders", async () => {
  const { sandbox, client } = await connect();
  const done = await push(client, "MEM-5");
  await sandbox.control.completeScan(done);
  const pending = await push(client, "MEM-6");
  const before = await collect(client.orders());
  const snapshot = sandbox.control.snapshot();
  assert.equal(typeof snapshot, "string");

  const again = await connect({ snapshot });
  assert.deepEqual(await collect(again.client.orders()), before);
  const { orderId } = await again.sandbox.control.completeScan(pending);
  assert.ok(
    before.every((order) => order.orderId !== orderId),
    "a new order gets a new id",
  );
  assert.equal((await again.client.getOrder(pending)).patientChartNumber, "MEM-6");
});

test("an invalid snapshot is refused", async () => {
  for (const snapshot of ["", "{", "[]", '{"orders":17}']) {
    const { reason } = await settled(() => createSandbox({ snapshot }));
    assert.ok(reason instanceof Error, JSON.stringify(snapshot));
  }
});

test("two sandboxes do not share their state", async () => {
  const first = await connect();
  const second = await connect();
  const rxId = await push(first.client, "MEM-7");
  await first.sandbox.control.completeScan(rxId);
  assert.equal((await rejection(second.client.getOrder(rxId))).kind, "not-found");
});
