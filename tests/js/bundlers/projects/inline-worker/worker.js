import * as itero from "itero-dpms/inline";
import { mainJob } from "./main-job.mjs";

globalThis.onmessage = async ({ data: practice }) => {
  globalThis.postMessage(await mainJob(itero, null, practice).catch((error) => ({ failed: String(error.stack) })));
};
