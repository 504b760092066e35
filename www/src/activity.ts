// What the client did lately, as its `onEvent` tells it: path templates, statuses and times, so nothing here is a patient's.
import type { ClientEvent } from "itero-dpms";
import { Listeners } from "./listeners";

/** A request with what became of it, or something that happened between two requests. */
export interface Step {
  /** Grows with every step. */
  id: number;
  /** Which call of the client it belongs to. */
  callId: number;
  /** When it began, in milliseconds since 1970. */
  at: number;
  type: "request" | "retry" | "refresh" | "wait";
  method: string;
  endpoint: string;
  attempt: number;
  /** A request's status; `lost` when no answer came, null while none is there. */
  status: number | "lost" | null;
  durationMs: number | null;
  /** Until the next request. */
  delayMs: number | null;
}

/** Older steps are forgotten. */
export const ACTIVITY_LIMIT = 200;

export class ActivityLog {
  readonly changed = new Listeners();
  calls = 0;
  retries = 0;
  refreshes = 0;
  #steps: Step[] = [];
  #count = 0;

  get newestFirst(): readonly Step[] {
    return this.#steps;
  }

  readonly record = (event: ClientEvent): void => {
    const { type, callId, method, endpoint, attempt, status, durationMs, delayMs } = event;
    const open = this.#open(event);
    if (type === "response") {
      if (open !== undefined) Object.assign(open, { status: status ?? null, durationMs: durationMs ?? null });
    } else if (type === "failure") {
      if (open !== undefined) open.status = "lost";
    } else {
      if (type === "request" && attempt === 1) this.calls += 1;
      if (type === "retry") this.retries += 1;
      if (type === "refresh") this.refreshes += 1;
      this.#count += 1;
      const began = { id: this.#count, at: Date.now(), status: null, durationMs: null, delayMs: delayMs ?? null };
      this.#steps = [{ ...began, type, callId, method, endpoint, attempt }, ...this.#steps].slice(0, ACTIVITY_LIMIT);
    }
    this.changed.notify();
  };

  /** A `fetch` for the client, whose events do not tell of a request that its signal aborts. */
  watch(send: typeof fetch): typeof fetch {
    return async (input, init) => {
      // The client has told of this request just before.
      const [step] = this.#steps;
      try {
        return await send(input, init);
      } catch (error) {
        if (step !== undefined) step.status = "lost";
        this.changed.notify();
        throw error;
      }
    };
  }

  clear(): void {
    this.#steps = [];
    this.calls = this.retries = this.refreshes = 0;
    this.changed.notify();
  }

  /** The request of a call that no response was reported of yet. */
  #open({ callId, method, endpoint, attempt }: ClientEvent): Step | undefined {
    return this.#steps.find(
      (step) =>
        step.type === "request" &&
        step.status === null &&
        step.callId === callId &&
        step.method === method &&
        step.endpoint === endpoint &&
        step.attempt === attempt,
    );
  }
}
