// A practice whose orders a test changes between two polls, or between two pages of one poll. It filters and pages as §4.4.2
// says, with small pages so that a few orders fill several.
import { createClient } from "itero-dpms";
import { TOKEN, envelope, guid, wireOrder } from "./wire.mjs";

const DAY = 86_400_000;

/** The day `n` days after 2026-01-01, as YYYY-MM-DD. */
export const day = (n) => new Date(Date.UTC(2026, 0, 1) + n * DAY).toISOString().slice(0, 10);

/** Stops `Date` at noon, `today` days after 2026-01-01. Timers keep running. */
export function calendar(t, today = 0) {
  const noon = (n) => Date.UTC(2026, 0, 1, 12) + n * DAY;
  t.mock.timers.enable({ apis: ["Date"], now: noon(today) });
  return { goTo: (n) => t.mock.timers.setTime(noon(n)) };
}

export class ScriptedPractice {
  /** @param {{ rows?: number }} [options] how many orders a page holds at most */
  constructor({ rows = 3 } = {}) {
    this.rows = rows;
    /** Oldest first. @type {{ n: number, day: number | null, status: string | null }[]} */
    this.orders = [];
    /** @type {URLSearchParams[]} */
    this.queries = [];
    /** Called after each page, with the number of pages of this practice so far. @type {(page: number) => void} */
    this.afterPage = () => {};
    this.failsAt = Infinity;
  }

  /** Inserts an order by its scanning day. */
  add(n, scannedOn, status = "Completed") {
    const at = this.orders.findIndex((order) => (order.day ?? -Infinity) > (scannedOn ?? -Infinity));
    this.orders.splice(at < 0 ? this.orders.length : at, 0, { n, day: scannedOn, status });
    return this;
  }

  remove(n) {
    this.orders = this.orders.filter((order) => order.n !== n);
  }

  setStatus(n, status) {
    const order = this.orders.find((each) => each.n === n);
    if (order) order.status = status;
  }

  /** Responds as the API does. */
  fetch = async (request) => {
    const query = new URL(request.url).searchParams;
    this.queries.push(query);
    if (this.queries.length >= this.failsAt) return new Response("", { status: 400 });
    const from = query.get("dateFrom")?.slice(0, 10) ?? "";
    const to = query.get("dateTo")?.slice(0, 10) ?? "9999";
    const listed = this.orders.filter(({ day: on }) => (on === null ? from === "" : day(on) >= from && day(on) <= to));
    const offset = Number(query.get("Offset"));
    const end = offset + Math.min(Number(query.get("pageSize")), this.rows);
    const results = listed.slice(offset, end).map(({ n, day: on, status }) =>
      wireOrder({
        RxId: guid(n),
        OrderId: n,
        Status: status,
        ScanningDate: on === null ? null : `${day(on)}T09:00:00Z`,
      }),
    );
    const body = envelope({ HasMore: end < listed.length, PageSize: this.rows, Offset: offset, Results: results });
    this.afterPage(this.queries.length);
    return Response.json(body);
  };

  client() {
    return createClient({ endpoints: { baseUrl: "https://dpms.invalid" }, accessToken: TOKEN, fetch: this.fetch });
  }
}

/** A poller that keeps only its serialised cursor, as if it were restarted before each poll. */
export function restarting(practice) {
  let stored = null;
  return {
    get stored() {
      return stored;
    },
    /** The changes as the client returns them. */
    async changes(options) {
      const client = await practice.client();
      const { changes, cursor } = await client.pollOrders(stored === null ? null : JSON.parse(stored), options);
      stored = JSON.stringify(cursor);
      return changes;
    },
    /** The changes as strings. */
    async poll(options) {
      return (await this.changes(options)).map(({ kind, order, previousStatus }) =>
        kind === "new" ? `new ${order.orderId}` : `${order.orderId}: ${previousStatus} → ${order.status}`,
      );
    },
  };
}
