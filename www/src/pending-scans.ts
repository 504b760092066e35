// RXs sent from this page that wait for their scan. The API has no list of them, so the page keeps its own. It stores only ids
// and procedures, no patient data.
import { Listeners } from "./listeners";

export interface PendingScan {
  rxId: string;
  /** Known until the page is reloaded. */
  patient: string | null;
  procedure: string;
}

export class PendingScans {
  readonly changed = new Listeners();
  readonly #key: string;
  #scans: PendingScan[];

  constructor(address: string) {
    this.#key = `waiting-for-scan ${address}`;
    this.#scans = restore(this.#key);
  }

  get newestFirst(): readonly PendingScan[] {
    return this.#scans;
  }

  add(scan: PendingScan): void {
    this.#update([scan, ...this.#scans]);
  }

  remove(rxId: string): void {
    this.#update(this.#scans.filter((scan) => scan.rxId !== rxId));
  }

  #update(scans: PendingScan[]): void {
    this.#scans = scans;
    try {
      sessionStorage.setItem(this.#key, JSON.stringify(scans.map(({ rxId, procedure }) => ({ rxId, procedure }))));
    } catch {
      // Without storage the list lasts until the next reload.
    }
    this.changed.notify();
  }
}

function restore(key: string): PendingScan[] {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    return Array.isArray(stored)
      ? stored.filter(isStored).map(({ rxId, procedure }) => ({ rxId, procedure, patient: null }))
      : [];
  } catch {
    return [];
  }
}

function isStored(value: unknown): value is { rxId: string; procedure: string } {
  const scan = value as Partial<PendingScan> | null;
  return (
    typeof scan === "object" && scan !== null && typeof scan.rxId === "string" && typeof scan.procedure === "string"
  );
}
