// Updates a folder: the practice's orders of the last 30 days in orders.sqlite, their scans in scans/. Run it as often as you
// like, for example from cron. Each run continues where the last one ended, also after a crash.
import { createWriteStream } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { isDpmsError } from "itero-dpms";
import { openDatabase } from "./database.mjs";
import { connect } from "./practice.mjs";
import { progressOf } from "./progress.mjs";

const folder = process.argv[2] ?? "practice";
const most = Number(process.argv[3] ?? Infinity);
await mkdir(join(folder, "scans"), { recursive: true, mode: 0o700 }); // patient data: readable by this user only
const database = openDatabase(join(folder, "orders.sqlite"));
const client = await connect();

const { changes, cursor } = await client.pollOrders(database.cursor());
database.save(changes, cursor);
console.log(`${changes.length} changes; ${database.count()} orders.`);

let saved = 0;
for (const { order_id: orderId } of database.withoutFile()) {
  if (saved === most) break;
  try {
    const response = await client.downloadScan(orderId, "IDE", { onProgress: progressOf(orderId) });
    if (!response?.body) continue;
    const path = join(folder, "scans", `${orderId}.zip`);
    // A download that fails halfway must not leave a file that looks complete.
    await pipeline(response.body, createWriteStream(`${path}.part`));
    await rename(`${path}.part`, path);
    database.setFile(orderId, path);
    saved += 1;
  } catch (error) {
    if (!isDpmsError(error)) throw error;
    // The next run tries again. The message contains no patient data.
    console.error(`${orderId}: ${error.message}`);
    process.exitCode = 1;
  }
}
console.log(`${saved} scans saved.`);
database.close();
