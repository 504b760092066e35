// The Durable Object of a practice: executes what the core decides. Requests store rows; only the alarm handler makes calls,
// and the platform runs one of those at a time, so no call is ever under way twice.
import { log, logFailure } from "./log.js";
import { makeCall, respond } from "./http.js";

/** So many calls are under way at once: a Worker may wait for six connections. */
const AT_ONCE = 6;

/** When to look again after the alarm handler itself has failed. */
const AFTER_FAILURE_MS = 30_000;

/** The class for a core. */
export const inboxFrom = (core) =>
  class PracticeInbox {
    #storage;
    #sql;
    #settings;
    #rows;
    /** When the alarm rings, in real time, or null: what the storage knows too, for a row less to write. */
    #alarmAt = null;

    constructor(state, env) {
      this.#storage = state.storage;
      this.#sql = state.storage.sql;
      this.#settings = settingsFrom(env);
      this.#rows = rowsOf(this.#sql);
      void state.blockConcurrencyWhile(async () => {
        await core.ready();
        this.#sql.exec("CREATE TABLE IF NOT EXISTS rows (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID");
        this.#alarmAt = await this.#storage.getAlarm();
      });
    }

    now() {
      return Date.now();
    }

    async fetch(request) {
      const { reply } = this.#step(await request.text());
      // Stored, then acknowledged.
      await this.#storage.sync();
      return respond(reply);
    }

    async alarm() {
      this.#alarmAt = null;
      try {
        await this.#makeCalls(this.#step('{"alarm":{}}').calls);
        this.#step('{"idle":{}}');
      } catch (error) {
        logFailure("alarm.failed", error);
        this.#ringAt(Date.now() + AFTER_FAILURE_MS);
      }
    }

    /** Makes these calls and those that their answers bring. */
    async #makeCalls(calls) {
      const waiting = [...calls];
      const underWay = new Set();
      try {
        while (waiting.length + underWay.size > 0) {
          while (waiting.length > 0 && underWay.size < AT_ONCE) {
            const { id } = waiting[0];
            const call = makeCall(waiting.shift()).then((outcome) => {
              underWay.delete(call);
              waiting.push(...this.#tell(id, outcome));
            });
            underWay.add(call);
          }
          await Promise.race(underWay);
        }
      } finally {
        await Promise.allSettled(underWay);
      }
    }

    /** Tells the core what came of a call; gives the calls that follow. */
    #tell(call, outcome) {
      try {
        return this.#step(JSON.stringify(outcome)).calls;
      } catch (error) {
        logFailure("answer.failed", error);
        return this.#step(JSON.stringify({ failed: { call, reason: "crashed" } })).calls;
      }
    }

    /** One step of the core, and the rows and the alarm that it decides: all of it is stored or nothing, for nothing is awaited. */
    #step(input) {
      const now = this.now();
      const outcome = core.step(this.#rows, this.#settings, input, now);
      this.#store(outcome);
      const real = (time) => time + Date.now() - now;
      const { wakeAt, wakeBy } = outcome;
      if (wakeAt !== undefined) this.#ringAt(wakeAt && real(wakeAt));
      if (wakeBy !== undefined && real(wakeBy) < (this.#alarmAt ?? Infinity)) this.#ringAt(real(wakeBy));
      outcome.log.forEach(log);
      return outcome;
    }

    #store({ clear, writes }) {
      const writeAll = () => {
        if (clear) this.#sql.exec("DELETE FROM rows");
        for (const [key, value] of writes) this.#write(key, value);
      };
      // A single row is stored or not by itself.
      if (clear || writes.length > 1) this.#storage.transactionSync(writeAll);
      else writeAll();
    }

    #write(key, value) {
      if (value === null) this.#sql.exec("DELETE FROM rows WHERE key = ?", key);
      else
        this.#sql.exec("INSERT INTO rows VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", key, value);
    }

    /** Sets the alarm, or takes it away. */
    #ringAt(time) {
      if (time === this.#alarmAt) return;
      this.#alarmAt = time;
      void (time === null ? this.#storage.deleteAlarm() : this.#storage.setAlarm(time));
    }
  };

/** What the core reads the rows through. */
function rowsOf(sql) {
  return {
    get: (key) => sql.exec("SELECT value FROM rows WHERE key = ?", key).toArray()[0]?.value,
    list: (from, to, limit) =>
      [
        ...sql
          .exec("SELECT key, value FROM rows WHERE key >= ? AND key < ? ORDER BY key LIMIT ?", from, to, limit)
          .raw(),
      ].flat(),
    count: (from, to, limit) =>
      sql
        .exec("SELECT count(*) AS n FROM (SELECT 1 FROM rows WHERE key >= ? AND key < ? LIMIT ?)", from, to, limit)
        .one().n,
  };
}

/** The optional variables, as the core reads them: texts, or null for the default. */
function settingsFrom(env) {
  const text = (value) => (value === undefined || value === null ? null : String(value));
  return JSON.stringify({
    reconcileMinutes: text(env.RECONCILE_MINUTES),
    reconcileDays: text(env.RECONCILE_DAYS),
    retentionDays: text(env.RETENTION_DAYS),
  });
}
