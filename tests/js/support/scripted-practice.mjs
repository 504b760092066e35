// A practice of one order whose list and downloads are scripted, and the portal connected to it.
import { json, noContent, startFaultyServer } from "./faulty-server.mjs";
import { RX_ID, envelope, wireOrder, wirePage, wirePractice } from "./wire.mjs";

export const order = wireOrder({ ScanningDate: new Date(Date.now() - 86_400_000).toISOString() });
export const page = json(200, wirePage([order]));

/**
 * @param {import("node:test").TestContext} t
 * @param {{ orders?: (index: number) => any, download?: (index: number) => any, create?: (index: number) => any }} scripts
 */
export async function scriptedPractice(
  t,
  { orders = () => page, download = () => noContent(), create = () => json(200, envelope(RX_ID)) },
) {
  const counts = { orders: 0, download: 0, create: 0 };
  const server = await startFaultyServer((request) => {
    if (request.path.endsWith("/practice-configuration")) return json(200, envelope(wirePractice()));
    if (request.path.endsWith("/orders/practice")) return orders(counts.orders++);
    if (request.path.includes("/download/")) return download(counts.download++);
    if (request.path.endsWith("/scan-request")) return create(counts.create++);
    if (request.path.endsWith("/patient/search")) return json(200, []);
    return json(200, envelope(order));
  });
  t.after(() => server.close());
  return server;
}

/** Opens the only order of a scripted practice. `options` are those of the portal's page. */
export async function openScriptedOrder(t, portals, download, options) {
  const server = await scriptedPractice(t, { download });
  const portal = await portals.open(t, options);
  await portal.connectTo(server.baseUrl, "SOME-TOKEN");
  await portal.orderRow(RX_ID).waitFor();
  await portal.openOrder(RX_ID);
  return { portal, server };
}
