// Failures of the edge function itself: storage that fails, a core that traps. Nothing is acknowledged that is not stored, and
// the next request works.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import binaryen from "binaryen";
import { eventually, startEdge } from "../support/edge.mjs";
import { startOrdersService } from "../support/orders-service.mjs";
import { ROOT, test } from "../support/test.mjs";
import { RX_ID, guid } from "../support/wire.mjs";

/** Returns the package's module, changed so that an instance's `step` traps from its `calls`th call on. */
function trapping(calls) {
  const { i32, none } = binaryen;
  const module = binaryen.readBinary(readFileSync(join(ROOT, "pkg/wasm/webhook/itero_dpms_bg.wasm")));
  // Not all features: engines lag behind with some of their encodings.
  const { BulkMemory, Multivalue, MutableGlobals, NontrappingFPToInt, ReferenceTypes, SignExt } = binaryen.Features;
  module.setFeatures(BulkMemory | Multivalue | MutableGlobals | NontrappingFPToInt | ReferenceTypes | SignExt);
  const step = binaryen.getExportInfo(module.getExport("step")).value;
  const { params, results } = binaryen.getFunctionInfo(module.getFunction(step));
  const inputs = binaryen.expandType(params).map((type, at) => module.local.get(at, type));
  module.addGlobal("calls", i32, true, module.i32.const(0));
  const count = module.i32.add(module.global.get("calls", i32), module.i32.const(1));
  const isTime = module.i32.ge_u(module.global.get("calls", i32), module.i32.const(calls));
  const body = module.block(
    null,
    [
      module.global.set("calls", count),
      module.if(isTime, module.unreachable(), module.nop(none)),
      module.call(step, inputs, results),
    ],
    results,
  );
  module.addFunction("trapping", params, results, [], body);
  module.removeExport("step");
  module.addFunctionExport("trapping", "step");
  return module.emitBinary();
}

test("storage that fails is 503 with Retry-After, nothing is acknowledged, and the next request works", async (t) => {
  const edge = await startEdge(t, { testWorker: true });
  assert.equal((await edge.notify(guid(1), 77)).status, 202);
  await edge.control(77, "fail");
  for (let round = 0; round < 3; round++) {
    const response = await edge.notify(guid(2), 77);
    assert.equal(response.status, 503);
    assert.match(response.headers.get("retry-after"), /^\d+$/);
    assert.equal(response.headers.get("content-type"), "application/problem+json");
    assert.doesNotMatch(await response.text(), /SQLITE|disk/);
  }
  assert.equal((await edge.admin("GET", "77")).status, 503);
  assert.equal((await edge.notify(guid(2), 78)).status, 202, "other practices are not affected");
  await edge.control(77, "heal");
  assert.equal((await edge.state(77)).parked, 1);
  assert.equal((await edge.notify(guid(2), 77)).status, 202);
  assert.equal((await edge.state(77)).parked, 2);
});

test("an alarm is retried after a storage failure, and then everything is reported", async (t) => {
  const edge = await startEdge(t, { testWorker: true });
  const service = await startOrdersService(t);
  for (let n = 0; n < 3; n++) {
    service.setOrder(77, guid(n));
    await edge.notify(guid(n), 77);
  }
  let failed;
  service.intercept = async () => void (await (failed ??= edge.control(77, "fail")));
  await edge.register(77, service.registration(77));
  await eventually(edge.output, (output) => output.includes("alarm.failed"));
  service.intercept = () => undefined;
  await edge.control(77, "heal");
  await edge.advance(77, 60_000);
  await edge.stateWhen(77, ({ pending }) => pending === 0);
  assert.equal((await edge.events(77)).length, 3);
});

test("a trap fails one request, and the next gets a fresh instance", async (t) => {
  const edge = await startEdge(t, { wasm: trapping(3) });
  const statuses = [];
  // By its own URL a practice's notification is one step.
  const { path } = await (await edge.admin("GET", "77/callback")).json();
  const notify = (n) =>
    fetch(edge.url + path, { method: "POST", body: JSON.stringify({ Id: guid(n), CompanyId: 77 }) });
  for (let n = 0; n < 9; n++) statuses.push((await notify(n)).status);
  // The first call is that of the object's beginning.
  assert.deepEqual(statuses, [202, 503, 202, 202, 503, 202, 202, 503, 202]);
  const kept = await startEdge(t, { storage: edge.storage });
  assert.equal((await kept.state(77)).parked, 6);
});

test("a core that traps again and again still reports everything, once", async (t) => {
  const edge = await startEdge(t, { testWorker: true, wasm: trapping(7) });
  const service = await startOrdersService(t);
  const until = async (attempt) => {
    for (let tries = 0; tries < 50; tries++) {
      const result = await attempt().catch(() => null);
      if (result) return result;
    }
    return assert.fail("50 attempts failed");
  };
  await until(() => edge.register(77, service.registration(77)));
  // It traps in every kind of step, sooner or later.
  const isDone = () => ["answer", "alarm", "request"].every((step) => edge.output().includes(`"${step}.failed"`));
  let sent = 0;
  for (; sent < 20 || (sent < 500 && !isDone()); sent++) {
    const n = sent;
    service.setOrder(77, guid(n));
    await until(async () => (await edge.notify(guid(n), 77)).status === 202);
  }
  for (let minutes = 0; minutes < 60; minutes++) await edge.advance(77, 60_000);
  const events = await until(() => edge.events(77));
  assert.deepEqual(
    events.map(({ rxId }) => rxId).sort(),
    Array.from({ length: sent }, (_, n) => guid(n)),
  );
  assert.ok(isDone(), `${sent} notifications`);
});

test("a Worker whose practices are unreachable is 503, and its log does not hold the secret", async (t) => {
  const { default: worker } = await import("itero-dpms/webhook");
  const logged = t.mock.method(console, "error", () => {});
  const env = {
    CALLBACK_SECRETS: "hidden",
    PRACTICES: {
      idFromName: (name) => name,
      get: () => ({ ask: () => Promise.reject(new Error(`overloaded: ${RX_ID}`)) }),
    },
  };
  const body = JSON.stringify({ Id: RX_ID, CompanyId: 77 });
  const response = await worker.fetch(new Request("https://a.example/callback/hidden", { method: "POST", body }), env);
  assert.equal(response.status, 503);
  assert.deepEqual(
    logged.mock.calls.map(({ arguments: [line] }) => JSON.parse(line)),
    [{ event: "request.failed", error: "Error" }],
  );
});

test("a call that cannot even begin has an outcome, and is made again", async (t) => {
  const edge = await startEdge(t, { testWorker: true });
  const service = await startOrdersService(t);
  await edge.register(77, service.registration(77));
  await edge.stateWhen(77, ({ lastReconcile }) => lastReconcile !== null);
  service.setOrder(77, RX_ID);
  await edge.control(77, "timers?left=1"); // for the body of the callback
  assert.equal((await edge.notify(RX_ID, 77)).status, 202);
  await eventually(edge.output, (output) => /"order\.later".*"crashed"/.test(output));
  await edge.control(77, "timers?left=1000");
  assert.equal((await edge.eventsOf(77, 1))[0].rxId, RX_ID);
});
