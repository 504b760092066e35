// Every field of an order, grouped for a clinic.
import type { Order } from "itero-dpms";
import { h, type Child } from "../dom";
import { date, duration, moment, NONE, patientName, text } from "../format";

type Fact = [name: string, value: Child];

export function orderFacts(order: Order): HTMLElement {
  return h(
    "div",
    { class: "stack" },
    group("Patient", [
      ["Name", patientName(order)],
      ["Chart number", text(order.patientChartNumber)],
      [
        "Patient number",
        order.patientId === null ? NONE : [order.patientId, h("span", { class: "muted small" }, " deprecated")],
      ],
    ]),
    group("Scan", [
      ["Procedure", text(order.procedureName)],
      ["Type", text(order.procedureTypeName)],
      ["Case type", text(order.caseType)],
      ["Scanned", moment(order.scanningDate)],
      ["Scanning time", duration(order.scanningTime)],
      ["Due", date(order.dueDate)],
      ["Notes", text(order.notes)],
      ["Scanner", scanner(order)],
    ]),
    group("People and places", [
      ["Doctor", named(order.doctorName, order.doctorId)],
      ["Licence number", text(order.doctorLicenseNumber)],
      ["Scanned by", named(order.scanningOperatorName, order.scanningOperatorId)],
      ["Practice", named(order.companyName, order.companyId)],
      ["Lab", named(order.labName, order.labId)],
    ]),
    group("Reference", [
      ["Order number", order.orderId],
      ["Order code", text(order.orderCode)],
      ["RX id", h("span", { class: "code" }, order.rxId)],
    ]),
    links(order),
  );
}

function group(title: string, facts: Fact[]): HTMLElement {
  return h("section", { class: "card" }, h("h2", {}, title), list(facts));
}

function list(facts: Fact[]): HTMLElement {
  return h(
    "dl",
    { class: "facts" },
    facts.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
  );
}

function links({ links }: Order): HTMLElement {
  const address = (url: string | null): Child => (url === null ? NONE : h("span", { class: "code" }, url));
  // They need the access token, so they are shown, not followed.
  return h(
    "section",
    { class: "card" },
    h("h2", {}, "Links"),
    h(
      "details",
      {},
      h("summary", {}, "File addresses, for software"),
      list([
        ["Scan", address(links.scan)],
        ["Pictures", address(links.thumbnails)],
        ["Captures", address(links.screenCaptures)],
        ["3D viewer", address(links.viewer)],
      ]),
    ),
  );
}

function scanner({ scannerModelDescription, scannerModelId }: Order): string {
  return named(scannerModelDescription, scannerModelId);
}

function named(name: string | null, id: number | null): string {
  if (name === null || name === "") return id === null ? NONE : `No. ${id}`;
  return id === null ? name : `${name} (${id})`;
}
