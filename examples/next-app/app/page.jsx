import { isDpmsError } from "itero-dpms";
import { Events } from "./Events.jsx";
import { practice } from "./practice.js";

// The list is loaded for each request, not at build time.
export const dynamic = "force-dynamic";

export default async function Page() {
  const orders = await newestOrders();
  return (
    <main>
      <h1>Practice</h1>
      <Events />
      <h2>Orders</h2>
      {orders === null ? (
        <p role="alert">The orders cannot be listed now. Load the page again.</p>
      ) : (
        <Table orders={orders} />
      )}
    </main>
  );
}

/** Returns the orders of the last 30 days, newest first, or null if the call fails. */
async function newestOrders() {
  const dateFrom = new Date(Date.now() - 30 * 24 * 3600 * 1000).toISOString().slice(0, 10);
  const orders = [];
  try {
    for await (const order of (await practice()).orders({ dateFrom })) orders.push(order);
  } catch (error) {
    if (!isDpmsError(error)) throw error;
    console.error(error.message); // contains no patient data
    return null;
  }
  return orders.reverse();
}

function Table({ orders }) {
  return (
    <div style={{ overflowX: "auto" }}>
      <table cellPadding="6">
        <thead>
          <tr align="left">
            <th>Scanned</th>
            <th>Patient</th>
            <th>Procedure</th>
            <th>Status</th>
          </tr>
        </thead>
        <tbody>
          {orders.map((order) => (
            <tr key={order.rxId}>
              <td>{order.scanningDate?.slice(0, 10)}</td>
              <td>
                {order.patientFirstName} {order.patientLastName}
              </td>
              <td>{order.procedureName ?? order.caseType}</td>
              <td>{order.status}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
