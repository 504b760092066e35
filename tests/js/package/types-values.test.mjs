// Values that the client and the sandbox return match their declarations exactly: every key is present, no other key is, and
// null occurs only where it is declared. The expected types come from the .d.ts files.
import assert from "node:assert/strict";
import { before } from "node:test";
import * as itero from "itero-dpms";
import { createSandbox } from "itero-dpms/sandbox";
import { push } from "../support/practices.mjs";
import { Declarations, makeReference } from "../support/declarations.mjs";
import { collect, rejection, test } from "../support/test.mjs";

/** Fields that no response of the sandbox fills, since the document's own samples leave them empty. */
const NEVER_FILLED = ["PatientRecord.alignPatientId", "PatientRecord.mi", "PatientRecord.zipCode"];

/** @type {Declarations} */
let declared;
/** @type {Declarations} */
let declaredSandbox;
/** @type {import("itero-dpms/sandbox").Sandbox} */
let sandbox;
/** @type {import("itero-dpms").DpmsClient} */
let client;
/** @type {import("itero-dpms").Order} */
let order;
const events = [];
/** What a response of the sandbox becomes. @type {(response: Response) => Response | Promise<Response>} */
let spoil = (response) => response;
const progress = [];

before(async () => {
  const { reference } = makeReference();
  declared = new Declarations(reference, "itero-dpms");
  declaredSandbox = new Declarations(reference, "itero-dpms/sandbox");
  sandbox = await createSandbox({ generationMs: 50 });
  const { endpoints, accessToken } = sandbox;
  const fetch = async (request) => spoil(await sandbox.fetch(request));
  client = await itero.createClient({
    ...{ endpoints, accessToken, fetch },
    refresh: async () => sandbox.accessToken,
    retry: { baseDelayMs: 1, maxDelayMs: 1 },
    onEvent: (event) => events.push(event),
  });
  const { orderId, rxId } = await sandbox.control.completeScan(
    await push(client, { gender: "female", dateOfBirth: "1990-02-28", notes: "a note" }),
  );
  await sandbox.control.addScreenCapture(orderId);
  order = await client.getOrder(rxId);
});

/** Every call of the client. The rows of `orders()` and `patients()` are collected into a list. */
const CALLS = {
  practiceConfiguration: () => client.practiceConfiguration(),
  createScanRequest: () => push(client),
  deleteScanRequest: async () => client.deleteScanRequest(await push(client)),
  listOrders: () => client.listOrders({ pageSize: 1024 }),
  orders: () => collect(client.orders()),
  getOrder: () => client.getOrder(order.rxId),
  pollOrders: async () => {
    const { cursor } = await client.pollOrders(null, { windowDays: 400 });
    await sandbox.control.setOrderStatus(order.rxId, "A status of the future");
    const poll = await client.pollOrders(JSON.parse(JSON.stringify(cursor)));
    assert.equal(poll.changes[0].kind, "status");
    return { ...poll, changes: [...poll.changes, ...(await client.pollOrders()).changes] };
  },
  downloadScan: () => client.downloadScan(order.orderId, "IDE", { onProgress: (step) => progress.push(step) }),
  downloadLink: () => client.downloadLink(order.links.screenCaptures),
  listScreenCaptures: () => client.listScreenCaptures({ dateFrom: "2020-01-01" }),
  downloadScreenCapture: async () => {
    const [{ orderId, captures }] = (await client.listScreenCaptures()).orders;
    return client.downloadScreenCapture(orderId, captures[0].captureId);
  },
  searchPatients: () => client.searchPatients({ firstName: "", lastName: "", chartNumber: order.patientChartNumber }),
  listPatients: () => client.listPatients({ limit: 5 }),
  patients: () => collect(client.patients()),
  updatePatient: async () => {
    const [{ patientId }] = await CALLS.searchPatients();
    return client.updatePatient({ patientId, lastName: "Changed" });
  },
  updatePatientByChartNumber: () =>
    client.updatePatientByChartNumber({ chartNumber: order.patientChartNumber, firstName: "Changed" }),
  request: () => client.request("GET", "practice-configuration"),
};

/** Every exported function. */
const FUNCTIONS = {
  createClient: () => client,
  procedures: () => itero.procedures(),
  findProcedure: () => itero.findProcedure({ procedure: "Fixed Restorative", sendTo: "resto-lab" }),
  orderStatuses: () => itero.orderStatuses(),
  unitTypes: () => itero.unitTypes(),
  parsePairingResponse: () =>
    itero.parsePairingResponse({ Data: { CompanyId: 1, Warnings: ["a warning"], OAuthResponse: {} }, Status: 1 }),
  isDpmsError: () => itero.isDpmsError(null),
};

const CONTROL = {
  completeScan: async () => sandbox.control.completeScan(await push(client)),
  setOrderStatus: () => sandbox.control.setOrderStatus(order.rxId, "Completed"),
  addScreenCapture: () => sandbox.control.addScreenCapture(order.orderId),
  setExportSettings: () => sandbox.control.setExportSettings({}),
  expireToken: () => sandbox.control.expireToken(),
  setCallbackUrl: () => sandbox.control.setCallbackUrl(null),
  callbacksSettled: () => sandbox.control.callbacksSettled(),
  addFault: () => sandbox.control.addFault({ endpoint: "nothing", status: 500 }),
  clearFaults: () => sandbox.control.clearFaults(),
  advanceClock: () => sandbox.control.advanceClock(0),
  snapshot: () => sandbox.control.snapshot(),
};

const assertNone = (faults) => assert.deepEqual(faults.slice(0, 10), []);

for (const [name, call] of Object.entries(CALLS)) {
  test(`the result of ${name} matches its declaration`, async () => {
    assertNone(declared.faultsOfResult(await call(), declared.results("DpmsClient").get(name), name));
  });
}

test("no call of the client is left out", () => {
  const calls = [...declared.results("DpmsClient").keys()];
  assert.deepEqual(calls.sort(), Object.keys(CALLS).sort());
});

for (const [name, call] of Object.entries(FUNCTIONS)) {
  test(`the result of ${name} matches its declaration`, async () => {
    assertNone(declared.faultsOfResult(await call(), declared.result(name), name));
  });
}

test("no function is left out", () => {
  const functions = [...declared.byName.values()].filter(({ signatures }) => signatures).map(({ name }) => name);
  assert.deepEqual(functions.sort(), Object.keys(FUNCTIONS).sort());
});

test("the sandbox and the results of its control match their declarations", async () => {
  assertNone(declaredSandbox.faultsOf(sandbox, "Sandbox"));
  const results = declaredSandbox.results("SandboxControl");
  assert.deepEqual([...results.keys()].sort(), Object.keys(CONTROL).sort());
  for (const [name, type] of results) assertNone(declaredSandbox.faultsOfResult(await CONTROL[name](), type, name));
});

test("the events of every step match their declaration", async () => {
  await sandbox.control.addFault({ endpoint: "practice", status: 503 });
  await client.practiceConfiguration();
  await sandbox.control.expireToken();
  await client.practiceConfiguration();
  await client.getOrder("00000000-0000-4000-8000-000000000000").catch(() => {});
  await client.getOrder(order.rxId, { signal: AbortSignal.abort() }).catch(() => {});
  spoil = async (response) => new Response((await response.text()).replace(/"LabId":[^,}]*/, '"LabId":""'));
  await client.getOrder(order.rxId).finally(() => {
    spoil = (response) => response;
  });
  const types = new Set(events.map(({ type }) => type));
  assert.deepEqual([...types].sort(), [
    ...["cancelled", "failure", "refresh", "request", "response", "retry", "unexpected-value", "wait"],
  ]);
  for (const event of events) assertNone(declared.faultsOf(event, "ClientEvent"));
});

test("the progress of a download matches its declaration", async () => {
  await (await CALLS.downloadScan()).arrayBuffer();
  assert.deepEqual([...new Set(progress.map(({ state }) => state))], ["waiting", "downloading", "done"]);
  for (const step of progress) assertNone(declared.faultsOf(step, "DownloadProgress"));
});

test("errors match their declaration, with or without a response", async () => {
  const failures = [() => client.createScanRequest({}), () => client.getOrder("5d0f2c4e-9a1b-4c3d-8e7f-60718293a4b5")];
  const everybody = await collect(client.patients());
  const shared = everybody.find(({ chartNumber }, at) => {
    return chartNumber && everybody.some((other, place) => place !== at && other.chartNumber === chartNumber);
  });
  failures.push(() => client.updatePatientByChartNumber({ chartNumber: shared.chartNumber, firstName: "Changed" }));
  for (const fault of [{ reset: true }, { status: 429, retryAfterSeconds: 61 }]) {
    failures.push(async () => {
      await sandbox.control.addFault({ times: Infinity, ...fault });
      return client.practiceConfiguration().finally(() => sandbox.control.clearFaults());
    });
  }
  const errors = [];
  for (const fails of failures) errors.push(await rejection(fails));
  assert.deepEqual(
    errors.map(({ kind }) => kind),
    ["invalid-argument", "not-found", "conflict", "network", "rate-limited"],
  );
  for (const error of errors) assertNone(declared.faultsOf(error, "DpmsError"));
});

test("every field of a response has a value in some test, so that none is null by mistake", () => {
  assert.deepEqual(declared.unfilled.sort(), NEVER_FILLED);
});

test("the check itself can fail: each way to break a declaration is found and named", () => {
  const { rxId, ...nameless } = order;
  const [prep, link] = [
    { adaId: 1, unitTypeId: 2, unitTypeName: "Crown" },
    { ...order.links, scan: 7 },
  ];
  for (const [broken, fault] of [
    [nameless, "Order.rxId is missing"],
    [{ ...order, RxId: rxId }, "Order has undeclared keys: RxId"],
    [{ ...order, orderId: null }, "Order.orderId is not number: null"],
    [{ ...order, status: undefined }, "Order.status is not "],
    [{ ...order, preps: [prep] }, "Order.preps[0].bridgeId is missing"],
    [{ ...order, links: link }, "Order.links.scan is not string: 7"],
  ]) {
    const [first] = declared.faultsOf(broken, "Order");
    assert.ok(first?.startsWith(fault), `${first} instead of ${fault}`);
  }
  assert.equal(
    declared.faultsOf({ ...order, status: "Anything" }, "Order").length,
    0,
    "an open union accepts any string",
  );
});
