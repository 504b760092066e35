// Runs all benchmarks and prints one table.
import * as backlog from "./backlog.mjs";
import * as download from "./download.mjs";
import * as edge from "./edge.mjs";
import * as listing from "./listing.mjs";
import * as live from "./live.mjs";
import * as load from "./load.mjs";
import { machine } from "./machine.mjs";
import * as orders from "./orders.mjs";
import * as relay from "./relay.mjs";
import * as scan from "./scan.mjs";
import { isMet, print } from "./table.mjs";

const parts = { load, orders, listing, download, scan, edge, backlog, live, relay };

console.log(machine());
const rows = [];
for (const [name, { run }] of Object.entries(parts)) {
  const started = performance.now();
  try {
    rows.push(...(await run()));
  } catch (error) {
    console.error(`${name} failed:`, error); // the others' figures still count
    process.exitCode = 1;
  }
  console.error(`${name}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
}
print(rows);
console.log(machine());
const budgets = rows.filter((row) => row.budget);
console.log(`${budgets.filter(isMet).length} of ${budgets.length} budgets met`);
