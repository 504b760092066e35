// The edge function in a Worker of your own, which stores the archive of every scan in R2. Each run reads the practices' feeds
// from where the last one ended. A cursor is stored after the archives before it, so after a crash a few are stored again, and
// none is lost.
import { createClient, isDpmsError } from "itero-dpms";
import webhook, { createSessionToken, PracticeInbox } from "itero-dpms/webhook";

export { PracticeInbox };

/** The edge function is in this Worker: no request leaves for this host. */
const EDGE_URL = "https://edge.invalid";

export default {
  fetch: (request, env, context) => webhook.fetch(request, env, context),

  /**
   * Called by the cron trigger. It rejects if an archive could not be stored, so that the platform shows it; the next run tries
   * again.
   */
  async scheduled(_event, env, context) {
    let failures = 0;
    for (const companyId of env.COMPANY_IDS.split(/[\s,]+/).filter(Boolean)) {
      try {
        failures += await storeScans(companyId, env, context);
      } catch (error) {
        failures += 1;
        log({ event: "feed.failed", companyId, message: error.message });
      }
    }
    if (failures > 0) throw new Error(`${failures} failures; the next run tries again.`);
  },
};

/** Stores a practice's archives up to the end of its feed. Returns how many could not be stored. */
async function storeScans(companyId, env, context) {
  const { client, eventsAfter } = await connect(companyId, env, context);
  const cursorKey = `cursors/${companyId}.json`;
  let cursor = (await (await env.SCANS.get(cursorKey))?.json()) ?? { after: 0 };
  let failures = 0;
  for (;;) {
    const { events, next, feed } = await eventsAfter(cursor);
    if (events.length === 0) return failures;
    // A download is as new as the order's last event, so earlier events need no download of their own.
    const latest = new Map(events.map((event) => [event.orderId, event]));
    for (const event of latest.values()) {
      if (!event.links.includes("scan")) continue;
      try {
        await storeScan(event, String(feed), client, env.SCANS);
      } catch (error) {
        const isGone = isRefused(error) && Date.now() - Date.parse(event.at) > env.GIVE_UP_DAYS * 86_400_000;
        if (!isGone) failures += 1;
        const outcome = isGone ? "scan.given-up" : "scan.failed";
        log({ event: outcome, companyId, orderId: event.orderId, message: error.message });
      }
    }
    cursor = { after: next, feed };
    // A failure does not stop the events after it, but the next run has to start before it.
    if (failures === 0) await env.SCANS.put(cursorKey, JSON.stringify(cursor));
  }
}

/** Stores an order's archive, replacing that of an earlier event. */
async function storeScan({ companyId, orderId, seq }, feed, client, bucket) {
  const key = `scans/${companyId}/${orderId}.zip`;
  const stored = (await bucket.head(key))?.customMetadata;
  if (stored?.feed === feed && Number(stored.seq) >= seq) return; // stored by a run that ended before it stored its cursor
  // Files that take longer to generate will be ready in the next run; this run has other archives to store.
  const response = await client.downloadScan(orderId, "IDE", { waitMs: 20_000 });
  if (!response) return;
  // R2 needs the length in advance: the stream has it if the API sends it. Other bodies have to fit into memory.
  const { headers } = response;
  const hasLength = headers.has("content-length") && !headers.has("content-encoding");
  const body = hasLength ? response.body : await response.arrayBuffer();
  const { size } = await bucket.put(key, body, { customMetadata: { feed, seq: String(seq) } });
  log({ event: "scan.stored", companyId, orderId, bytes: size });
}

/** Whether the error is about this archive alone: an order that is gone must not hold the cursor back forever. */
const isRefused = (error) => isDpmsError(error) && ["bad-request", "not-found", "not-ready"].includes(error.kind);

/** Returns the practice's client and feed. Both call the edge function in this Worker, which alone has the practice's token. */
async function connect(companyId, env, context) {
  const scopes = ["events:read", "files:read"];
  const accessToken = () => createSessionToken({ companyId, subject: "scan-store", scopes }, env.SESSION_SECRETS);
  const fetch = (url, init) => webhook.fetch(new Request(url, init), env, context);
  const client = await createClient({ endpoints: { edgeUrl: EDGE_URL, companyId }, accessToken, fetch });
  return {
    client,
    async eventsAfter(cursor) {
      const url = `${EDGE_URL}/practices/${companyId}/events?${new URLSearchParams(cursor)}`;
      const response = await fetch(url, { headers: { Authorization: `Bearer ${await accessToken()}` } });
      if (!response.ok) throw new Error(`The feed answered ${response.status}.`);
      return response.json();
    },
  };
}

/** Writes a line to the log, as the edge function does: no token, no patient data. */
const log = (entry) => console.log(JSON.stringify(entry));
