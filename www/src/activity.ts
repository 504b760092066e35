// The client's recent calls, as reported by `onEvent`: path templates, statuses and times, so no patient data.
import type { ClientEvent, ErrorKind } from "itero-dpms";
import { Listeners } from "./listeners";

/** A call of the client with its steps and its result. */
export interface Call {
  /** The start of its first step, in milliseconds since 1970. */
  at: number;
  method: string;
  endpoint: string;
  /** From its first step to the latest. */
  durationMs: number;
  /** Newest first. */
  steps: Step[];
  /** Null unless it finally failed. */
  failure: { kind: ErrorKind; status: number | null } | null;
  /** Whether the caller gave the call up. */
  cancelled: boolean;
}

/** A request with its response, or something that happened between two requests. */
export interface Step {
  /** Its start, in milliseconds since 1970. */
  at: number;
  type: "request" | "retry" | "refresh" | "wait";
  attempt: number;
  /** A request's status: `lost` if there was no response, `cancelled` if the call was cancelled, null while waiting for one. */
  status: number | "lost" | "cancelled" | null;
  durationMs: number | null;
  /** The time until the next request. */
  delayMs: number | null;
}

/** Older calls are dropped. */
export const ACTIVITY_LIMIT = 200;

/** Two clients may use equal call ids. */
interface Entry extends Call {
  client: number;
  callId: number;
}

export class ActivityLog {
  readonly changed = new Listeners();
  calls = 0;
  retries = 0;
  refreshes = 0;
  #entries: Entry[] = [];
  #clients = 0;

  get newestFirst(): readonly Call[] {
    return this.#entries;
  }

  /** Returns the `onEvent` for one client; each client needs its own. */
  listener(): (event: ClientEvent) => void {
    this.#clients += 1;
    const client = this.#clients;
    return (event) => {
      this.#record(client, event);
      this.changed.notify();
    };
  }

  clear(): void {
    this.#entries = [];
    this.calls = this.retries = this.refreshes = 0;
    this.changed.notify();
  }

  #record(client: number, event: ClientEvent): void {
    const known = this.#entries.find((entry) => entry.client === client && entry.callId === event.callId);
    const { type, attempt } = event;
    if (type === "unexpected-value") return; // the panel shows requests and waits only
    if (type === "response" || type === "cancelled") {
      if (known === undefined) return; // the call may have been cleared
      known.cancelled = type === "cancelled";
      settle(known, type === "cancelled" ? type : (event.status ?? null), event.durationMs ?? null);
      return;
    }
    const call = known ?? this.#begin(client, event);
    // If the next step arrives first, there was no response.
    settle(call, "lost", null);
    if (type === "failure") {
      call.failure = event.kind === undefined ? null : { kind: event.kind, status: event.status ?? null };
      return;
    }
    if (type === "retry") this.retries += 1;
    if (type === "refresh") this.refreshes += 1;
    const step = { at: Date.now(), type, attempt, status: null, durationMs: null, delayMs: event.delayMs ?? null };
    call.steps.unshift(step);
  }

  #begin(client: number, { callId, method, endpoint }: ClientEvent): Entry {
    const begun = { at: Date.now(), durationMs: 0, steps: [], failure: null, cancelled: false };
    const entry = { client, callId, method, endpoint, ...begun };
    this.calls += 1;
    this.#entries = [entry, ...this.#entries].slice(0, ACTIVITY_LIMIT);
    return entry;
  }
}

/** Records the result of the call's open request, if there is one. */
function settle(call: Call, status: Step["status"], durationMs: number | null): void {
  call.durationMs = Date.now() - call.at;
  const [latest] = call.steps;
  if (latest?.type === "request" && latest.status === null) Object.assign(latest, { status, durationMs });
}
