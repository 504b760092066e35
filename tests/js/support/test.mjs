// node:test with a time limit on every test, and helpers that all suites share.
import { test as nodeTest } from "node:test";
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

/** The repository's root folder. */
export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * Registers a test that fails instead of hanging.
 * @param {string} name the behaviour the test states
 * @param {{ timeout?: number } | ((t: import("node:test").TestContext) => unknown)} options
 * @param {(t: import("node:test").TestContext) => unknown} [body]
 */
export function test(name, options, body) {
  const [settings, run] = typeof options === "function" ? [{}, options] : [options, body];
  return nodeTest(name, { timeout: DEFAULT_TIMEOUT_MS, ...settings }, run);
}

/**
 * Returns the error that a promise rejects with. Fails if it resolves or is still pending after `ms`.
 * @param {Promise<unknown> | (() => Promise<unknown>)} work
 * @returns {Promise<any>}
 */
export async function rejection(work, ms = 20_000) {
  const outcome = await settled(work, ms);
  assert.ok("reason" in outcome, `expected a rejection, got ${typeof outcome.value}`);
  return outcome.reason;
}

/**
 * @param {Promise<unknown> | (() => unknown)} work
 * @returns {Promise<{ value: any } | { reason: any }>}
 */
export async function settled(work, ms = 20_000) {
  const promise = typeof work === "function" ? (async () => work())() : work;
  return within(
    promise.then(
      (value) => ({ value }),
      (reason) => ({ reason }),
    ),
    ms,
    "the call to settle",
  );
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {number} ms
 * @param {string} what
 * @returns {Promise<T>}
 */
export function within(promise, ms, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${ms} ms for ${what}`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Returns a promise with its `resolve` and `reject`. */
export function deferred() {
  let resolve, reject;
  const promise = new Promise((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/**
 * Returns a port on 127.0.0.1 on which nothing listens. The system gives no connection and no server on port 0 a port below 32768, so
 * nothing else takes it a moment later, unless it picks the same at random.
 */
export async function closedPort() {
  for (let tries = 0; tries < 100; tries++) {
    // Not 10080, which browsers refuse.
    const server = createServer().listen(randomInt(11_000, 32_768), "127.0.0.1");
    try {
      await once(server, "listening");
    } catch (error) {
      if (error.code === "EADDRINUSE") continue;
      throw error;
    }
    const { port } = server.address();
    await new Promise((done) => server.close(done));
    return port;
  }
  throw new Error("no free port was found");
}

/** @template T @param {AsyncIterable<T>} iterable @returns {Promise<T[]>} */
export async function collect(iterable, limit = 10_000) {
  const all = [];
  for await (const item of iterable) {
    all.push(item);
    assert.ok(all.length <= limit, `more than ${limit} items: the iteration does not end`);
  }
  return all;
}
