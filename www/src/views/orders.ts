// The orders list: filters, a table that fills as pages arrive, and paging.
import type { Order } from "itero-dpms";
import { fill, h, setAttribute } from "../dom";
import { describe, errorNotice } from "../errors";
import { count } from "../format";
import type { OrdersStore } from "../orders-store";
import type { Context, View } from "../view";
import { ordersFilterBar } from "./orders-filters";
import { ordersTable } from "./orders-table";

const PAGE_SIZE = 25;

export function ordersView({ orders, session, announce }: Context): View {
  const bar = ordersFilterBar(orders, session.statuses);
  const table = ordersTable();
  const failure = h("div", {});
  const empty = h("p", { class: "empty", hidden: true });
  const counter = h("p", { class: "table-count", testid: "orders-count" });
  const busy = h("progress", { class: "thin-progress", "aria-label": "Loading orders" });
  const refresh = h("button", { type: "button", class: "button", onclick: () => void orders.load() }, "Refresh");
  const previous = h(
    "button",
    { type: "button", class: "button", testid: "orders-prev", onclick: () => turn(-1) },
    "Previous",
  );
  const next = h("button", { type: "button", class: "button", testid: "orders-next", onclick: () => turn(1) }, "Next");
  const region = h(
    "section",
    { class: "card card-flush", "aria-label": "Orders" },
    busy,
    table.element,
    empty,
    h(
      "nav",
      { class: "pager", "aria-label": "Pages of orders" },
      counter,
      h("div", { class: "button-row" }, previous, next),
    ),
  );

  const turn = (by: number): void => {
    orders.turnTo(orders.page + by);
    // A button that the last page disables would lose the focus.
    if (previous.disabled) next.focus();
    else if (next.disabled) previous.focus();
    region.scrollIntoView({ block: "start" });
    announce(counter.textContent ?? "");
  };

  const draw = (): void => {
    const loading = orders.phase === "loading";
    const matching = orders.matching();
    const first = orders.page * PAGE_SIZE;
    const shown = matching.slice(first, first + PAGE_SIZE);

    bar.draw();
    table.draw(shown, orders.arrived);
    setAttribute(region, "aria-busy", loading);
    busy.hidden = !loading;
    setAttribute(refresh, "disabled", loading);
    setAttribute(previous, "disabled", first === 0);
    setAttribute(next, "disabled", first + PAGE_SIZE >= matching.length);
    table.element.hidden = shown.length === 0;
    empty.hidden = shown.length > 0;
    empty.textContent = loading ? "Loading orders…" : emptyText(orders);
    counter.textContent = countText(first, shown, matching.length, loading);
    // Redrawn only when it changes, so that it is announced once.
    if (orders.phase !== "failed") fill(failure);
    else if (failure.childElementCount === 0) fill(failure, loadError(orders));
  };

  let phase = orders.phase;
  const unsubscribe = orders.changed.add(() => {
    draw();
    if (orders.phase !== phase && orders.phase === "ready") announce(counter.textContent ?? "");
    phase = orders.phase;
  });
  if (orders.phase === "new") void orders.load();
  draw();

  return {
    title: "Orders",
    element: h(
      "div",
      { class: "stack" },
      h(
        "header",
        { class: "page-header split" },
        h(
          "div",
          {},
          h("h1", { tabindex: -1 }, "Orders"),
          h("p", { class: "muted" }, "Scans of the practice, newest first."),
        ),
        refresh,
      ),
      bar.element,
      failure,
      region,
    ),
    dispose: () => {
      unsubscribe();
      bar.dispose();
      orders.arrived = null; // highlighted once
    },
  };
}

function countText(first: number, shown: readonly Order[], total: number, loading: boolean): string {
  const range = shown.length === 0 ? "0" : `${count(first + 1)}–${count(first + shown.length)}`;
  return loading ? `${range} of ${count(total)} so far` : `${range} of ${count(total)}`;
}

function emptyText(orders: OrdersStore): string {
  if (orders.phase === "failed") return "No orders were loaded.";
  return orders.loaded.length > 0 || orders.filters.chartNumber !== ""
    ? "No order matches these filters."
    : "No orders in this period. Choose a longer one, or send a scan request.";
}

function loadError(orders: OrdersStore): HTMLElement {
  return errorNotice(describe(orders.error), {
    testid: "orders-error",
    title: orders.loaded.length === 0 ? "The orders could not be loaded." : "Not all orders could be loaded.",
    retry: () => void orders.load(),
  });
}
