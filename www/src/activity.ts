// What the client did lately, as its `onEvent` tells it: path templates, statuses and times, so nothing here is a patient's.
import type { ClientEvent } from "itero-dpms";
import { Listeners } from "./listeners";

/** A request with what became of it, or something that happened between two requests. */
export interface Step {
  /** Grows with every step. */
  id: number;
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

  readonly record = ({ type, method, endpoint, attempt, status, durationMs, delayMs }: ClientEvent): void => {
    if (type === "response") {
      this.#answer({ method, endpoint, attempt }, status ?? null, durationMs ?? null);
    } else {
      if (type === "request" && attempt === 1) this.calls += 1;
      if (type === "retry") this.retries += 1;
      if (type === "refresh") this.refreshes += 1;
      this.#count += 1;
      const began = { id: this.#count, at: Date.now(), status: null, durationMs: null, delayMs: delayMs ?? null };
      this.#steps = [{ ...began, type, method, endpoint, attempt }, ...this.#steps].slice(0, ACTIVITY_LIMIT);
    }
    this.changed.notify();
  };

  /** A `fetch` for the client, which tells of an answer but not of one that never comes. */
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

  /**
   * An event does not say which call it belongs to. Among requests that look alike the oldest open one is taken: should it
   * be the wrong one, two equal lines have exchanged their times.
   */
  #answer(of: Pick<Step, "method" | "endpoint" | "attempt">, status: number | null, durationMs: number | null): void {
    const open = this.#steps.findLast(
      (step) =>
        step.type === "request" &&
        step.status === null &&
        step.method === of.method &&
        step.endpoint === of.endpoint &&
        step.attempt === of.attempt,
    );
    if (open !== undefined) Object.assign(open, { status, durationMs });
  }
}
