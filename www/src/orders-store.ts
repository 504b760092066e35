// The practice's orders as the orders view shows them. It outlives the view, so that the list, its filters and its page are
// unchanged when the user returns. Filters are not in the URL, since a chart number is patient data.
import type { DpmsClient, Order, OrdersFilter } from "itero-dpms";
import { isAbort } from "./errors";
import { Listeners } from "./listeners";
import { daysAgo, patientName } from "./format";

export type Range = "30" | "90" | "all";

export interface OrdersFilters {
  range: Range;
  /** Sent to the server exactly as typed. */
  chartNumber: string;
  /** Empty for every status. */
  status: string;
  /** Words to find in the patient, procedure and doctor of the loaded orders. */
  search: string;
}

const NO_FILTERS: OrdersFilters = { range: "90", chartNumber: "", status: "", search: "" };
const NOTIFY_MS = 60;
/** If events are about more orders than this, the list is loaded again. */
const MOST_FOLLOWED = 10;

export class OrdersStore {
  readonly changed = new Listeners();
  phase: "new" | "loading" | "ready" | "failed" = "new";
  error: unknown = null;
  filters: OrdersFilters = NO_FILTERS;
  page = 0;
  /** The RX whose order has just arrived. */
  arrived: string | null = null;

  readonly #client: DpmsClient;
  #newestFirst: Order[] = [];
  #loading = new AbortController();
  #notification: ReturnType<typeof setTimeout> | null = null;

  constructor(client: DpmsClient) {
    this.#client = client;
  }

  get loaded(): readonly Order[] {
    return this.#newestFirst;
  }

  /** The loaded orders that pass the filters which are applied here. */
  matching(): Order[] {
    const { status, search } = this.filters;
    const words = searchable(search).split(/\s+/).filter(Boolean);
    return this.#newestFirst.filter((order) => {
      if (status !== "" && order.status !== status) return false;
      if (words.length === 0) return true;
      const { procedureName, procedureTypeName, caseType, doctorName } = order;
      const haystack = searchable(
        [patientName(order), procedureName, procedureTypeName, caseType, doctorName].join(" "),
      );
      return words.every((word) => haystack.includes(word));
    });
  }

  /** Changes filters. A change to the server's filters reloads and aborts a load in progress. */
  filter(change: Partial<OrdersFilters>): void {
    const before = this.filters;
    this.filters = { ...before, ...change };
    this.page = 0;
    if (this.filters.range !== before.range || this.filters.chartNumber !== before.chartNumber) void this.load();
    else this.#notify();
  }

  turnTo(page: number): void {
    this.page = page;
    this.#notify();
  }

  /** Clears the filters and reloads, to show the order of this RX. */
  showArrival(rxId: string): void {
    this.filters = NO_FILTERS;
    this.page = 0;
    this.arrived = rxId;
    void this.load();
  }

  async load(): Promise<void> {
    this.#loading.abort();
    const { signal } = (this.#loading = new AbortController());
    this.phase = "loading";
    this.error = null;
    this.#newestFirst = [];
    this.#notify();
    try {
      // The API lists oldest first (§4.4.2).
      for await (const order of this.#client.orders(this.#serverFilter(), { signal })) {
        if (signal.aborted) return;
        this.#newestFirst.push(order);
        this.#notifySoon();
      }
      this.phase = "ready";
    } catch (error) {
      if (signal.aborted || isAbort(signal, error)) return;
      this.phase = "failed";
      this.error = error;
    }
    this.#notify();
  }

  /** Updates the list, if it is shown, after events: fetches each order and puts it in its place, a new one first. */
  async follow(rxIds: readonly string[]): Promise<void> {
    if (this.phase !== "ready") return;
    if (rxIds.length > MOST_FOLLOWED) return this.load();
    const { signal } = this.#loading;
    for (const rxId of rxIds) {
      const order = await this.#client.getOrder(rxId, { signal }).catch(() => null);
      if (signal.aborted) return;
      if (order === null) continue; // the next load shows it
      const place = this.#newestFirst.findIndex((known) => known.rxId === rxId);
      if (place >= 0) this.#newestFirst = this.#newestFirst.with(place, order);
      else if (this.filters.chartNumber === "") this.#newestFirst = [order, ...this.#newestFirst];
      this.#notify();
    }
  }

  dispose(): void {
    this.#loading.abort();
    if (this.#notification !== null) clearTimeout(this.#notification);
  }

  #serverFilter(): OrdersFilter {
    const { range, chartNumber } = this.filters;
    return {
      ...(range === "all" ? {} : { dateFrom: daysAgo(Number(range)) }),
      ...(chartNumber === "" ? {} : { chartNumber }),
    };
  }

  /** Orders arrive in bursts, one page at a time; one redraw per page is enough. */
  #notifySoon(): void {
    this.#notification ??= setTimeout(() => this.#notify(), NOTIFY_MS);
  }

  #notify(): void {
    if (this.#notification !== null) clearTimeout(this.#notification);
    this.#notification = null;
    this.#newestFirst.sort((a, b) => scannedAt(b) - scannedAt(a));
    this.changed.notify();
  }
}

function scannedAt(order: Order): number {
  return order.scanningDate === null ? 0 : Date.parse(order.scanningDate);
}

/** Normalizes a text for comparison without case and accents. */
function searchable(value: string): string {
  return value.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
