// The sandbox's control operations over HTTP, and injected faults on a real connection.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { startReceiver } from "../support/callback-receiver.mjs";
import { startSandbox } from "../support/sandbox-cli.mjs";
import { callsOf } from "../support/sandbox-practice.mjs";
import { rejection, settled, test, within } from "../support/test.mjs";

const ANY = "/practice-configuration";

async function started(t, args) {
  const sandbox = await startSandbox(args);
  t.after(() => sandbox.stop());
  const practice = { accessToken: sandbox.accessToken };
  return { sandbox, practice, ...callsOf(sandbox.baseUrl, practice) };
}

/** Polls until the result is truthy and returns it. */
async function until(poll) {
  for (let result = await poll(); ; result = await poll()) {
    if (result) return result;
    await new Promise((wait) => setTimeout(wait, 10));
  }
}

test("every operation is a POST with JSON and returns JSON", async (t) => {
  const { sandbox, practice, get, push, firstOrder, statusOf } = await started(t);
  const control = sandbox.control;
  const rxId = await push();
  const scanned = await control("complete-scan", { rxId });
  assert.equal(scanned.rxId, rxId);
  assert.deepEqual(await control("order-status", { rxId, status: "Scanning" }), {});
  assert.equal(await statusOf(rxId), "Scanning");

  const { OrderId } = await firstOrder();
  const { captureId, fileUrl } = await control("screen-capture", { orderId: OrderId });
  assert.ok(
    fileUrl.startsWith(`${sandbox.baseUrl}/api/third-party/v2/order/${OrderId}/`) && fileUrl.endsWith(captureId),
  );

  assert.deepEqual(await control("export-settings", { fileType: "ply", triangles: 10_000 }), {});
  assert.deepEqual(await control("clock", { advanceMs: 100 * 86_400_000 }), {});
  assert.deepEqual((await (await get("/latest-files")).json()).Data.OrderFileUrls, []);

  assert.deepEqual(await control("fault", { status: 500, times: null }), {});
  assert.deepEqual([(await get(ANY)).status, (await get(ANY)).status], [500, 500]);
  assert.deepEqual(await control("clear-faults", {}), {});
  assert.equal((await get(ANY)).status, 200);

  const { accessToken } = await control("expire-token", {});
  assert.equal((await get(ANY)).status, 401);
  practice.accessToken = accessToken;
  assert.equal((await get(ANY)).status, 200);
  assert.deepEqual(await control("callback-url", { url: null }), {}, "the first token still controls the sandbox");
});

test("a wrong operation is refused with a status and a message", async (t) => {
  const { sandbox } = await started(t);
  for (const [operation, body, status] of [
    ["order-status", { rxId: "x", status: "Completed" }, 400],
    ["callback-url", { url: "nowhere" }, 400],
    ["fault", {}, 400],
    ["clock", { advanceMs: -1 }, 400],
    ["screen-capture", { orderId: 1 }, 404],
    ["no-such-operation", {}, 404],
  ]) {
    const response = await sandbox.operate(operation, body);
    assert.equal(response.status, status, operation);
    assert.equal(typeof (await response.json()).Message, "string");
  }
});

test("--callback-url sets the receiver of callbacks", async (t) => {
  const receiver = await startReceiver(t);
  const { sandbox, push } = await started(t, ["--callback-url", receiver.url]);
  const rxId = await push();
  await sandbox.completeScan(rxId);
  await within(
    until(() => receiver.received.length > 0),
    10_000,
    "the callback",
  );
  assert.deepEqual(JSON.parse(receiver.received[0].body), { Id: rxId, CompanyId: "90360" });
});

test("a receiver that never responds does not keep the server from exiting", async (t) => {
  const receiver = await startReceiver(t, () => {});
  const sandbox = await startSandbox(["--callback-url", receiver.url]);
  const { push } = callsOf(sandbox.baseUrl, sandbox);
  await sandbox.completeScan(await push());
  await within(
    until(() => receiver.received.length > 0),
    10_000,
    "the callback",
  );
  const { code, stderr } = await sandbox.stop();
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
});

test("--no-patient-updates disables the patient calls", async (t) => {
  const { get } = await started(t, ["--no-patient-updates"]);
  assert.equal((await get("/v3/patient/search")).status, 403);
});

test("a reset breaks the connection", async (t) => {
  const { sandbox, get } = await started(t);
  await sandbox.control("fault", { reset: true });
  const error = await rejection(get(ANY));
  assert.equal(error.cause?.code, "ECONNRESET");
  assert.equal((await get(ANY)).status, 200);
});

test("a truncated response ends before its Content-Length", async (t) => {
  const { sandbox, get, firstOrder } = await started(t);
  const { OrderId } = await firstOrder();
  for (const [path, bytes] of [
    [ANY, 0],
    [ANY, 10],
    [`/order/${OrderId}/download/IDE`, 1_000_000],
  ]) {
    await sandbox.control("fault", { truncateAfterBytes: bytes });
    const response = await get(path);
    assert.equal(response.status, 200);
    assert.ok(Number(response.headers.get("content-length")) > bytes);
    let received = 0;
    const reader = response.body.getReader();
    const outcome = await settled(async () => {
      for (let part = await reader.read(); !part.done; part = await reader.read()) received += part.value.length;
    });
    assert.ok("reason" in outcome, "the body's stream errors");
    assert.equal(received, bytes);
  }
});

test("a delayed response arrives late, and a client that disconnects meanwhile causes no error", async (t) => {
  const { sandbox, get } = await started(t);
  await sandbox.control("fault", { delayMs: 200 });
  const start = performance.now();
  assert.equal((await get(ANY)).status, 200);
  assert.ok(performance.now() - start >= 190);

  await sandbox.control("fault", { delayMs: 60_000 });
  const socket = connect(Number(new URL(sandbox.baseUrl).port), "127.0.0.1");
  socket.write("GET /api/third-party/v2/latest-files HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await new Promise((wait) => setTimeout(wait, 50));
  socket.destroy();
  assert.equal((await get(ANY)).status, 200);
  const { code, stderr } = await sandbox.stop();
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
});

test("an invalid callback URL exits with an error message", async () => {
  const error = await rejection(startSandbox(["--callback-url", "nowhere"]));
  assert.match(error.message, /code 2 .*setCallbackUrl: url must be/s);
});
