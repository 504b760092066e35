import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";
import { Orders } from "./Orders.jsx";
import { openPortal } from "./portal.js";
import { Scan } from "./Scan.jsx";
import { inWords } from "./words.js";

function Portal({ portal }) {
  const [order, setOrder] = useState(null);
  return (
    <main>
      <Orders portal={portal} onChoose={setOrder} />
      {order && <Scan key={order.orderId} client={portal.client} order={order} />}
    </main>
  );
}

const root = createRoot(document.getElementById("root"));
try {
  const portal = await openPortal();
  root.render(
    <StrictMode>{portal ? <Portal portal={portal} /> : <p role="alert">{inWords("unauthorized")}</p>}</StrictMode>,
  );
} catch (error) {
  root.render(<p role="alert">{inWords(error)}</p>);
}
