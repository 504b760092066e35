// Reads an archive or a mesh file, in a worker or in the caller's thread. Requests and reports are messages.

import { Parts } from "./parts.js";
import { SNIFFED, mediaType } from "./media-type.js";
import { archivedFileOf, faultOf, growingMeshOf, manifestOf, meshDataOf } from "./rows.js";
import {
  ArchiveReader,
  EntryReader,
  MeshFileReader,
  __wbg_reset_state as resetState,
  initSync,
} from "../../wasm/scan/itero_dpms.js";

/**
 * @typedef {import("./rows.js").ArchivedFile} ArchivedFile
 * @typedef {import("./rows.js").Fault} Fault
 * @typedef {import("./rows.js").GrowingMesh} GrowingMesh
 * @typedef {import("./rows.js").MeshData} MeshData
 * @typedef {import("../../types/scan.js").ScanManifest} ScanManifest
 *
 * @typedef {object} Start
 * @property {"start"} type
 * @property {WebAssembly.Module} module
 * @property {"archive" | "mesh"} what
 * @property {import("./options.js").Settings["limits"]} limits
 * @property {import("./options.js").Settings["meshes"]} meshes
 * @property {import("./options.js").Settings["preview"]} preview
 * @property {boolean} keep
 *
 * @typedef {Start | { type: "chunk", bytes: Uint8Array<ArrayBuffer> } | { type: "end" } | { type: "taken" }
 *   | { type: "read", call: number, offset: number } | { type: "stop", call: number }} Request
 *
 * @typedef {{ type: "ready" } | { type: "unready", message: string }
 *   | { type: "read", bytes: number, file: string | null, triangles: number }
 *   | { type: "preview", growing: GrowingMesh }
 *   | { type: "archive", files: ArchivedFile[], manifest: ScanManifest | null }
 *   | { type: "mesh", file: number | null, mesh: MeshData }
 *   | { type: "failed", fault: Fault }
 *   | { type: "ended", zip: Blob | null }
 *   | { type: "content", call: number, content: Blob } | { type: "no-content", call: number, fault: Fault }} Report
 */

/** How many bytes the module gets at once, so that its memory stays small. */
const FED = 1 << 18;

/** How much of a kept zip is read at once. */
const READ = 1 << 20;

/** How much memory an instance may keep when no engine uses it any more. */
const KEPT_MEMORY = 64 << 20;

/** @type {Fault} */
const BROKEN = { kind: "worker", message: "What reads the scan failed" };

/** The number of the module's current instance: a trap leads to a new one. */
let instance = 0;

/** How many engines are at work in this thread. */
let working = 0;

export class Engine {
  #report;
  /** @type {Start | undefined} */
  #start;
  /** @type {ArchiveReader | MeshFileReader | undefined} */
  #reader;
  #instance = -1;
  /** Meshes that were read completely and wait for the central directory, by entry. @type {Map<number, MeshData>} */
  #meshes = new Map();
  #parts = new Parts();
  /** @type {Blob | null} */
  #zip = null;
  #nextPreview = 0;
  /** Whether the last preview was taken. */
  #isTaken = true;
  /** Calls of `read` in progress. @type {Set<number>} */
  #calls = new Set();

  /** @param {(report: Report, transfer: ArrayBuffer[]) => void} report */
  constructor(report) {
    this.#report = report;
  }

  /** @param {Request} request */
  handle(request) {
    switch (request.type) {
      case "start":
        return this.#begin(request);
      case "chunk":
        return this.#chunk(request.bytes);
      case "end":
        return this.#end();
      case "taken":
        this.#isTaken = true;
        return;
      case "read":
        return void this.#read(request.call, request.offset);
      case "stop":
        this.#calls.delete(request.call);
    }
  }

  /** Frees what the engine holds. A worker is terminated instead. */
  close() {
    if (this.#instance === -1) return;
    this.#calls.clear();
    this.#meshes.clear();
    this.#free();
    working -= 1;
    this.#instance = -1;
    if (working === 0 && memoryBytes() > KEPT_MEMORY) renew();
  }

  /** @param {Start} start */
  #begin(start) {
    const { module, what, limits, meshes, preview } = start;
    const { entries, fileBytes, totalBytes, triangles } = limits;
    try {
      initSync({ module });
      const seed = Math.random();
      this.#reader =
        what === "mesh"
          ? new MeshFileReader(fileBytes, triangles, seed)
          : new ArchiveReader(entries, fileBytes, totalBytes, triangles, meshes, preview?.triangles, seed);
    } catch (error) {
      this.#report({ type: "unready", message: String(error) }, []);
      return;
    }
    this.#start = start;
    this.#instance = instance;
    working += 1;
    this.#report({ type: "ready" }, []);
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  #chunk(bytes) {
    if (this.#start?.keep) this.#parts.push(bytes);
    this.#guard(() => {
      for (let at = 0; at < bytes.length; at += FED) this.#reader?.feed(bytes.subarray(at, at + FED));
      const reader = this.#reader;
      if (!(reader instanceof ArchiveReader)) return;
      for (let whole = reader.mesh(); whole !== undefined; whole = reader.mesh()) {
        const [entry, mesh] = whole;
        this.#meshes.set(entry, meshDataOf(mesh));
      }
      this.#preview(reader);
    });
    const file = (this.#reader instanceof ArchiveReader && this.#reader.current()) || null;
    this.#report({ type: "read", bytes: bytes.length, file, triangles: this.#reader?.triangles() ?? 0 }, []);
  }

  /** @param {ArchiveReader} reader */
  #preview(reader) {
    const preview = this.#start?.preview;
    if (!preview || !this.#isTaken || Date.now() < this.#nextPreview) return;
    const row = reader.preview();
    if (row === undefined) return;
    this.#isTaken = false;
    this.#nextPreview = Date.now() + preview.everyMs;
    const growing = growingMeshOf(row);
    this.#report({ type: "preview", growing }, buffersOf(growing.mesh));
  }

  #end() {
    this.#guard(() => {
      const reader = this.#reader;
      this.#reader = undefined; // `finish` frees it
      if (reader instanceof MeshFileReader) this.#give(null, meshDataOf(reader.finish()));
      if (reader instanceof ArchiveReader) this.#giveArchive(reader.finish());
    });
    if (this.#start?.keep) this.#zip = this.#parts.blob("application/zip");
    this.#report({ type: "ended", zip: this.#zip }, []);
  }

  /** @param {ReturnType<ArchiveReader["finish"]>} archive */
  #giveArchive([rows, manifest]) {
    const files = rows.map(archivedFileOf);
    this.#report({ type: "archive", files, manifest: manifest && manifestOf(manifest) }, []);
    for (const [at, file] of files.entries()) {
      const mesh = file.mesh !== null && this.#meshes.get(file.mesh);
      if (mesh) this.#give(at, mesh);
    }
    this.#meshes.clear();
  }

  /** @param {number | null} file @param {MeshData} mesh */
  #give(file, mesh) {
    this.#report({ type: "mesh", file, mesh }, buffersOf(mesh));
  }

  /** @param {number} call @param {number} offset */
  async #read(call, offset) {
    this.#calls.add(call);
    /** @type {EntryReader | undefined} */
    let reader;
    try {
      reader = new EntryReader(this.#start?.limits.fileBytes ?? 0);
      const parts = new Parts();
      let start = new Uint8Array(0);
      for (let at = offset; !reader.isAtEnd(); at += READ) {
        const bytes = new Uint8Array((await this.#zip?.slice(at, at + READ).arrayBuffer()) ?? new ArrayBuffer(0));
        if (!this.#calls.has(call)) return;
        if (bytes.length === 0) throw ["truncated", "The file is not whole"];
        for (let from = 0; from < bytes.length && !reader.isAtEnd(); from += FED) {
          for (const piece of reader.feed(bytes.subarray(from, from + FED))) {
            if (start.length < SNIFFED) start = joined(start, piece.subarray(0, SNIFFED));
            parts.push(/** @type {Uint8Array<ArrayBuffer>} */ (piece));
          }
        }
      }
      this.#report({ type: "content", call, content: parts.blob(mediaType(start)) }, []);
    } catch (error) {
      this.#report({ type: "no-content", call, fault: this.#faultOf(error) }, []);
    } finally {
      this.#calls.delete(call);
      if (this.#instance === instance) reader?.free();
    }
  }

  /** Reports what `step` throws, after which nothing is read any more. @param {() => void} step */
  #guard(step) {
    try {
      step();
    } catch (error) {
      const fault = this.#faultOf(error);
      this.#meshes.clear();
      this.#free();
      this.#report({ type: "failed", fault }, []);
    }
  }

  /** Returns the fault that was thrown. Any other error is a trap: it needs a new instance. @param {unknown} error */
  #faultOf(error) {
    if (Array.isArray(error)) return faultOf(/** @type {import("./rows.js").FaultRow} */ (error));
    if (this.#instance === instance) renew();
    return BROKEN;
  }

  #free() {
    if (this.#instance === instance) this.#reader?.free();
    this.#reader = undefined;
  }
}

function renew() {
  instance += 1;
  resetState();
}

function memoryBytes() {
  // With an instance there already, it only returns that.
  return initSync(/** @type {any} */ (undefined)).memory.buffer.byteLength;
}

/** @param {MeshData} mesh */
function buffersOf({ position, normal, color, uv, index }) {
  return [position, normal, color, uv, index].flatMap((array) =>
    array === null ? [] : [/** @type {ArrayBuffer} */ (array.buffer)],
  );
}

/** @param {Uint8Array} a @param {Uint8Array} b */
function joined(a, b) {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
