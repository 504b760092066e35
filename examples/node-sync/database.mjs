// Orders in SQLite. The changes of a poll and its cursor are stored in one transaction: after a crash, a poll is repeated and
// nothing is lost.
import sqlite from "node-sqlite3-wasm";

/** Opens the database at `path`, or creates it. */
export function openDatabase(path) {
  const db = new sqlite.Database(path);
  db.exec(`
    CREATE TABLE IF NOT EXISTS orders (
      rx_id TEXT PRIMARY KEY, order_id INTEGER NOT NULL, status TEXT, has_scan INTEGER NOT NULL, file TEXT, json TEXT NOT NULL
    );
    CREATE TABLE IF NOT EXISTS cursor (id INTEGER PRIMARY KEY CHECK (id = 1), json TEXT NOT NULL);
  `);
  return {
    /** The cursor of the last poll; undefined before the first. */
    cursor() {
      const row = db.get("SELECT json FROM cursor");
      return row === null ? undefined : JSON.parse(row.json);
    },
    /** Stores the changes of a poll and its cursor. */
    save(changes, cursor) {
      db.exec("BEGIN");
      try {
        for (const { order } of changes) {
          db.run(
            `INSERT INTO orders VALUES (?, ?, ?, ?, NULL, ?)
             ON CONFLICT DO UPDATE SET status = excluded.status, has_scan = excluded.has_scan, json = excluded.json`,
            [order.rxId, order.orderId, order.status, order.links.scan ? 1 : 0, JSON.stringify(order)],
          );
        }
        db.run("INSERT OR REPLACE INTO cursor VALUES (1, ?)", [JSON.stringify(cursor)]);
        db.exec("COMMIT");
      } catch (error) {
        db.exec("ROLLBACK");
        throw error;
      }
    },
    /** The orders whose scan is not stored yet. */
    withoutFile: () => db.all("SELECT order_id FROM orders WHERE has_scan = 1 AND file IS NULL ORDER BY order_id"),
    /** Stores the path of an order's scan. */
    setFile: (orderId, file) => db.run("UPDATE orders SET file = ? WHERE order_id = ?", [file, orderId]),
    /** The number of orders. */
    count: () => Number(db.get("SELECT count(*) AS n FROM orders").n),
    close: () => db.close(),
  };
}
