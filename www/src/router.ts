// The part of the address behind "#": the only thing of a patient it ever holds is an RX id.

export type Route = { name: "orders" } | { name: "order"; rxId: string } | { name: "new-scan" } | { name: "practice" };

export function parseRoute(hash: string): Route {
  const [name, id] = hash.replace(/^#\/?/, "").split("/");
  if (name === "orders" && id) return { name: "order", rxId: decoded(id) };
  if (name === "new-scan" || name === "practice") return { name };
  return { name: "orders" };
}

export function hashOf(route: Route): string {
  return route.name === "order" ? `#/orders/${encodeURIComponent(route.rxId)}` : `#/${route.name}`;
}

export function navigate(route: Route): void {
  location.hash = hashOf(route);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // a stray "%" in a hand-written link; the client will say that it is no RX id
  }
}
