// The part of the address behind "#": the only thing of a patient it ever holds is an RX id.

export type Route = { name: "order"; rxId: string } | { name: Page };

/** Every page but the one of an order. The first one is shown for an address that names none. */
const pages = ["orders", "events", "patients", "patient-correction", "captures", "new-scan", "practice"] as const;
type Page = (typeof pages)[number];

export function parseRoute(hash: string): Route {
  const [name, id] = hash.replace(/^#\/?/, "").split("/");
  if (name === "orders" && id) return { name: "order", rxId: decoded(id) };
  return { name: pages.find((page) => page === name) ?? pages[0] };
}

/** The entry of the navigation that a route belongs to. */
export function sectionOf({ name }: Route): Page {
  if (name === "order") return "orders";
  return name === "patient-correction" ? "patients" : name;
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
