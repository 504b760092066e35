// Procedure → type → destination → lab, each step with only the choices of the procedure table (§4.2.3).
import type { Lab, Procedure, SendTo } from "itero-dpms";
import { fill, h } from "../dom";
import { choices, field, type Choice, type Field } from "./field";

const destinations: Record<SendTo, string> = {
  none: "Keep at the practice",
  "resto-lab": "Restorative lab",
  "ortho-lab": "Orthodontic lab",
  myitero: "myitero.com",
};

/** The lab type that accepts the cases of each destination; the other destinations have no lab. */
const labTypes: Partial<Record<SendTo, string>> = { "ortho-lab": "Ortho", "resto-lab": "Dental" };

export interface ProcedurePicker {
  /** In the order in which they are chosen. */
  fields: Field[];
  /** Null values are chosen at the scanner. */
  read: () => { procedureMapId: number | null; labId: number | null };
  label: () => string;
  /** Updates the dependent choices after one was set from outside. */
  refresh: () => void;
}

export function procedurePicker(table: readonly Procedure[], labs: readonly Lab[]): ProcedurePicker {
  const procedure = field(h("select", { name: "procedure" }), { label: "Procedure", optional: true });
  const type = field(h("select", { name: "type" }), { label: "Type" });
  const sendTo = field(h("select", { name: "sendTo" }), { label: "Send to" });
  const lab = field(h("select", { name: "labId" }), { label: "Lab", optional: true });

  const names = unique(table.map((row) => row.procedure));
  const open: Choice = { value: "", label: "Choose at the scanner" };
  fill(procedure.control, choices([open, ...names.map((name) => ({ value: name, label: name }))]));

  const ofProcedure = () => table.filter((row) => row.procedure === procedure.control.value);
  const ofType = () => ofProcedure().filter((row) => (row.type ?? "") === type.control.value);
  const chosen = () => ofType().find((row) => row.sendTo === sendTo.control.value) ?? null;

  const refresh = (): void => {
    const types = unique(ofProcedure().map((row) => row.type ?? ""));
    offer(
      type,
      types.map((name) => ({ value: name, label: name || "Not specified" })),
      types.length > 0,
    );
    const places = unique(ofType().map((row) => row.sendTo)).sort((a, b) => order(a) - order(b));
    offer(
      sendTo,
      places.map((place) => ({ value: place, label: destinations[place] })),
      places.length > 0,
    );
    const wanted = labTypes[chosen()?.sendTo ?? "none"];
    const fitting = labs.filter((each) => wanted !== undefined && each.types.includes(wanted));
    const leftOpen = fitting.length === 0 ? { ...open, label: "No lab of this kind" } : open;
    // While hidden, it offers only the open choice, so that a lab that was chosen before is not sent.
    offer(
      lab,
      [leftOpen, ...fitting.map(({ id, name }) => ({ value: id, label: name ?? `Lab ${id}` }))],
      wanted !== undefined,
    );
  };
  procedure.control.addEventListener("change", refresh);
  type.control.addEventListener("change", refresh);
  sendTo.control.addEventListener("change", refresh);
  refresh();

  return {
    fields: [procedure, type, sendTo, lab],
    read: () => ({
      procedureMapId: chosen()?.id ?? null,
      labId: lab.control.value === "" ? null : Number(lab.control.value),
    }),
    label: () => [chosen()?.procedure ?? "Procedure chosen at the scanner", chosen()?.type].filter(Boolean).join(", "),
    refresh,
  };
}

/** Replaces a select's options and keeps the choice if it still exists. */
function offer(target: Field<HTMLSelectElement>, list: readonly Choice[], shown: boolean): void {
  const before = target.control.value;
  fill(target.control, choices(list));
  if (list.some(({ value }) => String(value) === before)) target.control.value = before;
  target.element.hidden = !shown;
  if (!shown) target.setError(null);
}

function order(place: SendTo): number {
  return Object.keys(destinations).indexOf(place);
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
