/**
 * The client: every call of the iTero DPMS API, and the document's tables.
 *
 * @module itero-dpms
 */

import type {
  ClientOptions,
  DpmsClient,
  EdgeEndpoints,
  ErrorKind,
  FieldError,
  OrderStatusInfo,
  Pairing,
  PatientRecord,
  Procedure,
  ProcedureQuery,
  UnitType,
} from "../wasm/client/itero_dpms.js";

export { DpmsClient } from "../wasm/client/itero_dpms.js";
export type {
  ApiLocation,
  AssetType,
  CallOptions,
  CaseType,
  ClientEvent,
  ClientOptions,
  DiscoveredEndpoints,
  Doctor,
  DownloadOptions,
  DownloadProgress,
  EdgeEndpoints,
  ErrorKind,
  EventType,
  FieldError,
  Gender,
  Guid,
  Id,
  KnownOrder,
  Lab,
  LabType,
  LegacyEndpoints,
  Order,
  OrderCaptures,
  OrderChange,
  OrderLinks,
  OrdersCursor,
  OrdersFilter,
  OrdersPage,
  OrdersPoll,
  OrdersQuery,
  OrderStatus,
  OrderStatusInfo,
  Pairing,
  Patient,
  PatientByChartUpdate,
  PatientCriteria,
  PatientMatch,
  PatientRecord,
  PatientsFilter,
  PatientsPage,
  PatientsQuery,
  PatientUpdate,
  PlainDate,
  PollOptions,
  PracticeConfiguration,
  Prep,
  Procedure,
  ProcedureQuery,
  RequestInput,
  RetryOptions,
  ScanRequest,
  ScreenCapture,
  ScreenCaptures,
  ScreenCapturesQuery,
  SendTo,
  Timestamp,
  UnitType,
  WalkOptions,
} from "../wasm/client/itero_dpms.js";

/**
 * Creates a client for one practice. The first call loads the WebAssembly module. Nothing is sent to the API.
 *
 * @throws {DpmsError} `invalid-argument`, naming every option that is not allowed.
 */
export declare function createClient(options: ClientOptions): Promise<DpmsClient>;

/** Returns the procedures that a scan request can name, sorted by id (§4.2.3). */
export declare function procedures(): Promise<Procedure[]>;

/** Returns the procedure with this name, type and destination; `null` if there is none (§4.2.3). */
export declare function findProcedure(query: ProcedureQuery): Promise<Procedure | null>;

/** Returns the documented statuses of orders, with what to do about each (§4.4.6). Orders can have other statuses. */
export declare function orderStatuses(): Promise<OrderStatusInfo[]>;

/** Returns the kinds of restoration, whose codes the preps of orders have (§4.1.3). */
export declare function unitTypes(): Promise<UnitType[]>;

/**
 * Reads the response of pairing (§5.6): its JSON, as text or parsed. Call this on your server only: the response holds the
 * tokens, and `oauth` passes them through.
 *
 * @throws {DpmsError} `decode`, naming the field that is missing or has another type; `server` if pairing failed.
 */
export declare function parsePairingResponse(response: string | object): Promise<Pairing>;

/**
 * The error of every failure of the client, except an abort: that rejects with the signal's own reason.
 *
 * No message holds a token, a query, a body or a patient's data.
 */
export declare class DpmsError extends Error {
  private constructor();
  /** Always `DpmsError`, even if a bundler renames classes. */
  readonly name: "DpmsError";
  /** What went wrong, to branch on. */
  readonly kind: ErrorKind;
  /** The HTTP status; `null` if there was no response. */
  readonly status: number | null;
  /** The HTTP method; `null` if the call was not made. */
  readonly method: string | null;
  /** The path as a template, such as `orders/:rxId`; `null` if the call was not made. */
  readonly endpoint: string | null;
  /** How many requests were sent: of a list, for the page that failed; of a download, since the last wait for its files. */
  readonly attempts: number;
  /** Whether the same call, unchanged, can succeed later. */
  readonly retryable: boolean;
  /**
   * A code for the failure: the platform's for a network failure, such as `ECONNREFUSED`; the API's for a refusal, such as
   * `INVALID_REQUEST_PARAMETERS`, if it has only capital letters and underscores; or the edge function's, which is
   * `insufficient-scope` or `practice-needs-pairing`. `null` if there is none.
   */
  readonly code: string | null;
  /**
   * Each argument that is not allowed, with what is allowed; or each filter of `listPatients` or `patients` that the API
   * refused. The messages are this package's own, since the API's quote values. Empty if there is nothing to name.
   */
  readonly fieldErrors: readonly FieldError[];
  /**
   * The patients who share the chart number (`conflict` of `updatePatientByChartNumber`); `null` for other errors. Not
   * enumerable, so that logs and `JSON.stringify` do not show patients.
   */
  readonly matches: readonly PatientRecord[] | null;
  /** How long the API asks to wait, in milliseconds; `null` if it does not. */
  readonly retryAfterMs: number | null;
  /** What the platform, `fetch`, `refresh` or `accessToken` threw, if anything: only its class and code. Not enumerable. */
  readonly cause?: ErrorCause;
}

/** The class and code of something that was thrown. The error itself is not kept: it could hold a token or a patient's data. */
export interface ErrorCause {
  /** The error's class, such as `TypeError`, or `Error` if it has no such name; of what is not an object, its `typeof`. */
  readonly name: string;
  /** The first code of the error and its causes, such as `ECONNRESET`; `null` if there is none. */
  readonly code: string | null;
}

/** Returns true for a `DpmsError` of any copy of this package; `instanceof` knows only the errors of its own copy. */
export declare function isDpmsError(value: unknown): value is DpmsError;
