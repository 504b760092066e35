// The events as a table.
import { fill, h, type Child } from "../dom";
import type { PracticeEvent } from "../event-log";
import { clockTime, moment, text } from "../format";
import { hashOf } from "../router";
import { statusBadge } from "../status";
import { cell, dataTable, tableRow } from "./data-table";

const columns = ["Noticed", "What happened", "Procedure", "Order", "Source"];

const sources: Record<PracticeEvent["source"], string> = {
  callback: "Callback",
  reconcile: "Reconciliation",
  poll: "Poll",
};

export function eventsTable(): {
  element: HTMLElement;
  /** `linked`: whether the page is connected to the practice that these orders belong to. */
  draw: (newestFirst: readonly PracticeEvent[], linked: boolean) => void;
} {
  const { element, body } = dataTable("events", columns);
  let drawn: readonly PracticeEvent[] = [];
  let drawnLinked = true;
  return {
    element,
    draw: (newestFirst, linked) => {
      if (newestFirst === drawn && linked === drawnLinked) return;
      drawn = newestFirst;
      drawnLinked = linked;
      const focused = document.activeElement?.closest<HTMLElement>("[data-event-id]")?.dataset["eventId"];
      fill(
        body,
        newestFirst.map((event) => row(event, linked)),
      );
      if (focused !== undefined) body.querySelector<HTMLElement>(`[data-event-id="${CSS.escape(focused)}"] a`)?.focus();
    },
  };
}

/** Returns the event's title. */
export function eventTitle({ type }: PracticeEvent): string {
  if (type === "scan.updated") return "Files updated";
  return type === "order.ready" ? "Scan ready" : "Status changed";
}

function row(event: PracticeEvent, linked: boolean): HTMLElement {
  const { id, at, type, rxId, orderId, status, previousStatus, procedure, source, read } = event;
  const order = orderId === null ? "Order" : `Order ${orderId}`;
  return tableRow(
    { class: read ? null : "arrived", testid: "event-row", "data-event-id": id, "data-rx-id": rxId },
    cell("event-at", h("time", { datetime: new Date(at).toISOString() }, time(at))),
    cell(
      "event-what",
      h("strong", {}, eventTitle(event)),
      !read && [" ", h("span", { class: "tag tag-accent" }, "New")],
      h(
        "span",
        { class: "event-status" },
        type === "order.changed" && statusBadge(previousStatus),
        h("span", {}, type === "order.changed" && arrow(), status !== null && statusBadge(status)),
      ),
    ),
    cell(procedure === null ? "event-procedure unknown" : "event-procedure", text(procedure)),
    cell(
      "event-order",
      linked ? h("a", { class: "row-link", href: hashOf({ name: "order", rxId }) }, order) : h("strong", {}, order),
      h("span", { class: "muted small code" }, rxId),
    ),
    cell("event-source", h("span", { class: "tag" }, sources[source])),
  );
}

function arrow(): Child {
  return [h("span", { "aria-hidden": true }, "→ "), h("span", { class: "visually-hidden" }, "to ")];
}

function time(at: number): string {
  const today = new Date(at).toDateString() === new Date().toDateString();
  return today ? clockTime(at) : moment(new Date(at).toISOString());
}
