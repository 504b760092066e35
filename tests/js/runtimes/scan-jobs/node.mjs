// The scan job as a program, for Node, Deno and Bun.
import { argv } from "node:process";
import * as itero from "itero-dpms";
import * as scans from "itero-dpms/scan";
import { scanJob } from "./scan-job.mjs";

console.log(JSON.stringify(await scanJob(itero, scans, JSON.parse(argv[2]))));
