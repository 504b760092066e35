// The orders list's filters. The server filters by time and chart number, this page by status and words.
import type { OrderStatusInfo } from "itero-dpms";
import { fill, h } from "../dom";
import type { OrdersStore, Range } from "../orders-store";
import { choices } from "./field";

/** How long typing must pause before a request is sent. */
const PAUSE_MS = 400;

const ranges: { value: Range; label: string }[] = [
  { value: "30", label: "Last 30 days" },
  { value: "90", label: "Last 90 days" },
  { value: "all", label: "All" },
];

export interface OrdersFilterBar {
  element: HTMLElement;
  /** Updates the controls from the store. */
  draw: () => void;
  dispose: () => void;
}

export function ordersFilterBar(orders: OrdersStore, known: readonly OrderStatusInfo[]): OrdersFilterBar {
  const range = h("select", { id: "range-filter", testid: "range-filter" }, choices(ranges));
  const status = h("select", { id: "status-filter", testid: "status-filter" });
  const typed = { autocomplete: "off", spellcheck: false, enterkeyhint: "search" };
  const chart = h("input", { id: "chart-filter", testid: "chart-filter", type: "text", ...typed });
  const search = h("input", {
    id: "orders-search",
    testid: "orders-search",
    type: "search",
    placeholder: "Patient, procedure or doctor",
    ...typed,
  });

  let pause: ReturnType<typeof setTimeout> | undefined;
  const askForChart = (): void => {
    clearTimeout(pause);
    const chartNumber = chart.value.trim();
    if (chartNumber !== orders.filters.chartNumber) orders.filter({ chartNumber });
  };
  range.addEventListener("change", () => orders.filter({ range: range.value as Range }));
  status.addEventListener("change", () => orders.filter({ status: status.value }));
  search.addEventListener("input", () => orders.filter({ search: search.value }));
  chart.addEventListener("change", askForChart);
  chart.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(askForChart, PAUSE_MS);
  });

  let offered = "";
  const drawStatuses = (): void => {
    const seen = orders.loaded.flatMap((order) => order.status ?? []);
    const all = [...new Set([...known.map((info) => info.status), ...seen, orders.filters.status])].filter(
      (name) => name !== "",
    );
    // Replacing the options of an open select would close it.
    if (offered !== all.join("\n")) {
      offered = all.join("\n");
      fill(
        status,
        choices([{ value: "", label: "All statuses" }, ...all.map((name) => ({ value: name, label: name }))]),
      );
    }
    status.value = orders.filters.status;
  };

  const draw = (): void => {
    drawStatuses();
    range.value = orders.filters.range;
    // While the user is typing, the input is newer than the store.
    if (document.activeElement !== search) search.value = orders.filters.search;
    if (document.activeElement !== chart) chart.value = orders.filters.chartNumber;
  };

  const element = h(
    "search",
    { class: "filters" },
    labelled("Search", search),
    labelled("Chart number", chart),
    labelled("Status", status),
    labelled("Scanned", range),
  );
  return { element, draw, dispose: () => clearTimeout(pause) };
}

function labelled(label: string, control: HTMLInputElement | HTMLSelectElement): HTMLElement {
  return h("div", { class: "field" }, h("label", { for: control.id }, label), control);
}
