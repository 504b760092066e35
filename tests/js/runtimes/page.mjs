// The script of a plain page.
import * as itero from "itero-dpms";
import { createSandbox } from "itero-dpms/sandbox";
import { reportInPage } from "./page-job.mjs";

await reportInPage(itero, createSandbox);
