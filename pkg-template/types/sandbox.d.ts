/**
 * A made-up practice that answers every call of the iTero DPMS API, for development and tests.
 *
 * @module itero-dpms/sandbox
 */

import type { Request, RequestInit, Response, URL } from "./platform.js";

/** How a sandbox is set up. Everything is optional. */
export interface SandboxOptions {
  /**
   * Which practice is made up: the same seed at the same time gives the same data. A snapshot brings its own. Default 1.
   */
  seed?: number | undefined;
  /**
   * What comes before `/api/third-party/v2` and `/third-party/v3`, its path included. Requests elsewhere are answered 404,
   * and the links in answers begin with it. Default `https://sandbox.invalid`.
   */
  baseUrl?: string | undefined;
  /**
   * The token that is let in until it expires. Default `sandbox-access-token`. A snapshot brings its own; a token given
   * besides takes its place, unless the practice issued it before.
   */
  accessToken?: string | undefined;
  /** The clock: milliseconds since 1970. Default `Date.now`. */
  now?: (() => number) | undefined;
  /**
   * How many milliseconds the 3D archive of a new order takes after it is first asked for; until then its download is
   * answered 404, as the API does. Default 1500.
   */
  generationMs?: number | undefined;
  /**
   * Whether the integration may manage patients, which the real service enables on request (§4.2, chapter 5). If so, all
   * patient calls answer, and a scan request updates the one patient who has its chart number; if several have it, the
   * answer is 409. If not, the patient calls answer 403, and a scan request whose names differ makes a new patient.
   * Default true.
   */
  patientUpdates?: boolean | undefined;
  /** What `control.snapshot()` gave: the practice goes on from there. A malformed one is a `TypeError`. */
  snapshot?: string | undefined;
}

/** A made-up dental practice that answers every call of the iTero DPMS API, V2 and V3, without a network. */
export interface Sandbox {
  /**
   * Answers as the API would. It is a `fetch`: pass it as `ClientOptions.fetch`, or call it from a service worker or a
   * server. It needs no `this`.
   *
   * Rejects with the signal's reason if the request's signal is aborted, and with a `TypeError` for what `Request` itself
   * refuses or a fault resets.
   */
  fetch(input: Request | string | URL, init?: RequestInit): Promise<Response>;
  /** The token that requests must carry now; another one after `control.expireToken()`. */
  readonly accessToken: string;
  /** For `ClientOptions.endpoints`. */
  endpoints: SandboxEndpoints;
  /** What the API leaves to people, machines and bad luck. */
  control: SandboxControl;
}

/** Where the sandbox answers. */
export interface SandboxEndpoints {
  /** `SandboxOptions.baseUrl` without a slash at its end. V2 answers at `/api/third-party/v2` below it. */
  baseUrl: string;
  /** V3 answers at `{domain}{path}`, as if Discovery had said so. */
  v3: {
    /** The origin of `baseUrl`. */
    domain: string;
    /** The path of `baseUrl`, and `/third-party/v3`. */
    path: string;
  };
}

/** An order that came of an RX. */
export interface CompletedScan {
  /** The RX's id, in lower case. */
  rxId: string;
  /** The new order's id, which `downloadScan` takes. */
  orderId: number;
}

/** A screen capture that was taken. */
export interface AddedScreenCapture {
  /** What `downloadScreenCapture` takes. */
  captureId: string;
  /** What `downloadLink` takes. */
  fileUrl: string;
}

/**
 * Plays the parts of the practice that are not calls of the API.
 *
 * For processes and pages that only have a URL, most are also calls: `POST {baseUrl}/sandbox/<operation>` with a JSON object,
 * both named at each method, and `Authorization: Bearer` with any token that the sandbox ever issued. Answers are JSON
 * objects, empty where a method gives nothing.
 *
 * A method rejects with a `TypeError` for a wrong argument (400 over HTTP), and with a `RangeError` for an RX or an order
 * that the practice does not have (404). Nothing is changed then.
 */
export interface SandboxControl {
  /**
   * Plays the scanner: an RX that a scan request pushed becomes an order of status `Completed`, scanned now, and a callback
   * is pushed. Completing it again gives the same order and pushes nothing.
   *
   * `complete-scan` with `{"rxId": "…"}` answers `{"rxId": "…", "orderId": 1}`.
   */
  completeScan(rxId: string): Promise<CompletedScan>;
  /**
   * Moves a scanned order in its flow, to one of the documented statuses or any other text that is not blank (§4.4.6). A
   * status that differs from the present one pushes a callback.
   *
   * `order-status` with `{"rxId": "…", "status": "…"}`.
   */
  setOrderStatus(rxId: string, status: string): Promise<void>;
  /**
   * Takes a screen capture of an order's scan now: a JPEG, which both the list of screen captures and the order's zip have
   * from now on. It never pushes a callback, as the API does not (§4.5.1).
   *
   * `screen-capture` with `{"orderId": 1}` answers `{"captureId": "…", "fileUrl": "…"}`.
   */
  addScreenCapture(orderId: number): Promise<AddedScreenCapture>;
  /**
   * Lets the present token expire: calls of the API with it are answered 401 from now on. Gives the one that is let in
   * instead, which `Sandbox.accessToken` is then, too.
   *
   * `expire-token` with `{}` answers `{"accessToken": "…"}`.
   */
  expireToken(): Promise<string>;
  /**
   * Where to POST `{"Id": rxId, "CompanyId": "…"}` after each change of an order; `null` for nowhere, as in the beginning.
   * An absolute http or https URL without credentials. Each callback is tried once with the platform's `fetch`, waits at
   * most 10 seconds for an answer, and is lost without a word if the receiver is away: poll for what was missed.
   *
   * `callback-url` with `{"url": "…"}` or `{"url": null}`.
   */
  setCallbackUrl(url: string | null): Promise<void>;
  /** When every callback under way has been answered or has failed. At once if there is none. */
  callbacksSettled(): Promise<void>;
  /**
   * Makes coming calls of the API fail, not these operations. Of several faults that fit a call, the one added first
   * strikes.
   *
   * `fault` with the fault.
   */
  addFault(fault: SandboxFault): Promise<void>;
  /**
   * Takes away all faults.
   *
   * `clear-faults` with `{}`.
   */
  clearFaults(): Promise<void>;
  /**
   * Puts the practice's clock forward by `ms` milliseconds, 0 or more. It then runs ahead of `SandboxOptions.now` by the
   * sum of all advances. A fault's `delayMs` is real time and does not pass this way.
   *
   * `clock` with `{"advanceMs": 1}`.
   */
  advanceClock(ms: number): Promise<void>;
  /**
   * The practice as text, for `SandboxOptions.snapshot`: patients, orders, captures, tokens, callback URL and clock, not the
   * faults. It holds what happened since the practice was made up, so it stays small.
   */
  snapshot(): string;
}

/** What goes wrong with which calls. At least one of `status`, `delayMs`, `reset` and `truncateAfterBytes`. */
export interface SandboxFault {
  /** What the path after `…/v2/` or `…/v3/` begins with, such as `orders/practice`; every call if left out. */
  endpoint?: string | undefined;
  /** Such as `GET`, in any case; every method if left out. */
  method?: string | undefined;
  /** How many calls it strikes, 1 or more; `Infinity`, which JSON writes as `null`, for all. Default 1. */
  times?: number | undefined;
  /** Answers with this status, 200 to 599, and an error body instead of serving the call. */
  status?: number | undefined;
  /** With `status`: the value of `Retry-After` in whole seconds. */
  retryAfterSeconds?: number | undefined;
  /** Holds the answer back for so many milliseconds of real time. The call takes effect before. */
  delayMs?: number | undefined;
  /** Breaks the connection before the answer: `fetch` rejects with a `TypeError`, and the HTTP server destroys the socket. */
  reset?: boolean | undefined;
  /**
   * Breaks the connection after so many bytes of the body; its stream then errors. `Content-Length` still announces the whole
   * body, and a shorter body arrives whole.
   */
  truncateAfterBytes?: number | undefined;
  /** With `status` or `reset`: the call takes effect all the same, and only its answer is lost. Default false. */
  applied?: boolean | undefined;
}

/**
 * Makes a practice with doctors, labs, more than 60 patients, more than 300 orders of the last 18 months and screen
 * captures of some of them, all of them fictitious. As in real practices, some patients share a chart number, some have
 * none, and some were never scanned.
 *
 * @throws TypeError naming the option, if one is unknown or wrong.
 */
export function createSandbox(options?: SandboxOptions): Promise<Sandbox>;
