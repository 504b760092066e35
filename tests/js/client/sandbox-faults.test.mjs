// Injected faults of the in-process sandbox: its fetch fails as a network's does.
import assert from "node:assert/strict";
import { rejection, settled, test } from "../support/test.mjs";
import { openSandbox } from "../support/sandbox-practice.mjs";

const ANY = "/practice-configuration";

test("a fault with a status fails as many calls as times says, with Retry-After", async () => {
  const { control, get } = await openSandbox();
  await control.addFault({ endpoint: "practice-configuration", status: 503, retryAfterSeconds: 2, times: 2 });
  const responses = [await get(ANY), await get("/latest-files"), await get(ANY), await get(ANY)];
  assert.deepEqual(
    responses.map(({ status, headers }) => [status, headers.get("retry-after")]),
    [
      [503, "2"],
      [200, null],
      [503, "2"],
      [200, null],
    ],
  );
});

test("a fault without a limit lasts until the faults are cleared", async () => {
  const { control, get } = await openSandbox();
  await control.addFault({ status: 500, times: Infinity });
  for (let n = 0; n < 20; n += 1) assert.equal((await get(ANY)).status, 500);
  await control.clearFaults();
  assert.equal((await get(ANY)).status, 200);
});

test("a reset rejects like a broken connection, and the call has no effect unless applied", async () => {
  const { control, get, push } = await openSandbox();
  await control.addFault({ reset: true, method: "POST" });
  const error = await rejection(push());
  assert.equal(error.constructor, TypeError);
  assert.equal(error.cause.code, "ECONNRESET");
  const patients = async () => (await (await get("/v3/patient/search?ChartNumber=CTL-1")).json()).Meta?.Total;
  assert.equal(await patients(), undefined);
  await control.addFault({ reset: true, method: "post", applied: true });
  await rejection(push());
  assert.equal(await patients(), 1);
});

test("a truncated body delivers its bytes, then errors", async () => {
  const { control, get } = await openSandbox();
  const whole = new Uint8Array(await (await get(ANY)).arrayBuffer());
  for (const bytes of [0, 10]) {
    await control.addFault({ truncateAfterBytes: bytes });
    const response = await get(ANY);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-length"), String(whole.length));
    const reader = response.body.getReader();
    const read = [];
    const outcome = await settled(async () => {
      for (let part = await reader.read(); !part.done; part = await reader.read()) read.push(...part.value);
    });
    assert.deepEqual(read, [...whole.subarray(0, bytes)]);
    assert.equal(outcome.reason?.constructor, TypeError);
  }
  await control.addFault({ truncateAfterBytes: whole.length });
  assert.equal((await (await get(ANY)).arrayBuffer()).byteLength, whole.length, "nothing was left to cut");
});

test("a truncated body can be cancelled", async () => {
  const { control, get } = await openSandbox();
  await control.addFault({ truncateAfterBytes: 10 });
  await (await get(ANY)).body.cancel();
});

test("a delayed response arrives late, but the call takes effect at once", async () => {
  const { control, get, push } = await openSandbox();
  await control.addFault({ endpoint: "scan-request", delayMs: 300 });
  const start = performance.now();
  const late = push().then(() => performance.now() - start);
  const found = async () => (await get("/v3/patient/search?ChartNumber=CTL-1")).status === 200;
  while (!(await found())) await new Promise((wait) => setTimeout(wait, 5));
  assert.ok(performance.now() - start < 290, "the patient exists before the response arrives");
  assert.ok((await late) >= 290);
});

test("an abort ends the wait for a delayed response with the signal's reason", async () => {
  const { control, get } = await openSandbox();
  await control.addFault({ delayMs: 60_000 });
  const controller = new AbortController();
  const waiting = get(ANY, { signal: controller.signal });
  setTimeout(() => controller.abort("enough"), 20);
  assert.equal(await rejection(waiting, 5_000), "enough");
});
