// A trap in the sandbox, here for lack of memory, rejects its call: no promise stays unsettled.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { before } from "node:test";
import { withAtMost } from "../support/limited-memory.mjs";
import { openSandbox } from "../support/sandbox-practice.mjs";
import { rejection, settled, test } from "../support/test.mjs";

const MIB = 1024 * 1024;
const ANY = "/practice-configuration";

before(async () => {
  const bytes = await readFile(createRequire(import.meta.url).resolve("itero-dpms/sandbox.wasm"));
  // The first to load the module decides: the sandbox's own loading finds it there.
  const { initSync } = await import(new URL("../../../pkg/wasm/sandbox/itero_dpms.js", import.meta.url).href);
  initSync({ module: new WebAssembly.Module(withAtMost(24 * MIB, bytes)) });
});

test("a body that does not fit is an error, and the next call works", async () => {
  const { sandbox, get } = await openSandbox();
  const url = `${sandbox.endpoints.baseUrl}/api/third-party/v2/scan-request`;
  for (let count = 0; count < 3; count++) {
    const error = await rejection(sandbox.fetch(url, { method: "POST", body: new Uint8Array(32 * MIB) }));
    assert.ok(error instanceof WebAssembly.RuntimeError, `${error}`);
    assert.equal((await get(ANY)).status, 200);
  }
});

test("a practice that runs out of memory rejects this call and every later one", async () => {
  const { sandbox, control, send } = await openSandbox();
  let outcome;
  do {
    const patient = { PatientFirstName: "Ada", PatientLastName: "Beispiel", PatientChartNumber: "T-1" };
    const rx = { CompanyId: 90360, DoctorId: 5201, ...patient, Notes: "x".repeat(MIB) };
    outcome = await settled(send("POST", "/scan-request", rx));
  } while (outcome.value?.status === 200);
  assert.ok(outcome.reason instanceof WebAssembly.RuntimeError, `${outcome.reason ?? outcome.value.status}`);
  const fetched = sandbox.fetch(`${sandbox.endpoints.baseUrl}/api/third-party/v2${ANY}`);
  for (const work of [fetched, control.expireToken(), () => control.snapshot(), () => sandbox.accessToken]) {
    assert.match((await rejection(work)).message, /^The sandbox has failed before/);
  }
  await control.callbacksSettled();
});
