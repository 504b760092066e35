// One page of the practice's patients as the patients view shows it. It outlives the view, so that the search and its page are
// unchanged when the user returns. The search is not in the URL, since it is patient data.
import type { DpmsClient, PatientRecord, PatientsPage, PatientsQuery } from "itero-dpms";
import { isAbort } from "./errors";
import { Listeners } from "./listeners";

/** The search fields by the client's names for them; empty matches everything. */
export const CRITERIA = [
  "firstName",
  "lastName",
  "chartNumber",
  "lastScanDateFrom",
  "lastScanDateTo",
  "updatedDateFrom",
  "updatedDateTo",
] as const;
export type Criteria = Partial<Record<(typeof CRITERIA)[number], string>>;

const PAGE_SIZE = 25;

export class PatientsStore {
  readonly changed = new Listeners();
  phase: "new" | "loading" | "ready" | "failed" = "new";
  error: unknown = null;
  criteria: Criteria = {};
  page: PatientsPage | null = null;

  readonly #client: DpmsClient;
  /** The offsets of earlier pages, since the API only gives the next one. */
  #before: number[] = [];
  #offset = 0;
  #loading = new AbortController();

  constructor(client: DpmsClient) {
    this.#client = client;
  }

  get hasPrevious(): boolean {
    return this.#before.length > 0;
  }

  search(criteria: Criteria): Promise<void> {
    this.criteria = criteria;
    this.#before = [];
    this.#offset = 0;
    return this.load();
  }

  async next(): Promise<void> {
    const next = this.page?.nextOffset ?? null;
    if (next === null || this.phase === "loading") return;
    this.#before.push(this.#offset);
    this.#offset = next;
    await this.load();
  }

  async previous(): Promise<void> {
    if (this.phase === "loading") return;
    this.#offset = this.#before.pop() ?? 0;
    await this.load();
  }

  /** Loads the current page; the previous one stays until then. */
  async load(): Promise<void> {
    this.#loading.abort();
    const { signal } = (this.#loading = new AbortController());
    this.phase = "loading";
    this.error = null;
    this.changed.notify();
    try {
      const query: PatientsQuery = { ...this.criteria, limit: PAGE_SIZE, offset: this.#offset };
      this.page = await this.#client.listPatients(query, { signal });
      this.phase = "ready";
    } catch (error) {
      if (signal.aborted || isAbort(signal, error)) return;
      this.page = null;
      this.phase = "failed";
      this.error = error;
    }
    this.changed.notify();
  }

  /** Replaces a patient of the page after an update. */
  update({ patientId, firstName, lastName, chartNumber }: PatientRecord): void {
    if (this.page === null) return;
    const patients = this.page.patients.map((patient) =>
      patient.patientId === patientId ? { ...patient, firstName, lastName, chartNumber } : patient,
    );
    this.page = { ...this.page, patients };
    this.changed.notify();
  }

  dispose(): void {
    this.#loading.abort();
  }
}
