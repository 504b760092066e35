// The main job as a program, for Node, Deno and Bun: `node node-job.mjs '{"baseUrl": …}'` prints its report.
import { argv } from "node:process";
import * as itero from "itero-dpms";
import { createSandbox } from "itero-dpms/sandbox";
import { mainJob } from "./main-job.mjs";

console.log(JSON.stringify(await mainJob(itero, createSandbox, JSON.parse(argv[2]))));
