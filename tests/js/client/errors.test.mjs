// The class DpmsError: the fields of every error, its JSON, and how to recognise it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { inspect } from "node:util";
import { DpmsError, createClient, isDpmsError } from "itero-dpms";
import { text } from "../support/faulty-server.mjs";
import { ROOT, rejection, test } from "../support/test.mjs";
import { RX_ID, scanRequest, scripted } from "../support/wire.mjs";

const KINDS = [
  "invalid-argument",
  "network",
  "timeout",
  "unauthorized",
  "bad-request",
  "not-found",
  "conflict",
  "not-ready",
  "rate-limited",
  "server",
  "decode",
  "untrusted-link",
  "truncated",
  "too-large",
];
const FIELDS = ["kind", "status", "method", "endpoint", "attempts", "retryable", "code", "fieldErrors", "retryAfterMs"];

async function notFound(t) {
  const { client } = await scripted(t, () => text(404, ""));
  return rejection(client.getOrder(RX_ID));
}

test("an error is a DpmsError and an Error, and isDpmsError recognises it", async (t) => {
  const error = await notFound(t);
  assert.ok(error instanceof DpmsError);
  assert.ok(error instanceof Error);
  assert.ok(isDpmsError(error));
  assert.equal(error.name, "DpmsError");
  assert.equal(Object.prototype.toString.call(error), "[object Error]");
});

test("every field is present and never undefined", async (t) => {
  const errors = [
    await notFound(t),
    await rejection(() => createClient()),
    await rejection(async () => (await scripted(t, [])).client.createScanRequest(scanRequest({ gender: "x" }))),
  ];
  for (const error of errors) {
    for (const field of FIELDS) {
      assert.ok(field in error, field);
      assert.notEqual(error[field], undefined, field);
    }
    assert.ok(KINDS.includes(error.kind), error.kind);
    assert.ok(Array.isArray(error.fieldErrors));
    assert.equal(error.code, null);
    assert.equal(error.matches, null);
  }
});

test("an error's stack starts with its name and message", async (t) => {
  const error = await notFound(t);
  assert.ok(error.stack.startsWith(`DpmsError: ${error.message}`), error.stack);
});

test("JSON.stringify keeps the fields", async (t) => {
  const shown = JSON.parse(JSON.stringify(await notFound(t)));
  for (const field of FIELDS) assert.ok(field in shown, field);
  assert.equal(shown.kind, "not-found");
});

test("isDpmsError is false for everything else", () => {
  for (const value of [
    null,
    undefined,
    "DpmsError",
    7,
    {},
    new Error("x"),
    new DOMException("x", "AbortError"),
    { name: "DpmsError" },
  ]) {
    assert.equal(isDpmsError(value), false, String(value));
  }
});

test("an error prints as DpmsError, also when nobody catches it and a minifier renamed its class", async (t) => {
  const error = await notFound(t);
  assert.equal(DpmsError.name, "DpmsError");
  assert.equal(error.constructor.name, "DpmsError");
  assert.match(inspect(error), /^DpmsError: GET orders/);
  assert.match(error.stack, /^DpmsError: GET orders/);
  const script = `import { createClient } from "itero-dpms"; await createClient({});`;
  const { stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: ROOT,
    encoding: "utf8",
  });
  assert.match(stderr, /^DpmsError: Nothing was sent/m);
  assert.doesNotMatch(stderr, /\[DpmsError\]/);
});

test("a cause is absent where nothing was thrown", async (t) => {
  const error = await notFound(t);
  assert.equal(error.cause, undefined);
});

test("messages are sentences", async (t) => {
  for (const status of [400, 401, 403, 404, 409, 429, 500]) {
    const { client } = await scripted(t, () => text(status, ""), { retry: false });
    const { message } = await rejection(client.getOrder(RX_ID));
    assert.match(message, /^[A-Z].*\.$/s, message);
    assert.ok(message.length >= 30, message);
  }
});
