/** How a sandbox is set up. Everything is optional. */
export interface SandboxOptions {
  /**
   * Which practice is made up: the same seed at the same time gives the same data. A snapshot brings its own. Default 1.
   */
  seed?: number;
  /**
   * What comes before `/api/third-party/v2`, its path included. Requests elsewhere are answered 404, and the links in
   * answers begin with it. Default `https://sandbox.invalid`.
   */
  baseUrl?: string;
  /** The only token that is let in. Default `sandbox-access-token`. */
  accessToken?: string;
  /** The clock: milliseconds since 1970. Default `Date.now`. */
  now?: () => number;
  /**
   * How many milliseconds the 3D archive of a new order takes after it is first asked for; until then its download is
   * answered 404, as the API does. Default 1500.
   */
  generationMs?: number;
  /** What `control.snapshot()` gave: the practice goes on from there. A malformed one is a `TypeError`. */
  snapshot?: string;
}

/** A made-up dental practice that answers the calls of the iTero DPMS API, without a network. */
export interface Sandbox {
  /**
   * Answers as the API would. It is a `fetch`: pass it as `ClientOptions.fetch`, or call it from a service worker or a
   * server. It needs no `this`.
   *
   * Rejects with the signal's reason if the request's signal is aborted; otherwise only for what `Request` itself
   * refuses.
   */
  fetch(input: Request | string | URL, init?: RequestInit): Promise<Response>;
  /** The token that requests must carry. */
  accessToken: string;
  /** For `ClientOptions.endpoints`. */
  endpoints: { baseUrl: string };
  /** What the API leaves to people and machines. */
  control: SandboxControl;
}

/** Plays the parts of the practice that are not calls of the API. */
export interface SandboxControl {
  /**
   * Plays the scanner: an RX that `createScanRequest` pushed becomes an order, scanned now. Completing it again gives
   * the same order. Rejects with a `RangeError` if the practice has no RX with this id.
   *
   * Over HTTP: `POST {baseUrl}/sandbox/complete-scan` with the token and `{"rxId": "…"}`.
   */
  completeScan(rxId: string): Promise<{ rxId: string; orderId: number }>;
  /**
   * The practice as text, for `SandboxOptions.snapshot`. It holds what happened since the practice was made up, so it
   * stays small.
   */
  snapshot(): string;
}

/**
 * Makes a practice with doctors, labs, more than 60 patients and more than 300 orders of the last 18 months, all of them
 * fictitious.
 *
 * @throws TypeError naming the option, if one is unknown or wrong.
 */
export function createSandbox(options?: SandboxOptions): Promise<Sandbox>;
