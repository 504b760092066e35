// Watches the practice while the page is connected to it. Follows the edge function's live events if the page has a session
// there; otherwise reads the events of an edge function that knows the practice, if one runs; otherwise polls the practice. It
// starts when the user first opens the events, and from then on at every page load.
import { isDpmsError, type OrderChange } from "itero-dpms";
import type { ScanEventsState } from "itero-dpms/events";
import type { OrderEvent } from "itero-dpms/webhook";
import { EdgeError, edgeEventsAfter, findEdgePractice, type EdgePractice } from "./edge";
import { EventLog, type PracticeEvent } from "./event-log";
import { Listeners } from "./listeners";
import { followEvents } from "./live-events";
import type { EdgeAccess } from "./portal-session";
import type { Session } from "./session";

/** How often each source is checked. Polling lists the orders of a month, so a real server is polled less often. */
const EDGE_MS = 3_000;
const SANDBOX_MS = 10_000;
const PRACTICE_MS = 30_000;
/** After failures, the interval doubles up to this limit. */
const LONGEST_MS = 300_000;

/** How many earlier events are shown when the edge function is first read. */
const HISTORY = 25;

export class EventFeed {
  readonly changed = new Listeners();
  /** The source of the last check; null before the first one. */
  source: "live" | "edge" | "poll" | null = null;
  /** The state of live events, while they are the source. */
  live: ScanEventsState | null = null;
  /** When the last check succeeded, and when the next one is due. */
  checkedAt: number | null = null;
  nextAt = 0;
  checking = false;
  /** Why the last check failed. */
  failure: unknown = null;
  /** The practice's state at the edge function, while that is the source. */
  edge: EdgePractice | null = null;
  /** Why the practice is polled although there is, or was, an edge function. */
  edgeError: EdgeError | null = null;

  readonly #session: Session;
  readonly #onEvents: (events: readonly PracticeEvent[]) => void;
  readonly #log: EventLog;
  #failures = 0;
  #check = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #started = false;

  /** `onEvents` is called with new events of this practice's orders. */
  constructor(session: Session, onEvents: (events: readonly PracticeEvent[]) => void) {
    this.#session = session;
    this.#onEvents = onEvents;
    this.#log = new EventLog(`${session.practice.companyId} ${session.address}`);
    if (this.#log.hasStarted) this.start();
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

  /** The interval between checks. */
  get everyMs(): number {
    if (this.source === "edge") return EDGE_MS;
    return this.#session.sandbox === null ? PRACTICE_MS : SANDBOX_MS;
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    document.addEventListener("visibilitychange", this.#onVisible);
    void this.check();
  }

  pause(paused: boolean): void {
    this.#log.pause(paused);
    this.#stop();
    this.failure = null;
    this.#failures = 0;
    this.changed.notify();
    void this.check();
  }

  markRead(): void {
    if (this.unread === 0) return;
    this.#log.markRead();
    this.changed.notify();
  }

  /** Checks now, unless paused or not started. A newer check replaces a running one. */
  async check(): Promise<void> {
    if (!this.#started || this.paused) return;
    this.#stop();
    const { signal } = (this.#check = new AbortController());
    if (this.#session.edge !== null) return this.#follow(this.#session.edge, signal);
    this.checking = true;
    this.changed.notify();
    try {
      if (!(await this.#readEdge(signal))) await this.#poll(signal);
      this.checkedAt = Date.now();
      this.failure = null;
      this.#failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      this.failure = error;
      this.#failures += 1;
    }
    this.checking = false;
    this.#scheduleCheck();
    this.changed.notify();
  }

  dispose(): void {
    this.#started = false;
    this.#stop();
    document.removeEventListener("visibilitychange", this.#onVisible);
  }

  /** Follows live events until the feed is paused or disposed, or the connection fails for good. */
  async #follow(access: EdgeAccess, signal: AbortSignal): Promise<void> {
    this.source = "live";
    this.failure = null;
    const startedAt = Date.now();
    const after = this.#log.seq ?? 0;
    this.#log.add([], { seq: after });
    try {
      await followEvents(
        access,
        { after, feed: this.#log.feed },
        signal,
        (state) => {
          this.live = state;
          if ("feed" in state) this.#log.add([], { feed: state.feed });
          if (state.type === "live" || state.type === "polling") this.checkedAt ??= Date.now();
          this.changed.notify();
        },
        (event) => {
          const isEarlier = after === 0 && Date.parse(event.at) < startedAt;
          this.#add([eventOfEdge(event, isEarlier)], { seq: event.seq });
          this.checkedAt = Date.now();
          this.changed.notify();
        },
      );
    } catch (error) {
      if (signal.aborted) return;
      this.failure = error;
      this.changed.notify();
    }
  }

  /** Adds events, and passes the new, unread ones to `onEvents`. */
  #add(events: readonly PracticeEvent[], position: Parameters<EventLog["add"]>[1]): void {
    const news = this.#log.add(events, position).filter(({ read }) => !read);
    if (news.length > 0) this.#onEvents(news);
  }

  /** Returns whether the events were read from the edge function. */
  async #readEdge(signal: AbortSignal): Promise<boolean> {
    const { companyId } = this.#session.practice;
    try {
      const edge = await findEdgePractice(companyId, signal);
      if (edge !== null && (await this.#addEdgeEvents(edge, signal))) {
        this.source = "edge";
        this.edge = edge;
        this.edgeError = null;
        return true;
      }
      if (this.source === "edge") this.edgeError = new EdgeError("stopped", "It no longer responds.");
    } catch (error) {
      if (signal.aborted || !(error instanceof EdgeError)) throw error;
      this.edgeError = error;
    }
    this.edge = null;
    return false;
  }

  /** Returns false if the edge function stopped meanwhile. */
  async #addEdgeEvents({ lastSeq }: EdgePractice, signal: AbortSignal): Promise<boolean> {
    const { companyId } = this.#session.practice;
    const last = this.#log.seq;
    // If the edge function has fewer events than were read, it was set up again.
    const isFirst = last === null || last > lastSeq;
    let after = isFirst ? Math.max(0, lastSeq - HISTORY) : last;
    while (after < lastSeq) {
      const page = await edgeEventsAfter(companyId, after, signal);
      signal.throwIfAborted();
      if (page === null) return false;
      if (page.next <= after) break;
      after = page.next;
      this.#log.add(
        page.events.map((event) => eventOfEdge(event, isFirst)),
        { seq: after },
      );
    }
    if (this.#log.seq !== after) this.#log.add([], { seq: after });
    return true;
  }

  /** Orders that exist at the first poll are not events. */
  async #poll(signal: AbortSignal): Promise<void> {
    this.source = "poll";
    const { client } = this.#session;
    let known = this.#log.cursor;
    const { changes, cursor } = await client.pollOrders(known, { signal }).catch((error: unknown) => {
      if (known === null || !isDpmsError(error) || error.kind !== "invalid-argument") throw error;
      known = null; // stored by another version, or damaged
      return client.pollOrders(null, { signal });
    });
    signal.throwIfAborted();
    const at = Date.now();
    this.#add(known === null ? [] : changes.map((change) => eventOfPoll(change, at)), { cursor });
  }

  #scheduleCheck(): void {
    const wait = Math.min(this.everyMs * 2 ** this.#failures, LONGEST_MS);
    this.nextAt = Date.now() + wait;
    // A hidden page makes no calls and catches up when it becomes visible.
    this.#timer = setTimeout(() => void (document.hidden || this.check()), wait);
  }

  readonly #onVisible = (): void => {
    if (this.source === "live") return; // live events need no wake-up
    if (!document.hidden && !this.checking && Date.now() >= this.nextAt) void this.check();
  };

  #stop(): void {
    clearTimeout(this.#timer);
    this.#check.abort();
    this.checking = false;
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
