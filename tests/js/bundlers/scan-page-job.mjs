// The scan job as the script of a bundled page.
import { scanJob } from "./scan-job.mjs";

/** @param {boolean} hasOwnWorker whether the page brings the worker */
export async function reportInPage(itero, scans, hasOwnWorker) {
  const practice = JSON.parse(decodeURIComponent(location.hash.slice(1)));
  const report = scanJob(itero, scans, practice, hasOwnWorker);
  globalThis.report = await report.catch((error) => ({ failed: String(error.stack) }));
}
