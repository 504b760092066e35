// The events of a practice that its edge function records, for a page with a session.
import { scanEvents, type ScanEvent, type ScanEventsError, type ScanEventsState } from "itero-dpms/events";
import type { EdgeAccess } from "./portal-session";

export interface LivePosition {
  /** The last event that is stored. */
  after: number;
  /** The feed that it belongs to; null if that is not known. */
  feed: number | null;
}

/**
 * Calls `onEvent` with each event after a position, in order and once, until the signal aborts. Rejects if live events fail for
 * good.
 */
export async function followEvents(
  access: EdgeAccess,
  { after, feed }: LivePosition,
  signal: AbortSignal,
  onState: (state: ScanEventsState) => void,
  onEvent: (event: ScanEvent) => void,
): Promise<void> {
  let from = after;
  for (;;) {
    try {
      for await (const event of scanEvents({ ...access, after: from, feed, signal, onState })) onEvent(event);
      return;
    } catch (error) {
      const oldest = isGap(error) ? error.oldestSeq : null;
      if (oldest === null) throw error;
      // Events that are no longer kept cannot be shown, but later ones can.
      from = Math.max(oldest - 1, 0);
      feed = null;
    }
  }
}

function isGap(error: unknown): error is ScanEventsError {
  return error instanceof Error && error.name === "ScanEventsError" && (error as ScanEventsError).kind === "gap";
}

/** Returns what a state means to the user. */
export function stateName(state: ScanEventsState | null): string {
  switch (state?.type) {
    case "live":
      return "Live from the edge function";
    case "polling":
      return "Live from the edge function, by polling";
    case "offline":
      return "Offline: the edge function does not respond";
    case "stopped":
      return state.reason === "unauthorized" ? "The session is over" : "Stopped";
    default:
      return "Connecting…";
  }
}
