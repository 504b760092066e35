// The Durable Object of a practice: executes what the core decides. Each step gets the calls in flight, so that no call is
// made twice at a time. The alarm only says when to look for more work, and does not wait for calls.
import { log, logFailure } from "./log.js";
import { makeCall } from "./http.js";
import { LIVE, LiveSockets } from "./live.js";
import { Table } from "./table.js";

/** @typedef {import("./core.js").Call} Call */
/** @typedef {import("./table.js").Storage} Storage */
/**
 * The used part of Cloudflare's `DurableObjectState`.
 * @typedef {import("./live.js").State & { storage: Storage, blockConcurrencyWhile(run: () => Promise<void>): Promise<void> }} State
 */
/** @typedef {Omit<import("../../types/webhook.js").WebhookEnv, "PRACTICES">} Env */
/** @typedef {new (state: never, env: never) => object} Base */
/**
 * A practice's inbox, as the Worker sees it.
 * @typedef {{ ask(input: string): Promise<import("./core.js").Reply>,
 *   fetch(url: string, init: { headers: Record<string, string> }): Promise<Response> }} Inbox
 */

/** After how long to try again when the alarm handler itself has failed. */
const AFTER_FAILURE_MS = 30_000;

/**
 * Returns the class for a core.
 * @param {import("./core.js").Core} core
 * @param {Base} [DurableObject] the platform's class, which lets the Worker call `ask`. That takes less time than a request
 */
export const inboxFrom = (core, DurableObject = Object) =>
  class PracticeInbox extends DurableObject {
    #storage;
    #table;
    #settings;
    #live;
    /**
     * When the inbox wants the alarm, in real time, or null.
     * @type {number | null}
     */
    #alarmAt = null;
    /**
     * When the alarm is due, in real time, or null. The storage has it too; this copy saves writing a row that would not
     * change it.
     * @type {number | null}
     */
    #setAt = null;
    /**
     * The calls in flight, by their ids.
     * @type {Map<string, Promise<void>>}
     */
    #flights = new Map();

    /**
     * @param {State} state
     * @param {Env} env
     */
    constructor(state, env) {
      super(/** @type {never} */ (state), /** @type {never} */ (env));
      this.#storage = state.storage;
      this.#table = new Table(state.storage);
      this.#settings = settingsFrom(env);
      this.#live = new LiveSockets(core, state, this.#table, () => this.now());
      void state.blockConcurrencyWhile(async () => {
        await core.ready();
        this.#alarmAt = this.#setAt = await this.#storage.getAlarm();
        this.#live.look();
        this.#step('{"start":{}}');
      });
    }

    now() {
      return Date.now();
    }

    /**
     * Opens a socket, which only a response can do.
     * @param {Request} request
     */
    async fetch(request) {
      return this.#open(request.headers.get(LIVE) ?? "");
    }

    /**
     * Takes the step of an input, and returns the reply to it.
     * @param {string} input
     */
    async ask(input) {
      let { reply, waitFor } = this.#step(input);
      while (waitFor !== undefined) {
        await this.#flights.get(waitFor);
        ({ reply, waitFor } = this.#step(input));
      }
      // Stored, then acknowledged.
      await this.#storage.sync();
      return reply ?? core.unavailable();
    }

    async alarm() {
      this.#alarmAt = this.#setAt = null;
      this.#live.look();
      this.#attempt(() => this.#step('{"alarm":{}}'));
    }

    /**
     * @param {import("./live.js").ServerSocket} socket
     * @param {unknown} message
     */
    webSocketMessage(socket, message) {
      this.#live.said(socket, message);
    }

    /** @param {import("./live.js").ServerSocket} socket */
    webSocketClose(socket) {
      this.#live.closed(socket);
    }

    /** @param {import("./live.js").ServerSocket} socket */
    webSocketError(socket) {
      this.#live.closed(socket);
    }

    /** Resolves when no call is in flight. */
    async settled() {
      while (this.#flights.size > 0) await Promise.all(this.#flights.values());
    }

    /**
     * Makes a call as soon as everything that led to it is stored, and passes the outcome to the core.
     * @param {Call} call
     */
    async #call(call) {
      /** @type {import("./http.js").Outcome} */
      const crashed = { failure: { call: call.id, reason: "crashed" } };
      // Whatever may throw: a call without an outcome would never give its place back.
      const outcome = await this.#storage
        .sync()
        .then(() => makeCall(call))
        .catch(() => crashed);
      this.#flights.delete(call.id);
      try {
        this.#step(JSON.stringify(outcome));
      } catch (error) {
        logFailure("answer.failed", error);
        this.#attempt(() => this.#step(JSON.stringify(crashed)));
      }
    }

    /**
     * Takes a step whose failure cannot be reported to a caller. If it fails, the alarm tries again later.
     * @param {() => void} step
     */
    #attempt(step) {
      try {
        step();
      } catch (error) {
        logFailure("alarm.failed", error);
        this.#setAlarm(Date.now() + AFTER_FAILURE_MS);
      }
    }

    /**
     * Takes one step of the core, with the rows, the alarm and the calls that it decides. Nothing is awaited, so either
     * all of it is stored or nothing.
     * @param {string} input
     */
    #step(input) {
      const now = this.now();
      const effects = core.step(this.#table, this.#settings, input, [...this.#flights.keys()], now);
      this.#table.store(effects);
      /** @param {number} time */
      const real = (time) => time + Date.now() - now;
      const { wakeAt, wakeBy } = effects;
      if (wakeAt !== undefined) this.#setAlarm(wakeAt && real(wakeAt));
      if (wakeBy !== undefined && real(wakeBy) < (this.#alarmAt ?? Infinity)) this.#setAlarm(real(wakeBy));
      for (const call of effects.calls) this.#flights.set(call.id, this.#call(call));
      for (const entry of effects.log) log(entry);
      if (effects.news !== undefined) void this.#live.recorded(effects.news);
      return effects;
    }

    /** @param {string} opening */
    #open(opening) {
      const response = this.#live.open(opening);
      this.#setAlarm(this.#alarmAt);
      return response;
    }

    /**
     * Sets the alarm to the earlier of the times at which the inbox and its sockets need it, or removes it.
     * @param {number | null} time
     */
    #setAlarm(time) {
      this.#alarmAt = time;
      const { wakeAt } = this.#live;
      const live = wakeAt === null ? Infinity : wakeAt + Date.now() - this.now();
      const at = Math.min(time ?? Infinity, live);
      const next = at === Infinity ? null : at;
      if (next === this.#setAt) return;
      this.#setAt = next;
      void (next === null ? this.#storage.deleteAlarm() : this.#storage.setAlarm(next));
    }
  };

/**
 * Returns the inbox of a practice.
 * @param {Pick<import("../../types/webhook.js").WebhookEnv, "PRACTICES">} env
 * @param {string} practice
 * @returns {Inbox}
 */
export function inboxOf({ PRACTICES }, practice) {
  const id = /** @type {never} */ (PRACTICES.idFromName(practice));
  return /** @type {never} */ (PRACTICES.get(id));
}

/**
 * Returns the optional variables in the form that the core reads: strings, or null for the default.
 * @param {Env} env
 */
function settingsFrom(env) {
  /** @param {string | number | null | undefined} value */
  const text = (value) => (value === undefined || value === null ? null : String(value));
  return JSON.stringify({
    reconcileMinutes: text(env.RECONCILE_MINUTES),
    reconcileDays: text(env.RECONCILE_DAYS),
    retentionDays: text(env.RETENTION_DAYS),
  });
}
