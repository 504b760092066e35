// One order: its status, what to do next, its files, and everything the API returns about it.
import type { Order, OrderStatusInfo } from "itero-dpms";
import { fill, h } from "../dom";
import { describe, errorNotice } from "../errors";
import { patientName, procedureName, text } from "../format";
import { statusBadge } from "../status";
import type { Context, View } from "../view";
import { orderFacts } from "./order-facts";
import { scanFiles } from "./scan-files";

export function orderDetailView(context: Context, rxId: string): View {
  const { session } = context;
  const stop = new AbortController();
  const body = h("div", { class: "stack" });
  let disposeFiles = (): void => {};

  const load = async (): Promise<void> => {
    fill(body, loading());
    try {
      const order = await session.client.getOrder(rxId, { signal: stop.signal });
      const files = scanFiles(context, order);
      disposeFiles = files.dispose;
      show(
        heading(order),
        viewerLink(order),
        h(
          "div",
          { class: "detail" },
          h("div", { class: "stack" }, nextStep(order, session.statuses), files.element, preps(order)),
          orderFacts(order),
        ),
      );
    } catch (error) {
      if (stop.signal.aborted) return;
      show(
        heading(null),
        errorNotice(describe(error), {
          testid: "order-error",
          title: "The order could not be shown.",
          retry: () => void load(),
        }),
      );
    }
  };

  /** If the loading order's heading had the focus, the new one gets it. */
  const show = (...content: HTMLElement[]): void => {
    const waiting = body.contains(document.activeElement);
    fill(body, content);
    if (waiting) body.querySelector("h1")?.focus({ preventScroll: true });
  };

  void load();
  return {
    title: "Order",
    element: h(
      "article",
      { class: "stack", testid: "order-detail" },
      h("p", {}, h("a", { href: "#/orders", class: "back-link" }, "All orders")),
      body,
    ),
    dispose: () => {
      stop.abort();
      disposeFiles();
    },
  };
}

function loading(): HTMLElement[] {
  return [
    heading(null),
    h(
      "div",
      { class: "card", "aria-busy": true },
      h("p", { class: "muted" }, "Loading the order…"),
      h("progress", { "aria-label": "Loading the order" }),
    ),
  ];
}

function heading(order: Order | null): HTMLElement {
  return h(
    "header",
    { class: "page-header" },
    h("h1", { tabindex: -1 }, order === null ? "Order" : patientName(order)),
    order && h("p", { class: "muted" }, [procedureName(order), order.procedureTypeName].filter(Boolean).join(" · ")),
  );
}

/** The viewer has its own login (§4.4.8), so the user opens it; the page never fetches it. */
function viewerLink({ links: { viewer } }: Order): HTMLElement {
  return h(
    "div",
    { class: "viewer-link" },
    viewer !== null && /^https?:/i.test(viewer)
      ? [
          h(
            "a",
            { class: "button", href: viewer, target: "_blank", rel: "noopener noreferrer", testid: "open-viewer" },
            "Open in the 3D viewer",
            h("span", { class: "visually-hidden" }, " (new tab)"),
          ),
          h(
            "p",
            { class: "muted small" },
            "In a new tab. myitero.com asks you to log in once; other doctors' scans need full order visibility there.",
          ),
        ]
      : h("p", { class: "muted small" }, "The API returned no link to the 3D viewer for this order."),
  );
}

function nextStep(order: Order, statuses: readonly OrderStatusInfo[]): HTMLElement {
  const info = statuses.find(({ status }) => status === order.status);
  return h(
    "section",
    { class: "card", "aria-labelledby": "status-heading" },
    h("div", { class: "split" }, h("h2", { id: "status-heading" }, "Status"), statusBadge(order.status)),
    info === undefined
      ? h("p", {}, "This status is not documented.")
      : [
          h("p", {}, `${info.stage}.`),
          h("p", { class: "callout" }, h("strong", {}, "What to do: "), info.handling ?? "nothing for now."),
          h("p", { class: "muted small" }, `Can occur for: ${info.cases}`),
        ],
  );
}

function preps({ preps }: Order): HTMLElement {
  const column = (name: string) => h("th", { scope: "col" }, name);
  const cell = (value: string | number | null) => h("td", { class: "numeric" }, text(value));
  return h(
    "section",
    { class: "card", "aria-labelledby": "preps-heading" },
    h("h2", { id: "preps-heading" }, "Preparations"),
    preps.length === 0
      ? h("p", { class: "muted" }, "No prepared teeth are listed.")
      : h(
          "table",
          { class: "simple-table" },
          h("thead", {}, h("tr", {}, column("Tooth (ADA)"), column("Unit"), column("Bridge"))),
          h(
            "tbody",
            {},
            preps.map((prep) =>
              h("tr", {}, cell(prep.adaId), cell(prep.unitTypeName ?? prep.unitTypeId), cell(prep.bridgeId)),
            ),
          ),
        ),
  );
}
