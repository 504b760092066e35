// The orders as a table.
import type { Order } from "itero-dpms";
import { fill, h } from "../dom";
import { moment, NONE, patientName, procedureName, text } from "../format";
import { hashOf } from "../router";
import { statusBadge } from "../status";
import { cell, dataTable, tableRow } from "./data-table";

const columns = ["Patient", "Procedure", "Doctor", "Scanned", "Status"];

export function ordersTable(): {
  element: HTMLElement;
  draw: (orders: readonly Order[], arrived: string | null) => void;
} {
  const { element, body } = dataTable("orders", columns);

  let drawn: readonly Order[] = [];
  let drawnArrival: string | null = null;
  const draw = (orders: readonly Order[], arrived: string | null): void => {
    if (
      arrived === drawnArrival &&
      orders.length === drawn.length &&
      orders.every((order, index) => order === drawn[index])
    )
      return;
    drawn = orders;
    drawnArrival = arrived;
    const focused = document.activeElement?.closest<HTMLElement>("[data-rx-id]")?.dataset["rxId"];
    fill(
      body,
      orders.map((order) => row(order, order.rxId === arrived)),
    );
    if (focused !== undefined) body.querySelector<HTMLElement>(`[data-rx-id="${CSS.escape(focused)}"] a`)?.focus();
  };
  return { element, draw };
}

function row(order: Order, arrived: boolean): HTMLElement {
  return tableRow(
    { class: arrived ? "arrived" : null, testid: "order-row", "data-rx-id": order.rxId },
    cell(
      "cell-patient",
      h("a", { class: "row-link", href: hashOf({ name: "order", rxId: order.rxId }) }, patientName(order)),
      arrived && [" ", h("span", { class: "tag tag-accent" }, "New")],
      h("span", { class: "muted small" }, `Chart ${text(order.patientChartNumber)}`),
    ),
    cell(
      "cell-procedure",
      procedureName(order),
      order.procedureTypeName && h("span", { class: "muted small" }, order.procedureTypeName),
    ),
    cell("cell-doctor", text(order.doctorName)),
    cell(
      "cell-scanned",
      order.scanningDate === null ? NONE : h("time", { datetime: order.scanningDate }, moment(order.scanningDate)),
    ),
    cell("cell-status", statusBadge(order.status)),
  );
}
