// The connection to an engine, in a worker or in this thread.

import { Engine } from "./engine.js";
import { workerError } from "./error.js";

/** How long a worker may take to report that it is ready. */
const START_MS = 15_000;

/** How long this thread may be busy before others get their turn. */
const TURN_MS = 12;

/**
 * Runs a function after the tasks that are already queued. A timer takes a millisecond or more, so only browsers use one.
 * @type {(run: () => void) => unknown}
 */
const soon = globalThis.setImmediate ?? setTimeout;

/**
 * @typedef {import("./engine.js").Request} Request
 * @typedef {import("./engine.js").Report} Report
 *
 * @typedef {object} Connection
 * @property {(request: Request, transfer?: ArrayBuffer[]) => void} send
 * @property {boolean} transfers whether what is sent is transferred, so that it can no longer be used here
 * @property {() => Promise<void> | undefined} turn yields to other tasks, if that is due
 * @property {() => void} close
 *
 * @typedef {object} Listener
 * @property {(report: Report) => void} report
 * @property {(error: Error) => void} failed the worker ended by itself
 */

/**
 * Starts an engine, with its start message, where the settings say. If the caller passes no worker, the package's is used;
 * if that does not start, because a bundler does not ship its file or a policy forbids it, the scan is read in this thread,
 * which slows the page down but works. A worker that the caller passes has to start.
 * @param {import("./engine.js").Start} start
 * @param {false | (() => Worker) | undefined} chosen
 * @param {(() => Worker) | undefined} usual
 * @param {Listener} listener
 * @param {AbortSignal} aborted
 * @returns {Promise<Connection>}
 */
export async function connect(start, chosen, usual, listener, aborted) {
  if (chosen) return inWorker(start, chosen, listener, aborted);
  if (chosen === undefined && usual !== undefined) {
    try {
      return await inWorker(start, usual, listener, aborted);
    } catch {
      if (aborted.aborted) throw aborted.reason;
    }
  }
  return here(start, listener);
}

/**
 * @param {import("./engine.js").Start} start
 * @param {() => Worker} create
 * @param {Listener} listener
 * @param {AbortSignal} aborted
 * @returns {Promise<Connection>}
 */
async function inWorker(start, create, listener, aborted) {
  /** @type {Worker} */
  let worker;
  try {
    worker = create();
  } catch (cause) {
    throw workerError("The worker could not be started", cause);
  }
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let isReady = false;
  try {
    await new Promise((resolve, reject) => {
      /** @param {string} message @param {unknown} [cause] */
      const fail = (message, cause) => {
        const error = workerError(message, cause);
        if (isReady) listener.failed(error);
        else reject(error);
      };
      timer = setTimeout(fail, START_MS, "The worker did not start in time");
      aborted.addEventListener("abort", () => reject(aborted.reason), { once: true });
      worker.addEventListener("error", (event) => {
        event.preventDefault?.();
        fail(isReady ? "The worker failed" : "The worker did not start");
      });
      worker.addEventListener("messageerror", () => fail("The worker sent what cannot be read"));
      worker.addEventListener("message", ({ data }) => {
        if (isReady) listener.report(data);
        else if (data?.type === "ready") {
          isReady = true;
          resolve(undefined);
        } else fail("The worker did not start", data?.message);
      });
      worker.postMessage(start);
    });
  } catch (error) {
    worker?.terminate?.();
    throw error instanceof Error && error.name !== "ScanError" && !aborted.aborted
      ? workerError("The worker could not be started", error)
      : error;
  } finally {
    clearTimeout(timer);
  }
  return {
    send: (request, transfer = []) => worker.postMessage(request, transfer),
    transfers: true,
    turn: () => undefined,
    close: () => worker.terminate(),
  };
}

/** @param {import("./engine.js").Start} start @param {Listener} listener @returns {Connection} */
function here(start, listener) {
  let isReady = false;
  const engine = new Engine((report) => {
    if (isReady) listener.report(report);
    else if (report.type === "unready") throw workerError("The WebAssembly module did not start", report.message);
  });
  engine.handle(start);
  isReady = true;
  let turnEnds = Date.now() + TURN_MS;
  return {
    send: (request) => engine.handle(request),
    transfers: false,
    turn() {
      if (Date.now() < turnEnds) return undefined;
      return new Promise((resolve) => soon(() => resolve(undefined))).then(() => {
        turnEnds = Date.now() + TURN_MS;
      });
    },
    close: () => engine.close(),
  };
}
