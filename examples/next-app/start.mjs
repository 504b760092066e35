// Serves the app that `next build` has built, together with the sandbox and the edge function. PORT sets the app's port.
import { createClient } from "itero-dpms";
import { onEnter, run, startPractice } from "../practice.mjs";

const { PORT = "3000" } = process.env;
const page = `http://127.0.0.1:${PORT}`;

const practice = await startPractice(createClient, page);
const next = run("next", ["start", "--hostname", "127.0.0.1", "--port", PORT], {
  DPMS_BASE_URL: practice.baseUrl,
  DPMS_TOKEN: practice.accessToken,
  EDGE_URL: practice.edgeUrl,
  COMPANY_ID: `${practice.companyId}`,
  SESSION_SECRETS: practice.sessionSecret,
});
next.stdout.on("data", (text) => {
  if (!String(text).includes("Ready in")) return;
  console.log(`The portal: ${page}\nPress Enter to have the scanner complete a scan, Ctrl-C to stop.`);
});
onEnter(practice.scan);
