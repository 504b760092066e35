/**
 * Live events in a page: what the edge function records about a practice, as it happens. No WebAssembly, a few KB.
 *
 * @module itero-dpms/events
 */

import type { AbortSignal, URL } from "./platform.js";
import type { OrderEvent } from "../wasm/webhook/itero_dpms.js";

/** An event of a practice, the same as in the feed. */
export type ScanEvent = OrderEvent;
export type { EventType, LinkKind, OrderEvent, OrderStatus, Source } from "../wasm/webhook/itero_dpms.js";

/** The options of {@link scanEvents}. */
export interface ScanEventsOptions {
  /** Where the edge function is, such as `https://itero.example`. */
  edgeUrl: string | URL;
  /** The practice's CompanyId. */
  companyId: number | string;
  /**
   * Returns a session token with the scope `events:read`, from your own server. It is called when a token is needed, and
   * again when the edge function refuses the token. `null` or `undefined` means that the user is no longer signed in, which
   * ends the events with `unauthorized`. A rejection counts as a network failure, and the function is called again later.
   */
  session: () => string | null | undefined | Promise<string | null | undefined>;
  /** The `seq` of the last event that you have processed. Default 0: all events that are kept. */
  after?: number | null | undefined;
  /**
   * The feed that `after` belongs to, as given by the states `live` and `polling`. With it, the events end with `gap` if the
   * practice was deleted and registered again, even if its new events have already reached `after`.
   */
  feed?: number | null | undefined;
  /** Ends the events: the iteration rejects with the signal's reason. */
  signal?: AbortSignal | null | undefined;
  /** Called when the state changes. What it throws is ignored. */
  onState?: ((state: ScanEventsState) => void) | null | undefined;
}

/**
 * How events arrive at the moment.
 *
 * | type | means |
 * | --- | --- |
 * | `connecting` | a WebSocket is being opened |
 * | `live` | events arrive as they are recorded |
 * | `polling` | WebSockets do not get through, or there are too many: the feed is requested every second to every half minute |
 * | `offline` | the edge function cannot be reached, or fails: retried after `retryInMs`, or as soon as the network or the page is back |
 * | `stopped` | the iteration is over |
 */
export type ScanEventsState =
  | {
      /** A WebSocket is being opened. */
      readonly type: "connecting";
    }
  | {
      /** Events arrive, by a WebSocket or from the feed. */
      readonly type: "live" | "polling";
      /** What to pass as `feed` with a later `after`. */
      readonly feed: number;
    }
  | {
      /** The edge function cannot be reached, or fails. */
      readonly type: "offline";
      /** The time until the next attempt, in milliseconds. */
      readonly retryInMs: number;
      /**
       * The class of what `session` or `fetch` threw, such as `TypeError`; `null` if neither threw. The error itself is not
       * kept, since it could hold a token.
       */
      readonly cause: string | null;
    }
  | {
      /** The iteration is over. */
      readonly type: "stopped";
      /** Why the iteration is over. */
      readonly reason: ScanEventsStop;
    };

/** Why there are no more events: the loop was left, the signal aborted, the error's kind, or `failed` for a bug. */
export type ScanEventsStop = "left" | "aborted" | "failed" | ScanEventsErrorKind;

/**
 * What went wrong for good.
 *
 * | kind | means | what to do |
 * | --- | --- | --- |
 * | `unauthorized` | `session` returned no token, or two in a row were refused | sign in again |
 * | `forbidden` | the session lacks the scope `events:read`, or the page's origin is not in `ALLOWED_ORIGINS` | fix the deployment |
 * | `not-found` | the practice is not registered there | register it, or fix `edgeUrl` |
 * | `gap` | events after `after` are no longer kept, or `after` is from before the practice was registered again | load everything again, then continue with `after: error.oldestSeq - 1` |
 */
export type ScanEventsErrorKind = "unauthorized" | "forbidden" | "not-found" | "gap";

/** The error with which the events of {@link scanEvents} end. No message holds a token or a URL. */
export declare class ScanEventsError extends Error {
  private constructor();
  /** Always `ScanEventsError`, even if a bundler renames classes. */
  readonly name: "ScanEventsError";
  /** What went wrong, to branch on. */
  readonly kind: ScanEventsErrorKind;
  /** `gap`: the `seq` of the first event that is still available; `null` if it is not known, and for other kinds. */
  readonly oldestSeq: number | null;
}

/**
 * Iterates over the events of a practice: each once, in the order of `seq`, whatever happens to the network. Store the
 * `seq` of the last event that you have processed, and pass it as `after` when the page is loaded again.
 *
 * Events arrive over a WebSocket of the edge function, or by polling its feed if WebSockets do not work. A broken
 * connection is reopened after a random delay, whose upper limit doubles from one second to thirty, or at once when the
 * network or the page is back. A silent connection is noticed within 40 seconds. Events that arrive while the loop is busy
 * are kept, 1,024 at most; the edge function sends no more than 64 ahead.
 *
 * Nothing is opened before the first `next`. Leaving the loop, or aborting by `signal`, closes everything.
 *
 * @throws {TypeError} at once, naming the option that is not allowed. The iteration rejects with {@link ScanEventsError} or the
 *   signal's reason.
 */
export declare function scanEvents(options: ScanEventsOptions): AsyncIterableIterator<ScanEvent>;
