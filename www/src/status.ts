// An order's status as a badge. Statuses are an open set (R55): an unknown one is shown in a neutral colour.
import { h } from "./dom";
import { NONE } from "./format";

const tones: Record<string, "done" | "lab" | "clinic" | "align"> = {
  Completed: "done",
  "iTero Modeling": "lab",
  "iTero Milling": "lab",
  "Lab Review": "lab",
  Scanning: "clinic",
  "Exporting to Doctor Site": "align",
  "Align Production": "align",
};

export function statusBadge(status: string | null): HTMLElement {
  return h("span", { class: "badge", "data-tone": status === null ? null : tones[status] }, status ?? NONE);
}
