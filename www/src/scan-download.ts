// The download of one archive of an order: it is opened while it arrives, and kept even if it cannot be read.
import type { AssetType, DownloadProgress, DpmsClient } from "itero-dpms";
import { openScan, type Scan, type ScanMesh } from "itero-dpms/scan";
import { readArchive, type Archive } from "./archive";
import { isAbort } from "./errors";
import { Listeners } from "./listeners";

/** `none`: the server has no such files. `failed` can still have a `zip`: one that cannot be read here. */
export type DownloadPhase = "idle" | "running" | "none" | "cancelled" | "failed" | "done";

export class ScanDownload {
  readonly changed = new Listeners();
  readonly meshesChanged = new Listeners();
  phase: DownloadPhase = "idle";
  progress: DownloadProgress | null = null;
  /** The file that is arriving. */
  file: string | null = null;
  archive: Archive | null = null;
  zip: Blob | null = null;
  error: unknown = null;
  /** The latest mesh of each file, by path: incomplete ones while the archive arrives, only complete ones afterwards. */
  meshes: ReadonlyMap<string, ScanMesh> = new Map();

  readonly #client: DpmsClient;
  readonly #orderId: number;
  readonly #asset: AssetType;
  #running: AbortController | null = null;
  #scan: Scan | null = null;
  #disposed = false;

  constructor(client: DpmsClient, orderId: number, asset: AssetType) {
    this.#client = client;
    this.#orderId = orderId;
    this.#asset = asset;
  }

  async start(): Promise<void> {
    if (this.#running !== null || this.#disposed) return;
    const running = new AbortController();
    this.#running = running;
    this.#forget();
    this.#showMeshes(new Map());
    this.#enter("running");
    try {
      this.#enter(await this.#download(running.signal));
    } catch (error) {
      this.#showMeshes(new Map());
      this.error = error;
      this.#enter(isAbort(running.signal, error) ? "cancelled" : "failed");
    } finally {
      this.#running = null;
    }
  }

  cancel(): void {
    this.#running?.abort();
  }

  /** Ends everything and frees its memory. No listener is called any more. */
  dispose(): void {
    this.#disposed = true;
    this.cancel();
    this.#forget();
  }

  async #download(signal: AbortSignal): Promise<DownloadPhase> {
    const onProgress = (progress: DownloadProgress): void => {
      this.progress = progress;
      this.#notify(this.changed);
    };
    const response = await this.#client.downloadScan(this.#orderId, this.#asset, { signal, onProgress });
    if (response === null) return "none";
    const hasMeshes = this.#asset === "IDE";
    const scan = openScan(response, {
      signal,
      meshes: hasMeshes ? "best" : "none",
      preview: hasMeshes && {},
      onProgress: ({ file }) => {
        this.file = file;
        this.#notify(this.changed);
      },
    });
    this.#scan = scan;
    // If this fails, reading the archive fails with the same error.
    const meshes = hasMeshes ? this.#follow(scan).catch(() => {}) : null;
    try {
      this.archive = await readArchive(scan, signal);
      await meshes;
      return "done";
    } finally {
      // An archive that cannot be read is downloaded completely and can be saved.
      this.zip = await scan.zip().catch(() => null);
      scan.close(); // frees the worker's memory
    }
  }

  async #follow(scan: Scan): Promise<void> {
    for await (const mesh of scan) this.#showMeshes(new Map(this.meshes).set(mesh.file?.path ?? "", mesh));
    // An incomplete mesh belongs to a file that turned out to be damaged.
    this.#showMeshes(new Map([...this.meshes].filter(([, { complete }]) => complete)));
  }

  #showMeshes(meshes: ReadonlyMap<string, ScanMesh>): void {
    this.meshes = meshes;
    this.#notify(this.meshesChanged);
  }

  #forget(): void {
    this.#scan?.close();
    this.#scan = null;
    this.progress = this.file = this.archive = this.zip = this.error = null;
    this.meshes = new Map();
  }

  #enter(phase: DownloadPhase): void {
    this.phase = phase;
    this.#notify(this.changed);
  }

  #notify(listeners: Listeners): void {
    if (!this.#disposed) listeners.notify();
  }
}
