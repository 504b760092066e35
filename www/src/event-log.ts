// The practice's latest events and the position of the next check. Both are stored together, so that a reload neither repeats
// nor loses an event. No patient data is stored.
import type { OrdersCursor } from "itero-dpms";
import type { OrderEvent } from "itero-dpms/webhook";

type EventField = "id" | "type" | "rxId" | "orderId" | "status" | "previousStatus" | "procedure";

export interface PracticeEvent extends Pick<OrderEvent, EventField> {
  /** When it was noticed, in milliseconds since 1970. */
  at: number;
  /** The source of the event. */
  source: OrderEvent["source"] | "poll";
  read: boolean;
}

interface StoredLog {
  newestFirst: readonly PracticeEvent[];
  /** Where the next `pollOrders` continues; null before the first one. */
  cursor: OrdersCursor | null;
  /** The `seq` of the edge function's last event that was read, and its feed; null before the first one. */
  seq: number | null;
  feed?: number | null;
  paused: boolean;
}

/** Older events are dropped. */
export const EVENTS_LIMIT = 200;

const EMPTY: StoredLog = { newestFirst: [], cursor: null, seq: null, paused: false };

export class EventLog {
  readonly #key: string;
  #stored: StoredLog;

  constructor(practice: string) {
    this.#key = `events ${practice}`;
    this.#stored = restore(this.#key);
  }

  get newestFirst(): readonly PracticeEvent[] {
    return this.#stored.newestFirst;
  }

  get cursor(): OrdersCursor | null {
    return this.#stored.cursor;
  }

  get seq(): number | null {
    return this.#stored.seq;
  }

  get feed(): number | null {
    return this.#stored.feed ?? null;
  }

  get paused(): boolean {
    return this.#stored.paused;
  }

  /** Whether the practice was checked before. */
  get hasStarted(): boolean {
    return this.cursor !== null || this.seq !== null;
  }

  /** Adds events, oldest first, together with the position after them. Returns those that were not known yet. */
  add(
    events: readonly PracticeEvent[],
    position: { cursor: OrdersCursor } | { seq: number } | { feed: number },
  ): PracticeEvent[] {
    let newestFirst = this.newestFirst;
    const added: PracticeEvent[] = [];
    for (const event of events) {
      if (isKnown(newestFirst, event)) continue;
      added.push(event);
      // An event that another source reports late belongs below newer ones.
      const place = newestFirst.findIndex(({ at }) => at <= event.at);
      newestFirst = newestFirst.toSpliced(place < 0 ? newestFirst.length : place, 0, event);
    }
    this.#store({ newestFirst: newestFirst.slice(0, EVENTS_LIMIT), ...position });
    return added;
  }

  markRead(): void {
    this.#store({ newestFirst: this.newestFirst.map((event) => (event.read ? event : { ...event, read: true })) });
  }

  pause(paused: boolean): void {
    this.#store({ paused });
  }

  #store(change: Partial<StoredLog>): void {
    this.#stored = { ...this.#stored, ...change };
    try {
      localStorage.setItem(this.#key, JSON.stringify(this.#stored));
    } catch {
      // Without storage the events last until the next reload.
    }
  }
}

/** Whether the change is already known, from the same source or from the other one, which knows only the resulting status. */
function isKnown(newestFirst: readonly PracticeEvent[], event: PracticeEvent): boolean {
  if (newestFirst.some(({ id }) => id === event.id)) return true;
  if (event.type === "scan.updated") return false; // the status is unchanged
  return newestFirst.find(({ rxId }) => rxId === event.rxId)?.status === event.status;
}

function restore(key: string): StoredLog {
  try {
    const stored = JSON.parse(localStorage.getItem(key) ?? "null") as Partial<StoredLog> | null;
    return stored !== null && Array.isArray(stored.newestFirst) ? { ...EMPTY, ...stored } : EMPTY;
  } catch {
    return EMPTY;
  }
}
