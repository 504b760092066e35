// The practice's latest events and where the next look at it begins. Both are kept as one, so that a reload neither repeats an
// event nor leaves one out. Nothing here is a patient's.
import type { OrdersCursor } from "itero-dpms";
import type { OrderEvent } from "itero-dpms/webhook";

type Told = "id" | "type" | "rxId" | "orderId" | "status" | "previousStatus" | "procedure";

export interface PracticeEvent extends Pick<OrderEvent, Told> {
  /** When it was noticed, in milliseconds since 1970. */
  at: number;
  /** How it came to be known. */
  source: OrderEvent["source"] | "poll";
  read: boolean;
}

interface Kept {
  newestFirst: readonly PracticeEvent[];
  /** Where the next `pollOrders` goes on; null before the first one. */
  cursor: OrdersCursor | null;
  /** The edge function's last event that was taken; null before the first one. */
  seq: number | null;
  paused: boolean;
}

/** Older events are forgotten. */
export const EVENTS_LIMIT = 200;

const NOTHING: Kept = { newestFirst: [], cursor: null, seq: null, paused: false };

export class EventLog {
  readonly #key: string;
  #kept: Kept;

  constructor(practice: string) {
    this.#key = `events ${practice}`;
    this.#kept = restore(this.#key);
  }

  get newestFirst(): readonly PracticeEvent[] {
    return this.#kept.newestFirst;
  }

  get cursor(): OrdersCursor | null {
    return this.#kept.cursor;
  }

  get seq(): number | null {
    return this.#kept.seq;
  }

  get paused(): boolean {
    return this.#kept.paused;
  }

  /** Whether the practice was looked at before. */
  get begun(): boolean {
    return this.cursor !== null || this.seq !== null;
  }

  /** Adds events, oldest first, together with where to go on after them. */
  take(events: readonly PracticeEvent[], goOn: { cursor: OrdersCursor } | { seq: number }): void {
    let newestFirst = this.newestFirst;
    for (const event of events) {
      if (isKnown(newestFirst, event)) continue;
      // One that another source tells late belongs below those that came after it.
      const place = newestFirst.findIndex(({ at }) => at <= event.at);
      newestFirst = newestFirst.toSpliced(place < 0 ? newestFirst.length : place, 0, event);
    }
    this.#keep({ newestFirst: newestFirst.slice(0, EVENTS_LIMIT), ...goOn });
  }

  markRead(): void {
    this.#keep({ newestFirst: this.newestFirst.map((event) => (event.read ? event : { ...event, read: true })) });
  }

  pause(paused: boolean): void {
    this.#keep({ paused });
  }

  #keep(change: Partial<Kept>): void {
    this.#kept = { ...this.#kept, ...change };
    try {
      localStorage.setItem(this.#key, JSON.stringify(this.#kept));
    } catch {
      // Without storage the events last until the next reload.
    }
  }
}

/** The same change told again: by the same source, or by the other one, which only knows the status it led to. */
function isKnown(newestFirst: readonly PracticeEvent[], event: PracticeEvent): boolean {
  if (newestFirst.some(({ id }) => id === event.id)) return true;
  return newestFirst.find(({ rxId }) => rxId === event.rxId)?.status === event.status;
}

function restore(key: string): Kept {
  try {
    const stored = JSON.parse(localStorage.getItem(key) ?? "null") as Partial<Kept> | null;
    return stored !== null && Array.isArray(stored.newestFirst) ? { ...NOTHING, ...stored } : NOTHING;
  } catch {
    return NOTHING;
  }
}
