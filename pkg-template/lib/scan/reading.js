// Reads a source and sends it to an engine, no faster than the engine can process it.

import { connect } from "./connection.js";
import { ScanError } from "./error.js";
import { PIECE, inputOf } from "./source.js";
import { Progress } from "./progress.js";

/** How many bytes may be sent ahead of the engine. */
const BEHIND = 4 << 20;

/**
 * @typedef {object} Platform
 * @property {() => Promise<WebAssembly.Module>} module
 * @property {(() => Worker) | undefined} worker
 *
 * @typedef {object} Listener
 * @property {(report: import("./engine.js").Report) => void} report
 * @property {(reason: unknown) => void} ended the reading was ended, or failed
 */

export class Reading {
  #settings;
  #listener;
  #progress;
  #controller = new AbortController();
  /** @type {import("./connection.js").Connection | undefined} */
  #connection;
  /** @type {import("./source.js").Input | undefined} */
  #input;
  #receivedBytes = 0;
  #behind = 0;
  /** @type {(() => void) | undefined} */
  #caughtUp;

  /** @param {import("./options.js").Settings} settings @param {Listener} listener */
  constructor(settings, listener) {
    this.#settings = settings;
    this.#listener = listener;
    this.#progress = new Progress(settings.onProgress, (error) => this.end(error));
    const { signal } = settings;
    const aborted = () => this.end(signal?.reason);
    signal?.addEventListener("abort", aborted, { once: true });
    this.#controller.signal.addEventListener("abort", () => signal?.removeEventListener("abort", aborted));
  }

  /** Never rejects. @param {unknown} source @param {"archive" | "mesh"} what @param {string} call @param {Platform} platform */
  async run(source, what, call, platform) {
    try {
      this.#input = inputOf(source, call);
      const { signal, limits, meshes, preview, keep } = this.#settings;
      if (signal?.aborted) throw signal.reason;
      const module = await this.#unlessEnded(platform.module());
      /** @type {import("./engine.js").Start} */
      const start = { type: "start", module, what, limits, meshes, preview, keep };
      const connection = await this.#connect(start, platform);
      await this.#pump(this.#input, connection);
    } catch (error) {
      this.end(error);
    }
  }

  /** @param {import("./engine.js").Request} request */
  send(request) {
    this.#connection?.send(request);
  }

  /** Ends the download and the engine. Only the first call counts. @param {unknown} reason */
  end(reason) {
    if (this.#controller.signal.aborted) return;
    this.#controller.abort(reason);
    this.#progress.stop();
    this.#input?.cancel(reason);
    this.#connection?.close();
    this.#listener.ended(reason);
  }

  /** Ends the engine, which is not needed any more. */
  release() {
    this.#connection?.close();
    this.#connection = undefined;
  }

  /** @param {import("./engine.js").Start} start @param {Platform} platform */
  async #connect(start, platform) {
    const connecting = connect(
      start,
      this.#settings.worker,
      platform.worker,
      { report: (report) => this.#reported(report), failed: (error) => this.end(error) },
      this.#controller.signal,
    );
    const connection = await connecting;
    if (this.#controller.signal.aborted) connection.close();
    this.#controller.signal.throwIfAborted();
    this.#connection = connection;
    return connection;
  }

  /** @param {import("./source.js").Input} input @param {import("./connection.js").Connection} connection */
  async #pump(input, { transfers }) {
    const isOwned = transfers || this.#settings.keep; // what is kept must not change any more
    for (;;) {
      if (this.#behind > BEHIND - PIECE) {
        /** @type {Promise<void>} */
        const caughtUp = new Promise((resolve) => (this.#caughtUp = resolve));
        await this.#unlessEnded(caughtUp);
      }
      const piece = await this.#unlessEnded(input.read(isOwned));
      if (piece === null) break;
      this.#receivedBytes += piece.length;
      this.#behind += piece.length;
      if (this.#receivedBytes > this.#settings.limits.totalBytes) {
        throw new ScanError("too-large", "The download is larger than limits.totalBytes allows", null);
      }
      this.#connection?.send({ type: "chunk", bytes: piece }, [piece.buffer]);
      await this.#unlessEnded(this.#connection?.turn());
    }
    this.send({ type: "end" });
  }

  /** @param {import("./engine.js").Report} report */
  #reported(report) {
    if (this.#controller.signal.aborted) return;
    if (report.type === "read") {
      this.#behind -= report.bytes;
      if (this.#behind <= BEHIND - PIECE) this.#caughtUp?.();
      const { file, triangles } = report;
      const totalBytes = this.#input?.totalBytes ?? null;
      this.#progress.at({ receivedBytes: this.#receivedBytes, totalBytes, file, triangles });
    } else this.#listener.report(report);
  }

  /**
   * @template T
   * @param {T | Promise<T>} promise
   * @returns {Promise<T>}
   */
  #unlessEnded(promise) {
    const { signal } = this.#controller;
    return new Promise((resolve, reject) => {
      const ended = () => reject(signal.reason);
      if (signal.aborted) ended();
      signal.addEventListener("abort", ended, { once: true });
      Promise.resolve(promise)
        .then(resolve, reject)
        .finally(() => signal.removeEventListener("abort", ended));
    });
  }
}
