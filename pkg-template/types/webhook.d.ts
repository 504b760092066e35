/**
 * The edge function: receives the API's callbacks, loses none, and reports each change once.
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
 * What the Worker finds in its environment. The two secrets may be missing: then nobody is admitted.
 */
export interface WebhookEnv {
  /** The Durable Objects, of class `PracticeInbox`: one per practice, named by its CompanyId. */
  PRACTICES: PracticeNamespace;
  /** The last segments of callback URLs that are accepted, comma separated: two while one is being replaced. A secret. */
  CALLBACK_SECRETS?: string | null | undefined;
  /** The bearer token of all calls below `/practices`. A secret. */
  ADMIN_KEY?: string | null | undefined;
  /**
   * What portals sign their users' sessions with, comma separated: two while one is being replaced. Each has 32 bytes or more;
   * without one there are no sessions. A secret.
   */
  SESSION_SECRETS?: string | null | undefined;
  /** The origins of the pages that may call with a session, comma separated, such as `https://portal.example`. Default none. */
  ALLOWED_ORIGINS?: string | null | undefined;
  /** How often a practice's orders are listed, to find what no callback announced: in minutes, default 60. */
  RECONCILE_MINUTES?: string | number | null | undefined;
  /** How many days back they are listed. Default 30. */
  RECONCILE_DAYS?: string | number | null | undefined;
  /** For how many days events are kept, and notifications that could not be verified. Default 30. */
  RETENTION_DAYS?: string | number | null | undefined;
}

/** Where a version of the API is, as Discovery gives it. */
export interface PracticeLocation {
  /** Such as `https://eu.example.com`; without a scheme it is https. */
  domain: string;
  /** What comes before a call's own path, such as `api/third-party/v2`. */
  path: string;
}

/** The body of `PUT /practices/:companyId`. URLs are https, or http to this machine. */
export interface Registration {
  /** Where the practice's orders are: the legacy base URL, before its `/api/third-party/v2`, or as Discovery gives it. */
  endpoints:
    | {
        /** What comes before `/api/third-party/v2`. */
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
   * How to get a new access token once the API refuses one: an OAuth refresh-token request (RFC 6749 §6) with the
   * client's credentials. A rotated refresh token is kept; registering again with the same one does not undo that.
   */
  refresh?:
    | {
        /** The token endpoint. */
        tokenUrl: string;
        /** The portal's own, as iTero gave it. */
        clientId: string;
        /** The portal's own, as iTero gave it. */
        clientSecret: string;
        /** The practice's, from pairing. */
        refreshToken: string;
      }
    | null
    | undefined;
  /** A key that opens the practice's feed and nothing else: 32 to 256 letters, digits, `-` or `_`. */
  feedKey?: string | null | undefined;
  /** Where to POST each event, signed with `secret` (`whsec_…`) the Standard Webhooks way. */
  deliverTo?:
    | {
        /** Takes a POST for each event. */
        url: string;
        /** What the events are signed with: `whsec_` and base64. */
        secret: string;
      }
    | null
    | undefined;
}

/** As much of Cloudflare's `DurableObjectNamespace` as is used. */
export interface PracticeNamespace {
  /** The id of the object with a name. */
  idFromName(name: string): unknown;
  /** The object with an id. */
  get(id: never): {
    /** Calls the object. */
    fetch(url: string, init?: RequestInit): Promise<Response>;
  };
}

/** As much of Cloudflare's `ExecutionContext` as is used. */
export interface WorkerContext {
  /** Keeps the Worker running until work is done. */
  waitUntil(promise: Promise<unknown>): void;
}

/**
 * The Worker. Deploy it as it is (`export { default, PracticeInbox } from "itero-dpms/webhook"`), or call its `fetch` from a
 * Worker of your own for the paths that you leave to it:
 *
 * | path | method | what |
 * | --- | --- | --- |
 * | `/callback/<secret>` | `POST` | the callback URL of all practices (§4.5): 202 once the notification is stored |
 * | `/callback/<companyId>/<secret>` | `POST` | the callback URL of one practice |
 * | `/practices/:companyId` | `PUT` | registers a practice: {@link Registration}; 200 or 201 with its {@link PracticeState} |
 * | | `GET` | its {@link PracticeState} |
 * | | `DELETE` | deletes it, and all that is stored of it |
 * | `/practices/:companyId/callback` | `GET` | the path of its own callback URL |
 * | `/practices/:companyId/events?after=&limit=` | `GET` | its events after a `seq`: {@link EventsPage}; `limit` 1 to 1,000, default 100 |
 * | `/practices/:companyId/sessions` | `POST` | makes a session token of {@link SessionOptions}, without `companyId`: `{ token, expiresAt }` |
 * | `/practices/:companyId/events/live?after=&feed=` | `GET` | the same live, over a WebSocket with a session: what `itero-dpms/events` opens |
 * | `/practices/:companyId/api/v2/…`, `…/api/v3/…` | any | passes a call of the API document on with the practice's token, for a session |
 * | `/practices/:companyId/events/:id/replay` | `POST` | delivers an event again |
 * | `/practices/:companyId/reconcile` | `POST` | looks for missed changes now |
 *
 * All below `/practices` needs `Authorization: Bearer <ADMIN_KEY>`; the feed takes the practice's `feedKey` too, and a session with the
 * scope `events:read`. A refusal is `application/problem+json`, a 400 with
 * `errors: [{ field, message }]`. 503 with `Retry-After` means that nothing was stored.
 */
declare const worker: {
  /** Handles a request; never rejects for what a request or the storage does. */
  fetch(request: Request, env: WebhookEnv, context?: WorkerContext): Promise<Response>;
};
export default worker;

/**
 * The inbox of a practice: a Durable Object with SQLite storage (`new_sqlite_classes` in the migration). It stores what comes,
 * fetches, records, delivers and reconciles by its alarm; only `default.fetch` talks to it.
 *
 * It may be extended: one that overrides `fetch`, `alarm` or one of `webSocketMessage`, `webSocketClose` and `webSocketError` must call
 * the original's.
 */
export class PracticeInbox {
  /** Called by the platform with its `DurableObjectState`. */
  constructor(state: object, env: Omit<WebhookEnv, "PRACTICES">);
  /** What Cloudflare's types know Durable Objects by. Nothing is there when it runs. */
  readonly __DURABLE_OBJECT_BRAND: never;
  /** Takes a request of the Worker. */
  fetch(request: Request): Promise<Response>;
  /** Takes a message of a reader of live events. Called by the platform. */
  webSocketMessage(socket: object, message: unknown): void;
  /** Forgets a socket that its reader has closed. Called by the platform. */
  webSocketClose(socket: object): void;
  /** Forgets a socket whose line is broken. Called by the platform. */
  webSocketError(socket: object): void;
  /** Begins what is due. Called by the platform; never rejects. */
  alarm(): Promise<void>;
  /** Resolves when no call to the API or to a consumer is under way. For tests. */
  settled(): Promise<void>;
  /** The clock: milliseconds since 1970. Override it in tests. */
  now(): number;
}

/** What a session may do. `orders:read` includes the list of screen captures. */
export type SessionScope =
  "practice:read" | "orders:read" | "files:read" | "rx:write" | "patients:read" | "patients:write" | "events:read";

/** What a session is for. */
export interface SessionOptions {
  /** The practice: its CompanyId. */
  companyId: number | string;
  /** Your id of the user, at most 256 bytes. It is in the log of each call: an id, not a name. */
  subject: string;
  /** What the user may do. */
  scopes: SessionScope[];
  /** How long the token is valid: 900 seconds by default, 43200 at most. */
  ttlSeconds?: number | null | undefined;
}

/**
 * Makes a session token: what your server gives to the page of a user who is signed in. `secret` is `SESSION_SECRETS` of the edge
 * function; the first of several signs.
 *
 * Rejects with a `TypeError` that names whatever is wrong.
 */
export function createSessionToken(options: SessionOptions, secret: string): Promise<string>;

/** How callbacks are received without Durable Objects. */
export interface ReceiverOptions {
  /** The last segments of callback URLs that are accepted, comma separated: two while one is being replaced. */
  callbackSecrets: string;
  /**
   * Stores a notification: in a database or a queue. It is acknowledged when the promise resolves, and refused with 503 if
   * it rejects, so resolve when it is safe. The same RX may come several times; fetching its order is left to you, and needed:
   * a notification proves nothing.
   */
  store: (callback: Callback) => Promise<void> | void;
}

/**
 * A handler for `POST …/callback/<secret>` with the Worker's checks and replies, for Node, Deno, Bun and others that have
 * `Request` and `Response`. It may be mounted below any path.
 *
 * Without secrets or a store it throws a `TypeError`.
 */
export function createReceiver(options: ReceiverOptions): (request: Request) => Promise<Response>;

/**
 * Reads the body of a callback (§4.5.2). Rejects with an `Error` whose message names the field that is wrong.
 */
export function parseCallback(body: Uint8Array | string): Promise<Callback>;
