// A table of records; on a narrow screen the same rows are shown as cards (styles/tables.css). Explicit roles keep it a table for
// assistive technology when CSS changes its display.
import { h, type Attributes, type Child } from "../dom";

/** Rows go into `body`: create each with {@link tableRow} from {@link cell}s. */
export function dataTable(
  name: string,
  columns: readonly Child[],
): { element: HTMLTableElement; body: HTMLTableSectionElement } {
  const body = h("tbody", { role: "rowgroup" });
  const headings = columns.map((column) => h("th", { scope: "col", role: "columnheader" }, column));
  const element = h(
    "table",
    { class: `data-table ${name}`, role: "table", testid: `${name}-table` },
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, headings)),
    body,
  );
  return { element, body };
}

export function tableRow(attributes: Attributes, ...cells: HTMLElement[]): HTMLElement {
  return h("tr", { role: "row", ...attributes }, cells);
}

export function cell(className: string, ...content: Child[]): HTMLElement {
  return h("td", { role: "cell", class: className }, ...content);
}
