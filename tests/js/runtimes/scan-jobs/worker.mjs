// The scan job as a Worker that responds with its report. The practice is the request's body.
import * as itero from "itero-dpms";
import * as scans from "itero-dpms/scan";
import { scanJob } from "./scan-job.mjs";

export default {
  async fetch(request) {
    const practice = await request.json();
    return Response.json(await scanJob(itero, scans, practice).catch((error) => ({ failed: String(error.stack) })));
  },
};
