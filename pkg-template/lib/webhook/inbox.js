// The Durable Object of a practice: executes what the core decides. Each step is given which calls are under way, so that none is
// made twice at a time; the alarm only says when to look for more to do, and waits for none of them.
import { log, logFailure } from "./log.js";
import { makeCall, respond } from "./http.js";
import { LIVE, LiveSockets } from "./live.js";
import { Table } from "./table.js";

/** @typedef {import("./core.js").Call} Call */
/** @typedef {import("./table.js").Storage} Storage */
/**
 * As much of Cloudflare's `DurableObjectState` as is used.
 * @typedef {import("./live.js").State & { storage: Storage, blockConcurrencyWhile(run: () => Promise<void>): Promise<void> }} State
 */
/** @typedef {Omit<import("../../types/webhook.js").WebhookEnv, "PRACTICES">} Env */

/** When to try again after the alarm handler itself has failed. */
const AFTER_FAILURE_MS = 30_000;

/**
 * The class for a core.
 * @param {import("./core.js").Core} core
 */
export const inboxFrom = (core) =>
  class PracticeInbox {
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
     * When the alarm is due, in real time, or null: what the storage knows too, for a row less to write.
     * @type {number | null}
     */
    #setAt = null;
    /**
     * The calls under way, by their ids.
     * @type {Map<string, Promise<void>>}
     */
    #flights = new Map();

    /**
     * @param {State} state
     * @param {Env} env
     */
    constructor(state, env) {
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

    /** @param {Request} request */
    async fetch(request) {
      const opening = request.headers.get(LIVE);
      if (opening !== null) return this.#open(opening);
      const input = await request.text();
      let { reply, waitFor } = this.#step(input);
      while (waitFor !== undefined) {
        await this.#flights.get(waitFor);
        ({ reply, waitFor } = this.#step(input));
      }
      // Stored, then acknowledged.
      await this.#storage.sync();
      return respond(reply ?? core.unavailable());
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

    /** Resolves when no call is under way. */
    async settled() {
      while (this.#flights.size > 0) await Promise.all(this.#flights.values());
    }

    /**
     * Makes a call when all that led to it is stored, and gives the core its outcome.
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
     * Takes a step that nobody is there to be told the failure of: it is tried again later, as part of everything.
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
     * One step of the core, with the rows, the alarm and the calls that it decides: all of it is stored or nothing, for nothing is
     * awaited.
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
     * Sets the alarm to when the inbox wants it, or to when its sockets do, or removes it.
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
 * The optional variables, as the core reads them: strings, or null for the default.
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
