// Serves orders over HTTP, with access tokens that expire and refresh tokens that rotate. A test changes the orders at any time.
// Each practice has its own base URL.
import { json, raw, startFaultyServer, text } from "./faulty-server.mjs";
import { envelope, wireOrder, wirePage } from "./wire.mjs";

/** What must never be in a log, an event or a state. */
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
  const requestCounts = { orders: 0, list: 0, token: 0 };
  const service = {
    requestCounts,
    /** The token that is accepted. */
    accessToken: "ACCESS-TOKEN-0",
    /** The refresh token that is accepted next, once. */
    refreshToken: "REFRESH-TOKEN-0",
    /** Called first for each request; returns a step or nothing. @type {Function} */
    intercept: () => undefined,
  };

  const server = await startFaultyServer(async (request) => {
    const [, area] = request.path.split("/");
    if (area === "token") requestCounts.token += 1;
    else if (request.path.endsWith("/orders/practice")) requestCounts.list += 1;
    else requestCounts.orders += 1;
    return (await service.intercept(request)) ?? (area === "token" ? renew(request) : respond(request, area));
  });
  t.after(() => server.close());

  function renew({ body }) {
    const given = new URLSearchParams(body).get("refresh_token");
    if (given !== service.refreshToken) return json(400, { error: "invalid_grant" });
    service.accessToken = `ACCESS-TOKEN-${requestCounts.token}`;
    service.refreshToken = `REFRESH-TOKEN-${requestCounts.token}`;
    const { accessToken: access_token, refreshToken: refresh_token } = service;
    return json(200, { access_token, refresh_token, token_type: "Bearer", expires_in: 3600 });
  }

  function respond({ headers, path, query }, companyId) {
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
    /** Adds an order, or changes its status. */
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
    /** The registration of a practice that is served here. */
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
