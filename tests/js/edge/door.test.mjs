// What senders do with bodies: lengths that lie, bodies without an end, senders that stop or hang up halfway. Whoever has no
// secret gets nothing read, and whoever has one gets no more than a notification read.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { createReceiver } from "itero-dpms/webhook";
import { SECRET, eventually, startEdge } from "../support/edge.mjs";
import { test, within } from "../support/test.mjs";
import { RX_ID } from "../support/wire.mjs";

const LIMIT = 16 * 1024;
const NOTIFICATION = JSON.stringify({ Id: RX_ID, CompanyId: 77 });

/** A body without an end, and how many of its bytes were taken. */
function endless() {
  const taken = { bytes: 0 };
  const stream = new ReadableStream({
    pull(controller) {
      taken.bytes += 1024;
      controller.enqueue(new Uint8Array(1024).fill(0x20));
    },
  });
  return { stream, taken };
}

const receiver = () => createReceiver({ callbackSecrets: SECRET, store() {} });
const post = (secret, body, headers = {}) =>
  new Request(`https://portal.example/callback/${secret}`, { method: "POST", body, headers, duplex: "half" });

/** Sends bytes over a connection of its own; the status of the response to them. */
async function send(t, edge, ...parts) {
  const { hostname, port } = new URL(edge.url);
  const socket = connect(Number(port), hostname);
  t.after(() => socket.destroy());
  socket.on("error", () => {});
  for (const part of parts) socket.write(part);
  const [head] = await within(once(socket, "data"), 5_000, "a response");
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(head.toString())?.[1]);
}

const head = (secret, ...headers) =>
  [`POST /callback/${secret} HTTP/1.1`, "Host: edge", ...headers, "", ""].join("\r\n");

for (const length of ["5", "1024", undefined]) {
  const headers = length === undefined ? {} : { "Content-Length": length };

  test(`without the secret nothing of a body is read, if its length is said to be ${length}`, async () => {
    const { stream, taken } = endless();
    const response = await within(receiver()(post("wrong", stream, headers)), 5_000, "a response");
    assert.equal(response.status, 404);
    assert.ok(taken.bytes <= 1024, `${taken.bytes} bytes are taken; a stream itself takes one piece in advance`);
  });

  test(`with the secret no more than the limit is read, if a body's length is said to be ${length}`, async () => {
    const { stream, taken } = endless();
    const response = await within(receiver()(post(SECRET, stream, headers)), 5_000, "a response");
    assert.equal(response.status, 413);
    assert.ok(taken.bytes <= LIMIT + 2048, `${taken.bytes} bytes are taken`);
  });
}

test("a length that no body can have is 413 with the secret and 404 without", async (t) => {
  const edge = await startEdge(t);
  for (const length of ["16385", "9223372036854775808", "18446744073709551616", "1".repeat(400)]) {
    const status = (secret) =>
      receiver()(post(secret, NOTIFICATION, { "Content-Length": length })).then((r) => r.status);
    assert.deepEqual([await status(SECRET), await status("wrong")], [413, 404], length);
  }
  // The engine itself refuses those that are longer.
  assert.equal(await send(t, edge, head(SECRET, "Content-Length: 9223372036854775807")), 413);
  assert.equal(await send(t, edge, head("wrong", "Content-Length: 9223372036854775807")), 404);
  assert.doesNotMatch(edge.output(), /request\.failed/);
});

test("under workerd, who has no secret gets a response although the body has no end", async (t) => {
  const edge = await startEdge(t);
  const chunk = `400\r\n${" ".repeat(1024)}\r\n`;
  assert.equal(await send(t, edge, head("wrong", "Transfer-Encoding: chunked"), chunk), 404);
  assert.equal(await send(t, edge, head("wrong", "Content-Length: 900"), "{"), 404);
  assert.equal(await send(t, edge, head(SECRET, "Transfer-Encoding: chunked"), chunk.repeat(17)), 413);
});

test("a body that stops halfway is 408 after a while, and nobody is alerted", async (t) => {
  const edge = await startEdge(t, { testWorker: true });
  assert.equal(await send(t, edge, head(SECRET, "Content-Length: 90"), NOTIFICATION.slice(0, 20)), 408);
  assert.doesNotMatch(edge.output(), /request\.failed/);
});

test("a sender that hangs up halfway alerts nobody, and the next one is served", async (t) => {
  const edge = await startEdge(t);
  const { hostname, port } = new URL(edge.url);
  for (let times = 0; times < 5; times++) {
    const socket = connect(Number(port), hostname);
    socket.on("error", () => {});
    await once(socket, "connect");
    await new Promise((done) => socket.write(head(SECRET, "Content-Length: 90") + NOTIFICATION.slice(0, 20), done));
    socket.destroy();
  }
  await eventually(edge.output, (output) => output.includes("request.incomplete"));
  assert.equal((await edge.notify(RX_ID, 77)).status, 202);
  assert.doesNotMatch(edge.output(), /request\.failed|exception/);
});

test("createReceiver replies 408 to a body that breaks off, and stores nothing", async (t) => {
  const logged = t.mock.method(console, "error", () => {});
  t.mock.method(console, "log", () => {});
  const broken = new ReadableStream({ pull: (controller) => controller.error(new Error("reset by peer")) });
  const stored = [];
  const receive = createReceiver({ callbackSecrets: SECRET, store: (callback) => void stored.push(callback) });
  assert.equal((await receive(post(SECRET, broken))).status, 408);
  assert.deepEqual([stored, logged.mock.callCount()], [[], 0]);
});
