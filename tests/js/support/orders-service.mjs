// Practices' orders over HTTP, with tokens that expire and refresh tokens that rotate; a test changes them while they are asked
// for. Each practice is below its own base URL.
import { json, raw, startFaultyServer, text } from "./faulty-server.mjs";
import { envelope, wireOrder, wirePage } from "./wire.mjs";

/** What must never show up in a log, an event or a state. */
export const PRIVATE = ["Zebulon", "Quartermaine", "CHART-90210", "a note about the patient"];
const PATIENT = {
  PatientFirstName: PRIVATE[0],
  PatientLastName: PRIVATE[1],
  PatientChartNumber: PRIVATE[2],
  Notes: PRIVATE[3],
};

export async function startOrdersService(t) {
  /** By companyId, then by rxId. @type {Map<string, Map<string, object>>} */
  const practices = new Map();
  const asked = { orders: 0, list: 0, token: 0 };
  const service = {
    asked,
    /** The token that is let in. */
    accessToken: "ACCESS-TOKEN-0",
    /** The refresh token that is taken next, once. */
    refreshToken: "REFRESH-TOKEN-0",
    /** Decides about a request before anything else does: gives a step, or nothing. @type {Function} */
    intercept: () => undefined,
  };

  const server = await startFaultyServer(async (request) => {
    const [, area] = request.path.split("/");
    if (area === "token") asked.token += 1;
    else if (request.path.endsWith("/orders/practice")) asked.list += 1;
    else asked.orders += 1;
    return (await service.intercept(request)) ?? (area === "token" ? renew(request) : answer(request, area));
  });
  t.after(() => server.close());

  function renew({ body }) {
    const given = new URLSearchParams(body).get("refresh_token");
    if (given !== service.refreshToken) return json(400, { error: "invalid_grant" });
    service.accessToken = `ACCESS-TOKEN-${asked.token}`;
    service.refreshToken = `REFRESH-TOKEN-${asked.token}`;
    const { accessToken: access_token, refreshToken: refresh_token } = service;
    return json(200, { access_token, refresh_token, token_type: "Bearer", expires_in: 3600 });
  }

  function answer({ headers, path, query }, companyId) {
    if (headers.authorization !== `Bearer ${service.accessToken}`) return text(401, "");
    const orders = practices.get(companyId) ?? new Map();
    if (!path.endsWith("/orders/practice")) {
      const order = orders.get(path.split("/").at(-1));
      return order ? json(200, envelope(order)) : raw(404, "");
    }
    const offset = Number(query.get("Offset") ?? query.get("offset"));
    const pageSize = Number(query.get("pageSize"));
    const from = query.get("dateFrom") ?? "";
    const listed = [...orders.values()].filter(({ ScanningDate }) => ScanningDate.slice(0, 10) >= from.slice(0, 10));
    const hasMore = offset + pageSize < listed.length;
    return json(200, wirePage(listed.slice(offset, offset + pageSize), { offset, pageSize, hasMore }));
  }

  return Object.assign(service, {
    baseUrl: (companyId) => `${server.baseUrl}/${companyId}`,
    tokenUrl: `${server.baseUrl}/token`,
    requests: server.requests,
    /** Adds an order, or gives it another status. */
    setOrder(companyId, rxId, status = "Completed", changes = {}) {
      const orders = practices.get(String(companyId)) ?? new Map();
      practices.set(String(companyId), orders);
      const known =
        orders.get(rxId) ??
        wireOrder({
          ...PATIENT,
          RxId: rxId,
          OrderId: 700_000 + orders.size,
          CompanyId: Number(companyId),
          ScanningDate: `${new Date().toISOString().slice(0, 19)}Z`,
        });
      orders.set(rxId, { ...known, Status: status, ...changes });
    },
    /** How to register a practice that is served here. */
    registration: (companyId, more = {}) => ({
      endpoints: { baseUrl: `${server.baseUrl}/${companyId}` },
      accessToken: service.accessToken,
      ...more,
    }),
    /** The same with a refresh token. */
    refreshing: (more = {}) => ({
      refresh: {
        tokenUrl: `${server.baseUrl}/token`,
        clientId: "client-id",
        clientSecret: "CLIENT-SECRET",
        refreshToken: service.refreshToken,
      },
      ...more,
    }),
  });
}
