// The entry for server-side rendering.
import * as itero from "itero-dpms";
import { mainJob } from "./main-job.mjs";

/** @param {{ baseUrl: string, accessToken: string, chart: string }} practice */
export const render = (practice) => mainJob(itero, null, practice);
