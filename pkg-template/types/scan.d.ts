/**
 * A scan opened where it arrives: the zip that `downloadScan` returns, and the STL and PLY files in it, as arrays for a GPU.
 *
 * @module itero-dpms/scan
 */

import type { AbortSignal, Blob, Disposable, ReadableStream, Response, WebAssemblyModule, Worker } from "./platform.js";

/** Where the bytes come from. Of a stream or a response, the body is taken; of memory, a copy. */
export type ScanSource = Response | Blob | ReadableStream | ArrayBuffer | Uint8Array;

/**
 * Opens the zip that `downloadScan` returns, while it arrives. Returns at once; what fails rejects what you await.
 *
 * @param source the response, or the zip from elsewhere.
 */
export declare function openScan(source: ScanSource, options?: OpenScanOptions | null): Scan;

/**
 * Reads one STL or PLY file, told apart by its content.
 *
 * @throws {@link ScanError}, or what the source or the `signal` ends with.
 */
export declare function readMesh(source: ScanSource, options?: ReadMeshOptions | null): Promise<ScanMesh>;

/** Whether something is a {@link ScanError}, of another realm as well. */
export declare function isScanError(error: unknown): error is ScanError;

/**
 * Brings in the WebAssembly module before it is needed, or one that a bundler loads in its own way: `itero-dpms/scan.wasm`, compiled.
 * Once is enough; after a failure the next call tries again.
 *
 * @param module the compiled module, or a function that gives it. Without it, the package's file is loaded.
 */
export declare function load(module?: CompiledModule | (() => CompiledModule | Promise<CompiledModule>)): Promise<void>;

/** A compiled module. TypeScript's own `WebAssembly.Module` is empty, so that a URL's text would pass for one. */
export type CompiledModule = WebAssemblyModule;

/** Options of {@link openScan}. */
export interface OpenScanOptions {
  /** Ends reading and download at any moment. What waits rejects with the signal's own reason. */
  signal?: AbortSignal | null | undefined;
  /** Reports, at most 20 times a second, how far it is. What it throws ends the scan. */
  onProgress?: ((progress: ScanProgress) => unknown) | null | undefined;
  /** Which meshes are read. `best`, the default: where an arch comes as STL and as PLY, the PLY, which has colours. */
  meshes?: "best" | "all" | "none" | null | undefined;
  /** Also gives simplified meshes that grow while a file arrives. Default false. */
  preview?: PreviewOptions | false | null | undefined;
  /** Whether `read` and `zip` work: the zip is kept as a Blob, which browsers may put on disk. Default true. */
  keep?: boolean | null | undefined;
  /** How much an archive may make of its bytes. */
  limits?: ScanLimits | null | undefined;
  /** What reads the archive. `false`: this thread. By default the package's worker where the runtime is a browser. */
  worker?: false | (() => Worker) | null | undefined;
}

/** Options of {@link readMesh}. */
export interface ReadMeshOptions {
  /** Ends reading and download at any moment. The promise rejects with the signal's own reason. */
  signal?: AbortSignal | null | undefined;
  /** Reports, at most 20 times a second, how far it is. What it throws ends reading. */
  onProgress?: ((progress: ScanProgress) => unknown) | null | undefined;
  /** How large the file may be. */
  limits?: Pick<ScanLimits, "fileBytes" | "triangles"> | null | undefined;
  /** What reads the file. `false`: this thread. By default the package's worker where the runtime is a browser. */
  worker?: false | (() => Worker) | null | undefined;
}

/** How a growing mesh is simplified. */
export interface PreviewOptions {
  /** How many triangles it has at most. Default 30,000. */
  triangles?: number | null | undefined;
  /** How long it takes at least from one to the next. Default 250. */
  everyMs?: number | null | undefined;
}

/** How much an archive may make of its bytes. What is beyond is `too-large`. */
export interface ScanLimits {
  /** Files. Default 10,000. */
  entries?: number | null | undefined;
  /** Bytes of one file, unzipped. Default 1 GiB. */
  fileBytes?: number | null | undefined;
  /** Bytes of all files, unzipped, and of the zip itself. Default 4 GiB. */
  totalBytes?: number | null | undefined;
  /** Triangles of one mesh. Default 20 million. */
  triangles?: number | null | undefined;
}

/** How far a scan is. */
export interface ScanProgress {
  /** Bytes of the zip. */
  receivedBytes: number;
  /** How many bytes the zip has, if that is known. */
  totalBytes: number | null;
  /** The path of the file that is arriving. */
  file: string | null;
  /** How many triangles came. */
  triangles: number;
}

/**
 * A scan that is being opened. Iterating over it yields its meshes, each once: with `preview`, growing ones while a file arrives; the
 * complete ones after the last byte, for only then is it known that they are.
 */
export interface Scan extends Disposable {
  /** The meshes, each once, for `for await`. */
  [Symbol.asyncIterator](): AsyncIterator<ScanMesh, undefined>;
  /** The files, without folders, as the central directory names them: after the last byte. */
  files(): Promise<readonly ScanFile[]>;
  /** What the manifest says of the files; null if there is none. It never says who the patient is. */
  manifest(): Promise<ScanManifest | null>;
  /**
   * The content of a file, unzipped and checked. Its type follows from its first bytes and is never one that a browser would run.
   *
   * @param file a file of this scan, or a name or path; of several, the last.
   */
  read(file: ScanFile | string, options?: { signal?: AbortSignal | null | undefined } | null): Promise<Blob>;
  /** The zip as it came, even if it cannot be read. */
  zip(): Promise<Blob>;
  /** Ends the download and the worker. What waits rejects with an AbortError. The same as `Symbol.dispose`, where there is one. */
  close(): void;
}

/** A file of an archive. */
export interface ScanFile {
  /** Its name as it is to be shown. */
  name: string;
  /** Its name as a path that leads nowhere but down. */
  path: string;
  /** What it is for, by its name. */
  kind: "mesh" | "picture" | "document" | "metadata" | "other";
  /** Bytes, unzipped. Of the file of a growing mesh, 0 if not known yet. */
  size: number;
  /** Bytes in the zip. Of the file of a growing mesh 0. */
  compressedSize: number;
  /** Local time without a zone, such as `2025-01-02T03:04:06`. */
  modified: string | null;
  /** What is wrong with it. Then it cannot be read, or not as a mesh. */
  error: ScanError | null;
}

/** A mesh. Each array has a buffer of its own. */
export interface ScanMesh {
  /** The file; null from {@link readMesh}. */
  file: ScanFile | null;
  /** Whether it is whole and the archive confirms it. A growing mesh is not. */
  complete: boolean;
  /** What it came as. */
  format: "stl" | "ply";
  /** What it shows: by the manifest, or else by its name. */
  role: ScanRole | null;
  /** How it lies to the other arch, by its name. With teeth up, upper and lower have no frame in common. */
  arrangement: ScanArrangement | null;
  /** Three numbers a vertex, in millimetres. Equal vertices are one. */
  position: Float32Array;
  /** Four numbers a vertex: x, y and z by 127, and 0. */
  normal: Int8Array;
  /** Four numbers a vertex: RGBA, sRGB. */
  color: Uint8Array | null;
  /** Two numbers a vertex: texture coordinates. */
  uv: Float32Array | null;
  /** The name of the texture's file, as the mesh gives it. */
  texture: string | null;
  /** Three numbers of vertices a triangle. */
  index: Uint32Array;
  /** The solids of an ASCII STL file: each a part of `index`. */
  groups: readonly ScanGroup[];
  /** The box around it. */
  bounds: ScanBounds;
  /** What was odd about the file, and how often: `degenerate`, `bad-index`, `truncated` and so on. */
  warnings: readonly ScanWarning[];
}

/** What a mesh shows. */
export type ScanRole = "upper" | "lower" | "both" | "pretreatment-upper" | "pretreatment-lower";

/** How the arches of an archive lie: as they bite, or each with its teeth up. */
export type ScanArrangement = "occlusion" | "teeth-up";

/** A part of a mesh. */
export interface ScanGroup {
  /** The solid's name. */
  name: string;
  /** Its first place in `index`. */
  start: number;
  /** How many places. */
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
  /** How often. */
  count: number;
}

/** What the manifest of an archive says of its files. */
export interface ScanManifest {
  /** The version in its file's name; of several manifests, the highest is read. */
  version: number | null;
  /** How all of its meshes lie, if they have that in common. */
  arrangement: ScanArrangement | null;
  /** The files that it names. */
  objects: readonly ScanObject[];
  /** How the jaws were moved. */
  transforms: readonly ScanTransform[];
}

/** A file that a manifest names. */
export interface ScanObject {
  /** The file's name. */
  name: string;
  /** What it holds: a mesh, a margin line, a picture. */
  kind: "surface" | "line" | "image" | "other";
  /** Of a mesh: what it shows. */
  role: ScanRole | null;
  /** Of a margin line: the tooth, in the American system. */
  tooth: number | null;
}

/** How a jaw was moved. */
export interface ScanTransform {
  /** The jaw. */
  role: ScanRole | null;
  /** Sixteen numbers, row by row. */
  matrix: number[];
}

/** A scan that cannot be read, or a file of it. Messages name no file, since a name may be a patient's. */
export interface ScanError extends Error {
  /**
   * What is wrong.
   *
   * - `not-a-zip`, `truncated`, `corrupt`: the bytes.
   * - `encrypted`, `unsupported`: not read by this package, or not by this browser.
   * - `too-large`: more than the limits allow, or a zip bomb.
   * - `not-a-mesh`: neither STL nor PLY.
   * - `worker`: what reads the archive did not start or failed.
   */
  kind: "not-a-zip" | "truncated" | "corrupt" | "encrypted" | "unsupported" | "too-large" | "not-a-mesh" | "worker";
  /** The path of the file that it is about; null for the archive. Not enumerable, so that logs do not have it. */
  file: string | null;
  /** Whether the same download may succeed later. */
  retryable: boolean;
}
