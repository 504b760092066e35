/**
 * Opens a scan in the page while it downloads: the zip that `downloadScan` returns, and its STL and PLY files as arrays for
 * a GPU.
 *
 * @module itero-dpms/scan
 */

import type { AbortSignal, Blob, Disposable, ReadableStream, Response, WebAssemblyModule, Worker } from "./platform.js";

/** Where the bytes come from. A stream, or the body of a response, is consumed; bytes in memory are copied where needed. */
export type ScanSource = Response | Blob | ReadableStream | ArrayBuffer | Uint8Array;

/**
 * Opens the zip that `downloadScan` returns, while it arrives. Returns at once; a failure rejects what you await of the scan.
 *
 * @param source the response, or a zip from elsewhere.
 */
export declare function openScan(source: ScanSource, options?: OpenScanOptions | null): Scan;

/**
 * Reads one STL or PLY file. Its content decides which of the two it is.
 *
 * @throws {@link ScanError}, or the error of the source, or the reason of the `signal`.
 */
export declare function readMesh(source: ScanSource, options?: ReadMeshOptions | null): Promise<ScanMesh>;

/** Returns whether a value is a {@link ScanError}, also one of another realm. */
export declare function isScanError(error: unknown): error is ScanError;

/**
 * Loads the WebAssembly module before it is needed, or takes one that a bundler loads in its own way: `itero-dpms/scan.wasm`,
 * compiled. Call it once; after a failure the next call tries again.
 *
 * @param module the compiled module, or a function that returns it. Without it, the package's own file is loaded.
 */
export declare function load(module?: CompiledModule | (() => CompiledModule | Promise<CompiledModule>)): Promise<void>;

/** A compiled module. TypeScript's own `WebAssembly.Module` is an empty type, so a string would be accepted as one. */
export type CompiledModule = WebAssemblyModule;

/** Options of {@link openScan}. */
export interface OpenScanOptions {
  /** Stops the reading and the download at any moment. What is pending rejects with the signal's own reason. */
  signal?: AbortSignal | null | undefined;
  /** Called with the progress, at most 20 times a second. If it throws or rejects, the scan ends with that error. */
  onProgress?: ((progress: ScanProgress) => unknown) | null | undefined;
  /** Which meshes are read. `best`, the default: if an arch comes as STL and as PLY, only the PLY, which has colours. */
  meshes?: "best" | "all" | "none" | null | undefined;
  /** Whether to yield simplified, growing meshes too while a file arrives; `{}` for the defaults. Default false. */
  preview?: PreviewOptions | false | null | undefined;
  /** Whether to keep the zip, which `read` and `zip` need: as a Blob, which browsers may put on disk. Default true. */
  keep?: boolean | null | undefined;
  /** How much an archive may contain. */
  limits?: ScanLimits | null | undefined;
  /**
   * What reads the archive: `false` for this thread, or a function that creates a worker of yours. Default: the package's
   * worker in browsers, if it starts; otherwise this thread.
   */
  worker?: false | (() => Worker) | null | undefined;
}

/** Options of {@link readMesh}. */
export interface ReadMeshOptions {
  /** Stops the reading and the download at any moment. The promise rejects with the signal's own reason. */
  signal?: AbortSignal | null | undefined;
  /** Called with the progress, at most 20 times a second. If it throws or rejects, reading ends with that error. */
  onProgress?: ((progress: ScanProgress) => unknown) | null | undefined;
  /** How large the file may be. */
  limits?: Pick<ScanLimits, "fileBytes" | "triangles"> | null | undefined;
  /**
   * What reads the file: `false` for this thread, or a function that creates a worker of yours. Default: the package's
   * worker in browsers, if it starts; otherwise this thread.
   */
  worker?: false | (() => Worker) | null | undefined;
}

/** How a growing mesh is simplified. */
export interface PreviewOptions {
  /** How many triangles it has at most. Default 30,000. */
  triangles?: number | null | undefined;
  /** The shortest time between two growing meshes, in milliseconds. Default 250. */
  everyMs?: number | null | undefined;
}

/** How much an archive may contain. What exceeds a limit fails with `too-large`. */
export interface ScanLimits {
  /** How many files it has. Default 10,000. */
  entries?: number | null | undefined;
  /** The size of one file, unzipped, in bytes. Default 1 GiB. */
  fileBytes?: number | null | undefined;
  /** The size of all files, unzipped, and that of the zip itself, in bytes. Default 4 GiB. */
  totalBytes?: number | null | undefined;
  /** How many triangles one mesh has. Default 20 million. */
  triangles?: number | null | undefined;
}

/** The progress of a scan. */
export interface ScanProgress {
  /** How many bytes of the source have been received. */
  receivedBytes: number;
  /** How many bytes the source has; `null` if that is not known. */
  totalBytes: number | null;
  /** The path of the file that is arriving; `null` if there is none, and with {@link readMesh}. */
  file: string | null;
  /** How many triangles have been read. */
  triangles: number;
}

/**
 * A scan that is being opened. Iterating over it yields each of its meshes once, after the last byte: only then is it
 * certain that they are complete. With `preview`, it also yields growing meshes while a file arrives.
 */
export interface Scan extends Disposable {
  /** Yields the meshes, each once, for `for await`. */
  [Symbol.asyncIterator](): AsyncIterator<ScanMesh, undefined>;
  /** Returns the files, without folders, as the central directory names them. Resolves after the last byte. */
  files(): Promise<readonly ScanFile[]>;
  /** Returns what the manifest says about the files; `null` if there is no manifest. It never says who the patient is. */
  manifest(): Promise<ScanManifest | null>;
  /**
   * Returns the content of a file, unzipped and checked. The Blob's type follows from the file's first bytes; it is never
   * one that a browser would run.
   *
   * @param file a file of this scan, or a name or path; if several files match, the last.
   */
  read(file: ScanFile | string, options?: { signal?: AbortSignal | null | undefined } | null): Promise<Blob>;
  /** Returns the zip as it was received, even if it cannot be read. */
  zip(): Promise<Blob>;
  /** Stops the download and the worker; what is pending rejects with an `AbortError`. Also `Symbol.dispose`, where that exists. */
  close(): void;
}

/** A file of an archive. */
export interface ScanFile {
  /** Its name for display. */
  name: string;
  /** Its name as a relative path that cannot lead out of the archive. */
  path: string;
  /** What kind of file it is, judging by its name. */
  kind: "mesh" | "picture" | "document" | "metadata" | "other";
  /** Its size in bytes, unzipped. For the file of a growing mesh, 0 if it is not known yet. */
  size: number;
  /** Its size in the zip, in bytes; 0 for the file of a growing mesh. */
  compressedSize: number;
  /** When it was changed: a local time without a zone, such as `2025-01-02T03:04:06`; `null` if that is not known. */
  modified: string | null;
  /** Why it cannot be read, or not as a mesh; `null` if nothing is wrong. */
  error: ScanError | null;
}

/** A mesh. Each array has a buffer of its own. */
export interface ScanMesh {
  /** The file; `null` from {@link readMesh}. */
  file: ScanFile | null;
  /** Whether the whole mesh has been read and the archive confirms it; `false` for a growing mesh. */
  complete: boolean;
  /** The format of the file. */
  format: "stl" | "ply";
  /** What it shows, by the manifest, or else by the file's name; `null` if neither says so, and from {@link readMesh}. */
  role: ScanRole | null;
  /**
   * How it is placed relative to the other arch, according to the file's name; `null` if that does not say so. With
   * `teeth-up`, upper and lower have no coordinate system in common.
   */
  arrangement: ScanArrangement | null;
  /** Three numbers per vertex, in millimetres. Vertices with equal coordinates are merged. */
  position: Float32Array;
  /** Four numbers per vertex: x, y and z times 127, and 0. */
  normal: Int8Array;
  /** Four numbers per vertex: RGBA, sRGB. `null` if there are no colours. */
  color: Uint8Array | null;
  /** Two numbers per vertex: texture coordinates. `null` if there are none. */
  uv: Float32Array | null;
  /** The name of the texture's file, as the mesh gives it; `null` if there is none. */
  texture: string | null;
  /** Three vertex numbers per triangle. */
  index: Uint32Array;
  /** The solids of an ASCII STL file: each is a part of `index`. */
  groups: readonly ScanGroup[];
  /** The box around it. */
  bounds: ScanBounds;
  /** What is odd about the file, and how often: `degenerate`, `bad-index`, `truncated` and so on. */
  warnings: readonly ScanWarning[];
}

/** What a mesh shows. */
export type ScanRole = "upper" | "lower" | "both" | "pretreatment-upper" | "pretreatment-lower";

/** How the arches of an archive are placed: in occlusion, as they bite, or each with its teeth up. */
export type ScanArrangement = "occlusion" | "teeth-up";

/** A part of a mesh. */
export interface ScanGroup {
  /** The solid's name. */
  name: string;
  /** The position in `index` where it starts. */
  start: number;
  /** How many numbers of `index` it has. */
  count: number;
}

/** The box around a mesh. */
export interface ScanBounds {
  /** The least x, y and z. */
  min: [number, number, number];
  /** The greatest x, y and z. */
  max: [number, number, number];
}

/** Something odd about a mesh file. */
export interface ScanWarning {
  /**
   * `count-mismatch`, `truncated`, `trailing-bytes`, `non-finite`, `degenerate`, `bad-index`, `polygon-skipped`, `decimal-comma` or
   * `empty`; there may be more in the future.
   */
  code: string;
  /** How often it occurs. */
  count: number;
}

/** What the manifest of an archive says about its files. */
export interface ScanManifest {
  /** The version in its file's name; if there are several manifests, the highest version is read. */
  version: number | null;
  /** How its meshes are placed; `null` if they differ or if it is not known. */
  arrangement: ScanArrangement | null;
  /** The files that it lists. */
  objects: readonly ScanObject[];
  /** How the jaws were moved. */
  transforms: readonly ScanTransform[];
}

/** A file that a manifest lists. */
export interface ScanObject {
  /** The file's name. */
  name: string;
  /** What it holds: a mesh, a margin line, a picture. */
  kind: "surface" | "line" | "image" | "other";
  /** What a mesh shows; `null` if that is not known, and for other files. */
  role: ScanRole | null;
  /** The tooth of a margin line, in the American numbering; `null` if there is none. */
  tooth: number | null;
}

/** How a jaw was moved. */
export interface ScanTransform {
  /** The jaw. */
  role: ScanRole | null;
  /** A 4 × 4 matrix: sixteen numbers, row by row. */
  matrix: number[];
}

/** Why a scan, or a file of it, cannot be read. Messages contain no file name, since it may contain a patient's name. */
export interface ScanError extends Error {
  /**
   * What is wrong.
   *
   * - `not-a-zip`, `truncated`, `corrupt`: the bytes are not a zip, end early, or are damaged.
   * - `encrypted`, `unsupported`: this package cannot read them, or not in this browser.
   * - `too-large`: more than the limits allow, or a zip bomb.
   * - `not-a-mesh`: neither STL nor PLY.
   * - `worker`: your worker did not start, or the reader failed.
   */
  kind: "not-a-zip" | "truncated" | "corrupt" | "encrypted" | "unsupported" | "too-large" | "not-a-mesh" | "worker";
  /** The path of the file that it is about; `null` for the archive. Not enumerable, so that logs do not show it. */
  file: string | null;
  /** Whether the same download can succeed later. */
  retryable: boolean;
}
