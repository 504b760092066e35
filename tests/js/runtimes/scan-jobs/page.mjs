// The scan job as a page's script. The practice is in the URL's fragment, and the report becomes `globalThis.report`.
import * as itero from "itero-dpms";
import * as scans from "itero-dpms/scan";
import { scanJob } from "./scan-job.mjs";

const practice = JSON.parse(decodeURIComponent(location.hash.slice(1)));
globalThis.report = await scanJob(itero, scans, practice).catch((error) => ({ failed: String(error.stack) }));
