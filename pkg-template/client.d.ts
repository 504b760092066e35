/// <reference lib="esnext.disposable" />

import type {
  ClientOptions,
  DpmsClient,
  ErrorKind,
  FieldError,
  OrderStatusInfo,
  Procedure,
  ProcedureQuery,
} from "./wasm/client/itero_dpms.js";

export { DpmsClient } from "./wasm/client/itero_dpms.js";
export type {
  ApiLocation,
  AssetType,
  CallOptions,
  CaseType,
  ClientEvent,
  ClientOptions,
  Doctor,
  DownloadOptions,
  DownloadProgress,
  ErrorKind,
  EventType,
  FieldError,
  Gender,
  Guid,
  Id,
  Lab,
  Order,
  OrderLinks,
  OrdersFilter,
  OrdersPage,
  OrdersQuery,
  OrderStatus,
  OrderStatusInfo,
  PlainDate,
  PracticeConfiguration,
  Prep,
  Procedure,
  ProcedureQuery,
  RetryOptions,
  ScanRequest,
  SendTo,
  Timestamp,
  UnitType,
} from "./wasm/client/itero_dpms.js";

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

/**
 * Every failure of the client, except an abort, which rejects with the signal's own reason.
 *
 * No message holds a token, a query, a body or a patient's data.
 */
export declare class DpmsError extends Error {
  private constructor();
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
  /** The platform's name for a network failure, such as `ECONNREFUSED`, where it has one. */
  readonly code: string | null;
  /** Each argument that is not allowed, with what is; empty for other kinds. */
  readonly fieldErrors: readonly FieldError[];
  /** How long the API asks to wait, in milliseconds; `null` if it does not. */
  readonly retryAfterMs: number | null;
  /** What the platform, `refresh` or `accessToken` threw. */
  readonly cause?: unknown;
}

/** True for a DpmsError of any copy of this package, where `instanceof` holds only for one. */
export declare function isDpmsError(value: unknown): value is DpmsError;
