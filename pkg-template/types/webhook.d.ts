/**
 * The edge function: it receives the API's callbacks, loses none, and reports each change once.
 *
 * @module itero-dpms/webhook
 */

import type { Request, RequestInit, Response } from "./platform.js";
import type { Callback } from "../wasm/webhook/itero_dpms.js";

export type {
  Attention,
  Callback,
  Counts,
  DeliversTo,
  Endpoints,
  EventsPage,
  EventType,
  LastReconcile,
  LinkKind,
  OrderEvent,
  OrderStatus,
  PracticeState,
  Source,
} from "../wasm/webhook/itero_dpms.js";

/**
 * The Worker's environment. Without `CALLBACK_SECRETS` all callbacks are refused, and without `ADMIN_KEY` all
 * administrative calls.
 */
export interface WebhookEnv {
  /** The Durable Objects of class `PracticeInbox`: one per practice, named by its CompanyId. */
  PRACTICES: PracticeNamespace;
  /** The last segments of callback URLs that are accepted, comma separated: two while one is being replaced. A secret. */
  CALLBACK_SECRETS?: string | null | undefined;
  /** The bearer token of the administrative calls below `/practices`. A secret. */
  ADMIN_KEY?: string | null | undefined;
  /**
   * The secrets with which portals sign their users' sessions, comma separated: two while one is being replaced. Each has
   * 32 bytes or more; without one there are no sessions. A secret.
   */
  SESSION_SECRETS?: string | null | undefined;
  /** The origins of the pages that may call with a session, comma separated, such as `https://portal.example`. Default none. */
  ALLOWED_ORIGINS?: string | null | undefined;
  /** How often a practice's orders are listed to find missed callbacks, in minutes. Default 60. */
  RECONCILE_MINUTES?: string | number | null | undefined;
  /** How many days back these lists go. Default 30. */
  RECONCILE_DAYS?: string | number | null | undefined;
  /** For how many days events are kept, and notifications that could not be verified. Default 30. */
  RETENTION_DAYS?: string | number | null | undefined;
}

/** Where a version of the API is, as Discovery gives it. */
export interface PracticeLocation {
  /** The domain, such as `https://eu.example.com`; https if it has no scheme. */
  domain: string;
  /** The path before that of a call, such as `api/third-party/v2`. */
  path: string;
}

/** The body of `PUT /practices/:companyId`. URLs are https, or http to this machine. */
export interface Registration {
  /** Where the practice's orders are: the legacy base URL, without its `/api/third-party/v2`, or as Discovery gives it. */
  endpoints:
    | {
        /** The URL before `/api/third-party/v2`. */
        baseUrl: string;
        /** The location of V3, which only the relay needs. */
        v3?: PracticeLocation | null | undefined;
      }
    | {
        /** The location of V2. */
        v2: PracticeLocation;
        /** The location of V3, which only the relay needs. */
        v3?: PracticeLocation | null | undefined;
      };
  /** The practice's access token. */
  accessToken: string;
  /**
   * How to get a new access token when the API refuses the current one: by an OAuth refresh-token request (RFC 6749 §6)
   * with the client's credentials. If the refresh token is rotated, the new one is kept, even if you register again with
   * the old one.
   */
  refresh?:
    | {
        /** The token endpoint. */
        tokenUrl: string;
        /** The portal's client id, from iTero. */
        clientId: string;
        /** The portal's client secret, from iTero. */
        clientSecret: string;
        /** The practice's refresh token, from pairing. */
        refreshToken: string;
      }
    | null
    | undefined;
  /** A key that gives access to the practice's feed only: 32 to 256 letters, digits, `-` or `_`. */
  feedKey?: string | null | undefined;
  /** Where to POST each event, signed with `secret` (`whsec_…`) according to Standard Webhooks. */
  deliverTo?:
    | {
        /** The URL that receives a POST for each event. */
        url: string;
        /** The secret that signs the events: `whsec_` and base64. */
        secret: string;
      }
    | null
    | undefined;
}

/** The used part of Cloudflare's `DurableObjectNamespace`. */
export interface PracticeNamespace {
  /** Returns the id of the object with a name. */
  idFromName(name: string): unknown;
  /** Returns the object with an id. */
  get(id: never): {
    /** Calls the object. */
    fetch(url: string, init?: RequestInit): Promise<Response>;
  };
}

/** The used part of Cloudflare's `ExecutionContext`. */
export interface WorkerContext {
  /** Keeps the Worker running until work is done. */
  waitUntil(promise: Promise<unknown>): void;
}

/**
 * The Worker. Deploy it as it is (`export { default, PracticeInbox } from "itero-dpms/webhook"`), or call its `fetch` from a
 * Worker of your own for these paths:
 *
 * | path | method | what |
 * | --- | --- | --- |
 * | `/callback/<secret>` | `POST` | the callback URL of all practices (§4.5): 202 once the notification is stored |
 * | `/callback/<companyId>/<secret>` | `POST` | the callback URL of one practice |
 * | `/practices/:companyId` | `PUT` | registers a practice: {@link Registration}; 200 or 201 with its {@link PracticeState} |
 * | | `GET` | its {@link PracticeState} |
 * | | `DELETE` | deletes it, with everything that is stored for it |
 * | `/practices/:companyId/callback` | `GET` | the path of its own callback URL |
 * | `/practices/:companyId/events?after=&limit=` | `GET` | its events after a `seq`: {@link EventsPage}; `limit` 1 to 1,000, default 100 |
 * | `/practices/:companyId/sessions` | `POST` | creates a session token from {@link SessionOptions}, without `companyId`: `{ token, expiresAt }` |
 * | `/practices/:companyId/events/live?after=&feed=` | `GET` | its events live, over a WebSocket, with a session: `itero-dpms/events` uses this |
 * | `/practices/:companyId/api/v2/…`, `…/api/v3/…` | any | passes on a call of the API document with the practice's token, for a session |
 * | `/practices/:companyId/events/:id/replay` | `POST` | delivers an event again |
 * | `/practices/:companyId/reconcile` | `POST` | looks for missed changes now |
 *
 * The calls below `/practices` need `Authorization: Bearer <ADMIN_KEY>`, except the live events and the passed-on calls,
 * which need a session. The feed also accepts the practice's `feedKey`, and a session with the scope `events:read`. A
 * refusal is `application/problem+json`; a 400 has `errors: [{ field, message }]`. 503 with `Retry-After` means that
 * nothing was stored.
 */
declare const worker: {
  /** Handles a request. It never rejects because of a bad request or a storage failure. */
  fetch(request: Request, env: WebhookEnv, context?: WorkerContext): Promise<Response>;
};
export default worker;

/**
 * The inbox of a practice: a Durable Object with SQLite storage (`new_sqlite_classes` in the migration). It stores
 * notifications, fetches orders, records and delivers events, and lists orders to find missed callbacks; its alarm keeps that
 * going. Only `default.fetch` calls it.
 *
 * You may extend it. A class that overrides `ask`, `fetch`, `alarm`, `webSocketMessage`, `webSocketClose` or `webSocketError` must
 * call the original method.
 */
export class PracticeInbox {
  /** Called by the platform with its `DurableObjectState`. */
  constructor(state: object, env: Omit<WebhookEnv, "PRACTICES">);
  /** The brand by which Cloudflare's types recognise Durable Objects. It does not exist at run time. */
  readonly __DURABLE_OBJECT_BRAND: never;
  /** Handles an input from the Worker, and returns the reply to its caller. Called by the Worker. */
  ask(input: string): Promise<object>;
  /** Opens a socket for a reader of live events. Called by the Worker. */
  fetch(request: Request): Promise<Response>;
  /** Handles a message from a reader of live events. Called by the platform. */
  webSocketMessage(socket: object, message: unknown): void;
  /** Forgets a socket that its reader has closed. Called by the platform. */
  webSocketClose(socket: object): void;
  /** Forgets a socket whose connection is broken. Called by the platform. */
  webSocketError(socket: object): void;
  /** Starts the work that is due. Called by the platform; never rejects. */
  alarm(): Promise<void>;
  /** Resolves when no call to the API or to a consumer is in flight. For tests. */
  settled(): Promise<void>;
  /** Returns the time in milliseconds since 1970. Override it in tests. */
  now(): number;
}

/** What a session may do. `orders:read` includes the list of screen captures. */
export type SessionScope =
  "practice:read" | "orders:read" | "files:read" | "rx:write" | "patients:read" | "patients:write" | "events:read";

/** What a session token is for. */
export interface SessionOptions {
  /** The practice: its CompanyId. */
  companyId: number | string;
  /** Your id for the user, at most 256 bytes. It is logged with each call, so pass an id, not a name. */
  subject: string;
  /** What the user may do. */
  scopes: SessionScope[];
  /** How long the token is valid: 900 seconds by default, 43200 at most. */
  ttlSeconds?: number | null | undefined;
}

/**
 * Creates a session token, which your server gives to the page of a signed-in user. `secret` is the edge function's
 * `SESSION_SECRETS`; if it has several secrets, the first one signs.
 *
 * Rejects with a `TypeError` that names everything that is wrong.
 */
export function createSessionToken(options: SessionOptions, secret: string): Promise<string>;

/** How callbacks are received without Durable Objects. */
export interface ReceiverOptions {
  /** The last segments of callback URLs that are accepted, comma separated: two while one is being replaced. */
  callbackSecrets: string;
  /**
   * Stores a notification, in a database or a queue. The notification is acknowledged when the promise resolves, and
   * refused with 503 if it rejects, so resolve when it is stored. The same RX may come several times. Fetch its order
   * yourself, with the practice's token, since a notification proves nothing.
   */
  store: (callback: Callback) => Promise<void> | void;
}

/**
 * Returns a handler for `POST …/callback/<secret>` with the Worker's checks and responses, for Node, Deno, Bun and other
 * runtimes that have `Request` and `Response`. It may be mounted below any path.
 *
 * Throws a `TypeError` if the secrets or the store are missing or not valid.
 */
export function createReceiver(options: ReceiverOptions): (request: Request) => Promise<Response>;

/**
 * Reads the body of a callback (§4.5.2). Rejects with an `Error` whose message names the field that is wrong.
 */
export function parseCallback(body: Uint8Array | string): Promise<Callback>;
