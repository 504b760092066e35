// Polls the futures of calls: a trap in one, which is a bug or a lack of memory, rejects the calls under way instead of being an
// uncaught exception.

import { DpmsError } from "./error.js";

/**
 * A call's future in WebAssembly.
 * @typedef {{ poll(id: number): number, free(): void }} Task
 * @typedef {{ task: Task, resolve: (value: unknown) => void, reject: (reason: unknown) => void }} Call
 */

/** @type {Map<number, Call>} */
const underWay = new Map();
let lastId = 0;

/** The call that is being polled, or 0. */
let polled = 0;

/** What else has to stop when an instance is lost: nothing may enter it again. @type {Set<() => void>} */
export const waits = new Set();

/** The instance, and how many walks over lists need it that are not over: they end with it. */
let instance = { walks: 0 };

/** Whether the instance is broken, and not replaced yet. */
let isBroken = false;

/** Walks that are dropped without being left are over, too. */
const dropped =
  typeof FinalizationRegistry === "undefined"
    ? undefined
    : new FinalizationRegistry((/** @type {() => void} */ end) => end());

/** How much memory an instance may keep, in pages of 64 KiB: 64 MiB. A page of 1024 orders takes a tenth of it. */
const MAX_PAGES = 1_024;

/** How much memory the instance has. WebAssembly's memory never shrinks. */
let memoryPages = 0;

/** Gives the instance back; set by the package's entries. @type {() => void} */
let replaceInstance = () => {};

/** Has `replace` called after a trap, or between calls, when nothing enters the instance any more. @param {() => void} replace */
export function onTrap(replace) {
  replaceInstance = replace;
}

/**
 * Runs a future as a promise; its first step is taken at once.
 * @param {Task} task
 * @returns {Promise<unknown>}
 */
export function run(task) {
  return new Promise((resolve, reject) => {
    const id = ++lastId;
    underWay.set(id, { task, resolve, reject });
    poll(id);
  });
}

/** Runs a future that nobody awaits: if its instance is lost, nobody is told. @param {Task} task */
export function spawn(task) {
  run(task).catch(() => {});
}

/**
 * Has the future that is being polled go on when a promise is settled. Returns what the promise comes to.
 * @param {Promise<unknown>} promise
 */
export function awaited(promise) {
  const id = polled;
  /** @type {{ isOk?: boolean, value?: unknown }} */
  const outcome = {};
  const settles = (/** @type {boolean} */ isOk) => (/** @type {unknown} */ value) => {
    Object.assign(outcome, { isOk, value });
    poll(id);
  };
  promise.then(settles(true), settles(false));
  return outcome;
}

/** Has a future go on, now that what it waited for is there. @param {number} id */
export function wake(id) {
  queueMicrotask(() => poll(id));
}

/** @param {number} id @param {boolean} isOk @param {unknown} value */
export function settle(id, isOk, value) {
  const call = underWay.get(id);
  if (call === undefined) return;
  underWay.delete(id);
  (isOk ? call.resolve : call.reject)(value);
  const own = instance;
  queueMicrotask(() => {
    if (instance !== own) return; // the task is gone with its instance
    call.task.free();
    relieve();
  });
}

/** Counts a walk; returns how to say that it is over. @param {object} walk */
export function beginWalk(walk) {
  const own = instance;
  own.walks += 1;
  let isOver = false;
  const end = () => {
    if (isOver) return;
    isOver = true;
    own.walks -= 1;
    queueMicrotask(relieve);
  };
  dropped?.register(walk, end);
  return end;
}

/** Gives an instance back that has grown, once nothing needs it: its memory would never be less. */
function relieve() {
  if (memoryPages > MAX_PAGES && underWay.size === 0 && instance.walks === 0) lose();
}

/** @param {number} id */
function poll(id) {
  const outer = polled; // a call that is polled may begin another, which is polled at once
  polled = id;
  try {
    if (isBroken) recover();
    memoryPages = underWay.get(id)?.task.poll(id) ?? memoryPages;
  } catch {
    // Whatever callers and platforms throw is caught in Rust. What comes here is a trap, or a stack that is full.
    lose();
  }
  polled = outer;
}

/**
 * Enters WebAssembly. What it throws is thrown, but a trap as a DpmsError, after rejecting the calls under way.
 * @template T
 * @param {() => T} enter
 * @returns {T}
 */
export function supervised(enter) {
  try {
    if (isBroken) recover();
    return enter();
  } catch (error) {
    if (!isBroken && !(error instanceof WebAssembly.RuntimeError) && !isOverflow(error)) throw error;
    lose();
    throw lost();
  }
}

/** Whether the stack is full, as V8 and JavaScriptCore or as Firefox say it: what was under way in WebAssembly stopped half-way. */
const isOverflow = (/** @type {unknown} */ error) =>
  (error instanceof RangeError && error.message.includes("call stack")) ||
  (error instanceof Error && error.name === "InternalError");

/** Gives the instance back; if there is no stack or memory left for that, when the module is entered next. */
function lose() {
  isBroken = true;
  try {
    recover();
  } catch {
    // It is still broken.
  }
}

/** Rejects what is under way and replaces the instance. Goes on where it was if it failed before. */
function recover() {
  for (const stop of waits) stop();
  for (const [id, { reject }] of underWay) {
    underWay.delete(id);
    reject(lost());
  }
  replaceInstance();
  instance = { walks: 0 };
  memoryPages = 0;
  isBroken = false;
}

/** The error of a call whose instance was lost. */
export const lost = () =>
  new DpmsError({
    message:
      "The client failed, for lack of memory or by a bug; the next call uses a fresh instance. Report it if it happens again.",
    kind: "internal",
    status: null,
    method: null,
    endpoint: null,
    attempts: 0,
    retryable: false,
    code: null,
    fieldErrors: [],
    retryAfterMs: null,
  });
