// The page: connects, then shows the view that the URL names, also after every new connection.
import { ActivityLog } from "./activity";
import { fill, required, setAttribute } from "./dom";
import { EventFeed } from "./event-feed";
import { OrdersStore } from "./orders-store";
import { PatientsStore } from "./patients-store";
import { PendingScans } from "./pending-scans";
import { navigate, parseRoute, sectionOf, type Route } from "./router";
import type { Session } from "./session";
import type { Context, View } from "./view";
import { activityPanel } from "./views/activity-panel";
import { capturesView } from "./views/captures";
import { connectionPanel } from "./views/connection";
import { eventsView } from "./views/events";
import { unreadMark } from "./views/unread-mark";
import { orderDetailView } from "./views/order-detail";
import { ordersView } from "./views/orders";
import { patientCorrectionView } from "./views/patient-correction";
import { patientsView } from "./views/patients";
import { practiceView } from "./views/practice";
import { sandboxTools } from "./views/sandbox-tools";
import { scanRequestView } from "./views/scan-request";
import type { ScanRequestDraft } from "./views/scan-request-fields";

const main = required("main");
const page = required("page");
const announcer = required("announcer");
const siteName = document.title;

const draft: ScanRequestDraft = new Map();
const correctionDraft = new Map<string, string>();
const activity = new ActivityLog();
const tools = sandboxTools(showStatusChange);
const markUnread = unreadMark(required("events-unread"));
let shown: Route = parseRoute(location.hash);
let context: Context | null = null;
let view: View | null = null;

function start(session: Session): void {
  const route = parseRoute(location.hash);
  context?.orders.dispose();
  context?.events.dispose();
  context?.patients.dispose();
  const changed = context !== null;
  const orders = new OrdersStore(session.client);
  context = {
    session,
    announce,
    draft,
    correctionDraft,
    enterAddress: panel.enterAddress,
    connectToEdge: panel.connectToEdge,
    patients: new PatientsStore(session.client),
    orders,
    events: new EventFeed(session, (events) => orders.follow(events.map(({ rxId }) => rxId))),
    pending: new PendingScans(session.address),
  };
  tools.connect(context);
  markUnread(context.events);
  // The open order belongs to the previous practice.
  if (changed && route.name === "order") navigate({ name: "orders" });
  else show(route);
}

function show(route: Route): void {
  if (context === null) return;
  view?.dispose?.();
  view = viewOf(route, context);
  shown = route;
  fill(main, view.element);
  document.title = `${view.title} · ${siteName}`;
  if (route.name === "order") tools.choose(route.rxId);
  const section = sectionOf(route);
  for (const link of document.querySelectorAll("[data-section]")) {
    setAttribute(link, "aria-current", link.getAttribute("data-section") === section ? "page" : null);
  }
}

function viewOf(route: Route, given: Context): View {
  switch (route.name) {
    case "orders":
      return ordersView(given);
    case "order":
      return orderDetailView(given, route.rxId);
    case "events":
      return eventsView(given);
    case "patients":
      return patientsView(given);
    case "patient-correction":
      return patientCorrectionView(given);
    case "captures":
      return capturesView(given);
    case "new-scan":
      return scanRequestView(given);
    case "practice":
      return practiceView(given);
  }
}

/** Shows an order's new status after it was changed in the sandbox. */
function showStatusChange(rxId: string): void {
  if (context === null) return;
  if (context.orders.phase !== "new") void context.orders.load();
  if (shown.name === "order" && shown.rxId === rxId) show(shown);
  void context.events.check();
}

function announce(message: string): void {
  announcer.textContent = message;
}

window.addEventListener("hashchange", () => {
  const previous = shown;
  show(parseRoute(location.hash));
  // Moves the focus to the new view; back in the list, to the order that was open.
  const row =
    previous.name === "order" ? main.querySelector<HTMLElement>(`[data-rx-id="${CSS.escape(previous.rxId)}"] a`) : null;
  if (row === null) page.scrollTo(0, 0);
  (row ?? main.querySelector<HTMLElement>("h1"))?.focus({ preventScroll: row === null });
});

// Keys scroll the element with the focus. The window itself does not scroll.
window.addEventListener("keydown", () => {
  if (document.activeElement === document.body) page.focus({ preventScroll: true });
});

// The router would take the link's fragment for a route.
required("skip-link").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});

activityPanel(required("activity"), activity, tools);
const panel = connectionPanel(required("connection"), activity, start);
panel.connectSandbox();
