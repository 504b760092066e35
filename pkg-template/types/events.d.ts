/**
 * Live events in a page: what the edge function records of a practice, as it happens. No WebAssembly, a few KB.
 *
 * @module itero-dpms/events
 */

import type { AbortSignal, URL } from "./platform.js";
import type { OrderEvent } from "../wasm/webhook/itero_dpms.js";

/** An event of a practice: the same that the feed has. */
export type ScanEvent = OrderEvent;
export type { EventType, LinkKind, OrderEvent, OrderStatus, Source } from "../wasm/webhook/itero_dpms.js";

/** What {@link scanEvents} takes. */
export interface ScanEventsOptions {
  /** Where the edge function is, such as `https://itero.example`. */
  edgeUrl: string | URL;
  /** The practice. */
  companyId: number | string;
  /**
   * A session token with the scope `events:read`, from your own server. Asked for when one is needed and again when the edge
   * function says that it is over. `null` or `undefined` says that the user is no longer signed in, which ends the events with
   * `unauthorized`; a rejection is taken for trouble with the network, and it is asked again.
   */
  session: () => string | null | undefined | Promise<string | null | undefined>;
  /** The `seq` of the last event that you have dealt with. Default 0: all events that are kept. */
  after?: number | null | undefined;
  /**
   * Of which feed `after` is: what the states `live` and `polling` told. With it, a practice that was deleted and registered
   * again is noticed, by `gap`, even if its new events have come as far as `after`.
   */
  feed?: number | null | undefined;
  /** Ends the events: the iteration rejects with the signal's reason. */
  signal?: AbortSignal | null | undefined;
  /** Called when the state changes. What it throws is ignored. */
  onState?: ((state: ScanEventsState) => void) | null | undefined;
}

/**
 * How events come now.
 *
 * | type | means |
 * | --- | --- |
 * | `connecting` | a WebSocket is being opened |
 * | `live` | events come as they are recorded |
 * | `polling` | WebSockets do not get through, or there are too many: the feed is asked, every second to every half minute |
 * | `offline` | nobody answers: tried again in `retryInMs`, or as soon as the network or the page is back |
 * | `stopped` | the iteration is over |
 */
export type ScanEventsState =
  | {
      /** A WebSocket is being opened. */
      readonly type: "connecting";
    }
  | {
      /** Events come, by a WebSocket or from the feed. */
      readonly type: "live" | "polling";
      /** What to pass as `feed` with a later `after`. */
      readonly feed: number;
    }
  | {
      /** Nobody answers. */
      readonly type: "offline";
      /** Until the next attempt, in milliseconds. */
      readonly retryInMs: number;
      /**
       * The class of what `session` or `fetch` threw, such as `TypeError`; `null` if it was not that. The thing itself could hold
       * a token, and is let go.
       */
      readonly cause: string | null;
    }
  | {
      /** The iteration is over. */
      readonly type: "stopped";
      /** Why. */
      readonly reason: ScanEventsStop;
    };

/** Why there are no more events: the loop was left, the signal aborted, the error's kind, or `failed` for a bug. */
export type ScanEventsStop = "left" | "aborted" | "failed" | ScanEventsErrorKind;

/**
 * What went wrong for good.
 *
 * | kind | means | what to do |
 * | --- | --- | --- |
 * | `unauthorized` | `session` has no token, or two in a row were refused | sign in again |
 * | `forbidden` | the session lacks the scope `events:read`, or the page's origin is not in `ALLOWED_ORIGINS` | fix the deployment |
 * | `not-found` | the practice is not registered there | register it, or fix `edgeUrl` |
 * | `gap` | events after `after` are no longer kept, or are of a practice that was registered again since | load everything again, then go on with `after: error.oldestSeq - 1` |
 */
export type ScanEventsErrorKind = "unauthorized" | "forbidden" | "not-found" | "gap";

/** Why the events of {@link scanEvents} end. No message holds a token or a URL. */
export declare class ScanEventsError extends Error {
  private constructor();
  /** Always `ScanEventsError`, also where a bundler renames classes. */
  readonly name: "ScanEventsError";
  /** What went wrong, to branch on. */
  readonly kind: ScanEventsErrorKind;
  /** `gap`: the first event that can be had after the gap, if that is known. */
  readonly oldestSeq: number | null;
}

/**
 * The events of a practice: each once, in the order of `seq`, whatever happens to the network meanwhile. Store the `seq` of
 * the last one that you have dealt with, and pass it as `after` when the page is loaded again.
 *
 * They come over a WebSocket of the edge function, and by polling its feed where there is none. A line that breaks is opened
 * again after a random part of a time that doubles from one second to thirty, at once when the network or the page is back; one
 * that is silent is noticed within 40 seconds. What arrives while the loop is busy is kept, 1,024 events at most, and the
 * edge function sends no more than 64 ahead.
 *
 * Nothing is opened before the first `next`. Leaving the loop, and `signal`, close everything.
 *
 * @throws {TypeError} at once, naming the option that is not allowed. The iteration rejects with {@link ScanEventsError} or the
 *   signal's reason.
 */
export declare function scanEvents(options: ScanEventsOptions): AsyncIterableIterator<ScanEvent>;
