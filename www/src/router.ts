// The URL's fragment. An RX id is all that it ever holds about a patient.

export type Route = { name: "order"; rxId: string } | { name: Page };

/** Every view except that of an order. The first one is shown for a URL that names none. */
const pages = ["orders", "events", "patients", "patient-correction", "captures", "new-scan", "practice"] as const;
type Page = (typeof pages)[number];

export function parseRoute(hash: string): Route {
  const [name, id] = hash.replace(/^#\/?/, "").split("/");
  if (name === "orders" && id) return { name: "order", rxId: decoded(id) };
  return { name: pages.find((page) => page === name) ?? pages[0] };
}

/** Returns the entry of the navigation that a route belongs to. */
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
    return segment; // a stray "%" in a hand-written link; the client reports that it is not an RX id
  }
}
