// Watches the practice for as long as the page is connected to it: asks the edge function where one runs that knows the practice,
// else the practice itself. It begins when somebody first looks at the events, and after that with every load of the page.
import { isDpmsError, type OrderChange } from "itero-dpms";
import type { OrderEvent } from "itero-dpms/webhook";
import { EdgeError, edgeEventsAfter, findEdgePractice, type EdgePractice } from "./edge";
import { EventLog, type PracticeEvent } from "./event-log";
import { Listeners } from "./listeners";
import type { Session } from "./session";

/** How often whom is asked. To poll is to list a month of orders, which a real server is spared for longer. */
const EDGE_MS = 3_000;
const SANDBOX_MS = 10_000;
const PRACTICE_MS = 30_000;
/** After failures the time between two looks doubles up to here. */
const LONGEST_MS = 300_000;

/** How many earlier events are shown when the edge function is asked for the first time. */
const HISTORY = 25;

export class EventFeed {
  readonly changed = new Listeners();
  /** Whom the last look asked; null before the first one. */
  source: "edge" | "poll" | null = null;
  /** When the last look succeeded, and when the next one is due. */
  lookedAt: number | null = null;
  nextAt = 0;
  looking = false;
  /** Why the last look failed. */
  failure: unknown = null;
  /** The practice as the edge function knows it, while that is asked. */
  edge: EdgePractice | null = null;
  /** Why the practice itself is asked although there is, or was, an edge function. */
  edgeError: EdgeError | null = null;

  readonly #session: Session;
  readonly #log: EventLog;
  #failures = 0;
  #look = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #started = false;

  constructor(session: Session) {
    this.#session = session;
    this.#log = new EventLog(`${session.practice.companyId} ${session.address}`);
    if (this.#log.begun) this.start();
  }

  get newestFirst(): readonly PracticeEvent[] {
    return this.#log.newestFirst;
  }

  get unread(): number {
    return this.newestFirst.filter(({ read }) => !read).length;
  }

  get paused(): boolean {
    return this.#log.paused;
  }

  /** How long it waits between two looks that succeed. */
  get everyMs(): number {
    if (this.source === "edge") return EDGE_MS;
    return this.#session.sandbox === null ? PRACTICE_MS : SANDBOX_MS;
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    document.addEventListener("visibilitychange", this.#onVisible);
    void this.look();
  }

  pause(paused: boolean): void {
    this.#log.pause(paused);
    this.#stop();
    this.failure = null;
    this.#failures = 0;
    this.changed.notify();
    void this.look();
  }

  markRead(): void {
    if (this.unread === 0) return;
    this.#log.markRead();
    this.changed.notify();
  }

  /** Looks now; does nothing while it is paused, or not started. One look at a time: a newer one takes over. */
  async look(): Promise<void> {
    if (!this.#started || this.paused) return;
    this.#stop();
    const { signal } = (this.#look = new AbortController());
    this.looking = true;
    this.changed.notify();
    try {
      if (!(await this.#readEdge(signal))) await this.#poll(signal);
      this.lookedAt = Date.now();
      this.failure = null;
      this.#failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      this.failure = error;
      this.#failures += 1;
    }
    this.looking = false;
    this.#lookLater();
    this.changed.notify();
  }

  dispose(): void {
    this.#started = false;
    this.#stop();
    document.removeEventListener("visibilitychange", this.#onVisible);
  }

  /** Whether the edge function told what happened. */
  async #readEdge(signal: AbortSignal): Promise<boolean> {
    const { companyId } = this.#session.practice;
    try {
      const edge = await findEdgePractice(companyId, signal);
      if (edge !== null && (await this.#takeEdgeEvents(edge, signal))) {
        this.source = "edge";
        this.edge = edge;
        this.edgeError = null;
        return true;
      }
      if (this.source === "edge") this.edgeError = new EdgeError("stopped", "It does not answer any more.");
    } catch (error) {
      if (signal.aborted || !(error instanceof EdgeError)) throw error;
      this.edgeError = error;
    }
    this.edge = null;
    return false;
  }

  /** False when the edge function stopped meanwhile. */
  async #takeEdgeEvents({ lastSeq }: EdgePractice, signal: AbortSignal): Promise<boolean> {
    const { companyId } = this.#session.practice;
    const last = this.#log.seq;
    // One that has told fewer events than were taken was set up anew.
    const begins = last === null || last > lastSeq;
    let after = begins ? Math.max(0, lastSeq - HISTORY) : last;
    while (after < lastSeq) {
      const page = await edgeEventsAfter(companyId, after, signal);
      signal.throwIfAborted();
      if (page === null) return false;
      if (page.next <= after) break;
      after = page.next;
      this.#log.take(
        page.events.map((event) => eventOfEdge(event, begins)),
        { seq: after },
      );
    }
    if (this.#log.seq !== after) this.#log.take([], { seq: after });
    return true;
  }

  /** What was there before the first look is no event. */
  async #poll(signal: AbortSignal): Promise<void> {
    this.source = "poll";
    const { client } = this.#session;
    let known = this.#log.cursor;
    const { changes, cursor } = await client.pollOrders(known, { signal }).catch((error: unknown) => {
      if (known === null || !isDpmsError(error) || error.kind !== "invalid-argument") throw error;
      known = null; // of another version, or damaged
      return client.pollOrders(null, { signal });
    });
    signal.throwIfAborted();
    const at = Date.now();
    this.#log.take(known === null ? [] : changes.map((change) => eventOfPoll(change, at)), { cursor });
  }

  #lookLater(): void {
    const wait = Math.min(this.everyMs * 2 ** this.#failures, LONGEST_MS);
    this.nextAt = Date.now() + wait;
    // A page that nobody sees asks nothing, and catches up when it is seen.
    this.#timer = setTimeout(() => void (document.hidden || this.look()), wait);
  }

  readonly #onVisible = (): void => {
    if (!document.hidden && !this.looking && Date.now() >= this.nextAt) void this.look();
  };

  #stop(): void {
    clearTimeout(this.#timer);
    this.#look.abort();
    this.looking = false;
  }
}

function eventOfEdge(event: OrderEvent, read: boolean): PracticeEvent {
  const { id, type, rxId, orderId, status, previousStatus, procedure, source } = event;
  const at = Date.parse(event.at);
  return { id, at, type, rxId, orderId, status, previousStatus, procedure, source, read };
}

function eventOfPoll({ kind, order, previousStatus }: OrderChange, at: number): PracticeEvent {
  const { rxId, orderId, status, procedureName, caseType } = order;
  return {
    id: `${rxId} ${at}`,
    at,
    type: kind === "new" ? "order.ready" : "order.changed",
    rxId,
    orderId,
    status,
    previousStatus,
    procedure: procedureName || caseType,
    source: "poll",
    read: false,
  };
}
