// The public class of a scan that is being opened.

import { errorOf } from "./error.js";
import { fileOf, meshOf, previewOf } from "./mesh.js";
import { settingsOf } from "./options.js";
import { Queue } from "./queue.js";
import { Reading } from "./reading.js";

/**
 * @typedef {import("../../types/scan.js").ScanFile} ScanFile
 * @typedef {import("../../types/scan.js").ScanManifest} ScanManifest
 */

export class Scan {
  /** @type {Deferred<readonly ScanFile[]>} */
  #files = new Deferred();
  /** @type {Deferred<ScanManifest | null>} */
  #manifest = new Deferred();
  /** @type {Deferred<Blob>} */
  #zip = new Deferred();
  #meshes = new Queue(() => this.#reading?.send({ type: "taken" }));
  /** The files as the engine knows them, in the order of `files`. @type {import("./rows.js").ArchivedFile[]} */
  #archived = [];
  /** Calls of `read` that wait for the engine. @type {Map<number, { file: ScanFile, content: Deferred<Blob> }>} */
  #reads = new Map();
  #calls = 0;
  /** Why it ended, if it did. @type {{ reason: unknown } | undefined} */
  #end;
  #keeps = true;
  /** @type {Reading | undefined} */
  #reading;

  /** @param {unknown} source @param {unknown} options @param {import("./reading.js").Platform} platform */
  constructor(source, options, platform) {
    try {
      const settings = settingsOf(options, "openScan");
      this.#keeps = settings.keep;
      this.#reading = new Reading(settings, {
        report: (report) => this.#reported(report),
        ended: (reason) => this.#ended(reason),
      });
      void this.#reading.run(source, "archive", "openScan", platform);
    } catch (error) {
      this.#ended(error);
    }
  }

  static {
    const { dispose } = /** @type {{ dispose?: symbol }} */ (Symbol);
    if (dispose !== undefined) Object.defineProperty(this.prototype, dispose, { value: this.prototype.close });
  }

  files() {
    return this.#files.promise;
  }

  manifest() {
    return this.#manifest.promise;
  }

  async zip() {
    if (!this.#keeps) throw new TypeError("zip: the scan was opened with keep: false");
    return this.#zip.promise;
  }

  /** @param {ScanFile | string} wanted @param {{ signal?: AbortSignal | null | undefined } | null} [options] */
  async read(wanted, options) {
    const signal = options?.signal ?? undefined;
    signal?.throwIfAborted();
    if (!this.#keeps) throw new TypeError("read: the scan was opened with keep: false");
    const content = /** @type {Deferred<Blob>} */ (new Deferred());
    const call = ++this.#calls;
    const aborted = () => {
      this.#reading?.send({ type: "stop", call });
      content.reject(signal?.reason);
    };
    signal?.addEventListener("abort", aborted, { once: true });
    try {
      const files = await Promise.race([this.#zip.promise.then(() => this.#files.promise), content.promise]);
      if (files instanceof Blob) return files;
      if (this.#end !== undefined) throw this.#end.reason;
      const at = files.findLastIndex((file) => file === wanted || file.path === wanted || file.name === wanted);
      const [file, archived] = [files[at], this.#archived[at]];
      if (file === undefined || archived === undefined) throw new TypeError("read: the scan has no such file");
      // What is no mesh can be read all the same.
      if (file.error !== null && file.error.kind !== "not-a-mesh") throw file.error;
      this.#reads.set(call, { file, content });
      this.#reading?.send({ type: "read", call, offset: archived.offset });
      return await content.promise;
    } finally {
      this.#reads.delete(call);
      signal?.removeEventListener("abort", aborted);
    }
  }

  close() {
    this.#reading?.end(new DOMException("The scan was closed", "AbortError"));
  }

  /** @returns {AsyncIterator<import("../../types/scan.js").ScanMesh, undefined>} */
  [Symbol.asyncIterator]() {
    let isOver = false;
    return {
      next: () => (isOver ? Promise.resolve({ done: true, value: undefined }) : this.#meshes.next()),
      return: async () => {
        isOver = true;
        return { done: true, value: undefined };
      },
    };
  }

  /** @param {import("./engine.js").Report} report */
  #reported(report) {
    switch (report.type) {
      case "preview":
        return this.#meshes.push(previewOf(report.growing));
      case "archive":
        this.#archived = report.files;
        this.#files.resolve(report.files.map(fileOf));
        this.#manifest.resolve(report.manifest);
        return;
      case "mesh":
        return void this.#give(report.file ?? 0, report.mesh);
      case "failed":
        return this.#failed(errorOf(report.fault, null));
      case "ended":
        if (report.zip !== null) this.#zip.resolve(report.zip);
        void this.#files.promise.then(
          () => this.#meshes.end(),
          () => {},
        );
        if (report.zip === null || this.#archived.length === 0) this.#reading?.release();
        return;
      case "content":
        return this.#reads.get(report.call)?.content.resolve(report.content);
      case "no-content": {
        const read = this.#reads.get(report.call);
        return read?.content.reject(errorOf(report.fault, read.file.path));
      }
    }
  }

  /** @param {number} at @param {import("./rows.js").MeshData} mesh */
  async #give(at, mesh) {
    const file = (await this.#files.promise)[at] ?? null;
    const { role = null, arrangement = null } = this.#archived[at] ?? {};
    this.#meshes.push(meshOf(mesh, { file, complete: true, role, arrangement }));
  }

  /** Handles an archive that cannot be read. If it is kept, `zip` still returns it once it has arrived. @param {Error} error */
  #failed(error) {
    this.#files.reject(error);
    this.#manifest.reject(error);
    this.#meshes.fail(error);
    if (!this.#keeps) this.#reading?.end(error);
  }

  /** @param {unknown} reason */
  #ended(reason) {
    this.#end = { reason };
    for (const { content } of this.#reads.values()) content.reject(reason);
    for (const deferred of [this.#files, this.#manifest, this.#zip]) deferred.reject(reason);
    this.#meshes.fail(reason);
  }
}

/** A promise with its `resolve` and `reject`. A rejection that is not handled is ignored. @template T */
class Deferred {
  /** @type {(value: T) => void} */
  resolve = () => {};
  /** @type {(reason: unknown) => void} */
  reject = () => {};
  /** @type {Promise<T>} */
  promise = new Promise((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  constructor() {
    this.promise.catch(() => {});
  }
}
