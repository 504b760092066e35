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
 * Makes a client for one practice. Loads the WebAssembly module first, if this is the first call; sends nothing.
 *
 * @throws {DpmsError} `invalid-argument`, naming every option that is not allowed.
 */
export declare function createClient(options: ClientOptions): Promise<DpmsClient>;

/** The procedures that a scan request can name, by id (§4.2.3). */
export declare function procedures(): Promise<Procedure[]>;

/** The procedure of this name, type and destination; `null` if there is none (§4.2.3). */
export declare function findProcedure(query: ProcedureQuery): Promise<Procedure | null>;

/** The documented statuses of orders, with what to do about each (§4.4.6). Orders can carry others. */
export declare function orderStatuses(): Promise<OrderStatusInfo[]>;

/** The kinds of restoration that orders' preps name by their codes (§4.1.3). */
export declare function unitTypes(): Promise<UnitType[]>;

/**
 * What pairing answered (§5.6), from its JSON as text or parsed. Pairing itself belongs on your server: its answer holds
 * the tokens, and `oauth` passes them through.
 *
 * @throws {DpmsError} `decode`, naming the field that is missing or of another type; `server` if pairing failed.
 */
export declare function parsePairingResponse(response: string | object): Promise<Pairing>;

/**
 * Every failure of the client, except an abort, which rejects with the signal's own reason.
 *
 * No message holds a token, a query, a body or a patient's data.
 */
export declare class DpmsError extends Error {
  private constructor();
  /** Always `DpmsError`, also where a bundler renames classes. */
  readonly name: "DpmsError";
  /** What went wrong, to branch on. */
  readonly kind: ErrorKind;
  /** The HTTP status; `null` if no answer came. */
  readonly status: number | null;
  /** The HTTP method; `null` if no call was made yet. */
  readonly method: string | null;
  /** The path as a template, such as `orders/:rxId`; `null` if no call was made yet. */
  readonly endpoint: string | null;
  /** How many requests were sent. */
  readonly attempts: number;
  /** Whether the same call can succeed later without a change. */
  readonly retryable: boolean;
  /**
   * The platform's name for a network failure, such as `ECONNREFUSED`, or the API's for a refusal, such as
   * `INVALID_REQUEST_PARAMETERS`, if it is of capitals and underscores; `null` where they have none.
   */
  readonly code: string | null;
  /**
   * Each argument that is not allowed, with what is; or each filter of `listPatients` that the API refused. The words are
   * this package's: the API's quote values. Empty where neither is known.
   */
  readonly fieldErrors: readonly FieldError[];
  /**
   * The patients who share the chart number (`conflict` of `updatePatientByChartNumber`); `null` for other errors. Not
   * enumerable, so that no log or `JSON.stringify` shows patients.
   */
  readonly matches: readonly PatientRecord[] | null;
  /** How long the API asks to wait, in milliseconds; `null` if it does not. */
  readonly retryAfterMs: number | null;
  /** What is kept of what the platform, `fetch`, `refresh` or `accessToken` threw; missing where nothing was. Not enumerable. */
  readonly cause?: ErrorCause;
}

/** The class and the code of something that was thrown. The thing itself could hold a token or a patient's data, and is let go. */
export interface ErrorCause {
  /** Such as `TypeError`; `Error` for what is no name of an error's class, or what `typeof` says of what is no object. */
  readonly name: string;
  /** Such as `ECONNRESET`: the first code of it and its causes; `null` where there is none. */
  readonly code: string | null;
}

/** True for a DpmsError of any copy of this package, where `instanceof` holds only for one. */
export declare function isDpmsError(value: unknown): value is DpmsError;
