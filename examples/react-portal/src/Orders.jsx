import { useEffect, useState } from "react";
import { useScanEvents } from "./useScanEvents.js";
import { inWords } from "./words.js";

/** The practice's orders, newest first, updated by its events. */
export function Orders({ portal, onChoose }) {
  const { client } = portal;
  const [orders, setOrders] = useState(new Map()); // by rxId
  const [isLoaded, setLoaded] = useState(false);
  const [changed, setChanged] = useState(null);
  const [error, setError] = useState(null);

  useEffect(() => {
    const leaving = new AbortController();
    const { signal } = leaving;
    const load = async () => {
      const found = new Map();
      for await (const order of client.orders({}, { signal })) found.set(order.rxId, order);
      setOrders(found);
      setLoaded(true);
    };
    load().catch((reason) => signal.aborted || setError(reason));
    return () => leaving.abort();
  }, [client]);

  // An event names its order. The first events are old ones: those that the list already shows need no call.
  const live = useScanEvents(portal, isLoaded, async ({ rxId, status }, signal) => {
    if (orders.get(rxId)?.status === status) return;
    try {
      const order = await client.getOrder(rxId, { signal });
      if (orders.get(rxId)?.status === order.status) return;
      setOrders((before) => new Map(before).set(rxId, order));
      setChanged(rxId);
    } catch (reason) {
      if (!signal.aborted) setError(reason);
    }
  });

  const rows = [...orders.values()].sort((a, b) => (b.scanningDate ?? "").localeCompare(a.scanningDate ?? ""));
  return (
    <section>
      <h1>Orders</h1>
      <p role="status">{isLoaded ? `${rows.length} orders. ${LIVE[live.type] ?? inWords(live.reason)}` : "Loading…"}</p>
      {error && <p role="alert">{inWords(error)}</p>}
      <div className="table">
        <table>
          <thead>
            <tr>
              {["Scanned", "Patient", "Procedure", "Status", "Scan"].map((title) => (
                <th key={title}>{title}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((order) => (
              <tr key={order.rxId} className={order.rxId === changed ? "changed" : undefined}>
                <td>{order.scanningDate && new Date(order.scanningDate).toLocaleDateString()}</td>
                <td>
                  {order.patientFirstName} {order.patientLastName}
                </td>
                <td>{order.procedureName ?? order.caseType}</td>
                <td>{order.status}</td>
                <td>{order.links.scan && <button onClick={() => onChoose(order)}>Show</button>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const LIVE = {
  connecting: "Connecting…",
  live: "Changes appear as they happen.",
  polling: "Changes appear within half a minute.",
  offline: "Offline: changes appear when the connection is back.",
};
