// An edge function whose events the test writes. It has only the two calls that read.
import { json, reset, startFaultyServer } from "./faulty-server.mjs";

export const ADMIN_KEY = "fake-admin-key";

export async function startFakeEdge() {
  const edge = {
    running: true,
    registered: true,
    /** The key that the portal's server must send. */
    adminKey: ADMIN_KEY,
    attention: null,
    /** If set, responds in place of the edge function. @type {import("./faulty-server.mjs").Step | null} */
    instead: null,
    /** @type {object[]} */
    events: [],
    /** @param {object} event the fields that matter to the test */
    addEvent(event) {
      const seq = this.events.length + 1;
      this.events.push({
        seq,
        id: `evt_${seq}`,
        type: "order.ready",
        companyId: 1001,
        rxId: `00000000-0000-4000-8000-${String(seq).padStart(12, "0")}`,
        orderId: 900_000 + seq,
        status: "Completed",
        previousStatus: null,
        procedure: "Study Model - iRecord",
        links: ["viewer", "scan"],
        source: "callback",
        at: new Date().toISOString(),
        ...event,
      });
    },
  };
  const server = await startFaultyServer(({ path, query, headers }) => {
    if (!edge.running) return reset();
    if (edge.instead !== null) return edge.instead;
    if (headers.authorization !== `Bearer ${edge.adminKey}`) return json(401, { title: "Unauthorized" });
    const [, companyId, rest] = /^\/practices\/(\d+)(\/events)?$/.exec(path) ?? [];
    if (companyId === undefined) return json(404, {});
    if (rest === undefined) {
      const { registered, attention, events } = edge;
      return json(200, { companyId, registered, attention, lastSeq: events.length });
    }
    const after = Number(query.get("after"));
    const events = edge.events.slice(after, after + Number(query.get("limit")));
    return json(200, { events, next: after + events.length });
  });
  return Object.assign(edge, { url: server.baseUrl, requests: server.requests, close: () => server.close() });
}
