// The rows of an inbox in the database of its Durable Object. The table is created with the first row; before, nothing is
// on disk.

/** @typedef {import("./core.js").Effects} Effects */
/** @typedef {import("./core.js").InboxRows} InboxRows */
/**
 * The used part of Cloudflare's `SqlStorage`.
 * @typedef {{ exec(query: string, ...values: (string | number)[]): SqlCursor }} Sql
 * @typedef {{ toArray(): Record<string, string>[], one(): Record<string, number>, raw(): Iterable<string[]> }} SqlCursor
 */
/**
 * The used part of Cloudflare's `DurableObjectStorage`.
 * @typedef {{ sql: Sql, sync(): Promise<void>, transactionSync(run: () => void): void, deleteAll(): Promise<void>,
 *   getAlarm(): Promise<number | null>, setAlarm(time: number): Promise<void>, deleteAlarm(): Promise<void> }} Storage
 */

/** How many values a statement has at most: Cloudflare's limit is 100. */
const MOST_VALUES = 20;

/** The statements that write rows, by how many they write. */
const PUT = Array.from({ length: MOST_VALUES / 2 + 1 }, (_, rows) => {
  const values = Array.from({ length: rows }, () => "(?, ?)").join();
  return `INSERT INTO rows VALUES ${values} ON CONFLICT DO UPDATE SET value = excluded.value`;
});

/** @implements {InboxRows} */
export class Table {
  #storage;
  #sql;
  /** Whether there is a table; undefined if that has not been checked yet. */
  #exists;
  /**
   * Ranges whose keys were counted, by their start, with bounds for their number of keys. Counting them for each notification
   * would take longer the more notifications wait.
   * @type {Map<string, { to: string, atLeast: number, atMost: number }>}
   */
  #counted = new Map();

  /** @param {Storage} storage */
  constructor(storage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    this.#exists = /** @type {boolean | undefined} */ (undefined);
  }

  /** @param {string} key */
  get(key) {
    return this.#select("SELECT value FROM rows WHERE key = ?", key)?.toArray()[0]?.["value"];
  }

  /**
   * @param {string} from
   * @param {string} to
   * @param {number} limit
   */
  list(from, to, limit) {
    const query = "SELECT key, value FROM rows WHERE key >= ? AND key < ? ORDER BY key LIMIT ?";
    return [...(this.#select(query, from, to, limit)?.raw() ?? [])].flat();
  }

  /**
   * @param {string} from
   * @param {string} to
   * @param {number} limit
   */
  count(from, to, limit) {
    const query = "SELECT count(*) AS n FROM (SELECT 1 FROM rows WHERE key >= ? AND key < ? LIMIT ?)";
    return this.#select(query, from, to, limit)?.one()["n"] ?? 0;
  }

  /**
   * @param {string} from
   * @param {string} to
   * @param {number} most
   */
  areAsMany(from, to, most) {
    const { atLeast, atMost } = this.#counted.get(from) ?? { atLeast: 0, atMost: Infinity };
    if (atLeast >= most) return true;
    if (atMost < most) return false;
    const count = this.count(from, to, most);
    this.#counted.set(from, { to, atLeast: count, atMost: count < most ? count : atMost });
    return count === most;
  }

  /**
   * Stores what a step wrote, all of it or nothing.
   * @param {Effects} effects
   */
  store({ clear, writes }) {
    if (clear) this.#clear();
    if (writes.length === 0) return;
    for (const [from, range] of this.#counted) {
      const written = writes.filter(([key]) => from <= key && key < range.to);
      const deleted = written.filter(([, value]) => value === null).length;
      range.atLeast -= deleted;
      range.atMost += written.length - deleted;
    }
    this.#create();
    const rows = writes.flatMap(([key, value]) => (value === null ? [] : [key, value]));
    // One statement is carried out or not by itself.
    if (rows.length === 2 * writes.length && rows.length <= MOST_VALUES) this.#put(rows);
    else this.#storage.transactionSync(() => writes.forEach(([key, value]) => this.#write(key, value)));
  }

  /**
   * @param {string} query
   * @param {(string | number)[]} values
   */
  #select(query, ...values) {
    this.#exists ??= this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'rows'").toArray().length > 0;
    return this.#exists ? this.#sql.exec(query, ...values) : undefined;
  }

  #create() {
    if (this.#exists) return;
    this.#sql.exec("CREATE TABLE IF NOT EXISTS rows (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID");
    this.#exists = true;
  }

  /** Deletes the whole database, since rows that are only deleted stay in its files, with the secrets in them. */
  #clear() {
    void this.#storage.deleteAll();
    this.#counted.clear();
    this.#exists = false;
  }

  /**
   * @param {string} key
   * @param {string | null} value
   */
  #write(key, value) {
    if (value === null) this.#sql.exec("DELETE FROM rows WHERE key = ?", key);
    else this.#put([key, value]);
  }

  /** @param {string[]} rows keys and values in turn */
  #put(rows) {
    this.#sql.exec(PUT[rows.length / 2] ?? "", ...rows);
  }
}
