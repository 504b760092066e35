// The main job as a page's script. The practice is in the URL's fragment, and the report becomes `globalThis.report`.
import { mainJob } from "./main-job.mjs";

/** @param {typeof import("itero-dpms")} itero */
export async function reportInPage(itero, createSandbox = null) {
  const practice = JSON.parse(decodeURIComponent(location.hash.slice(1)));
  globalThis.report = await mainJob(itero, createSandbox, practice).catch((error) => ({ failed: String(error.stack) }));
}

/** @param {{ baseUrl: string, accessToken: string, chart: string }} practice */
export const addressFor = (pageUrl, practice) => `${pageUrl}#${encodeURIComponent(JSON.stringify(practice))}`;
