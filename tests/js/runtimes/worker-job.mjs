// The main job as a Worker that responds with its report. The practice is the request's body.
import * as itero from "itero-dpms";
import { createSandbox } from "itero-dpms/sandbox";
import { mainJob } from "./main-job.mjs";

export default {
  async fetch(request) {
    const practice = await request.json();
    return Response.json(
      await mainJob(itero, createSandbox, practice).catch((error) => ({ failed: String(error.stack) })),
    );
  },
};
