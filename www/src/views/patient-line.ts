// One patient in a line or two, for lists of patients to choose from.
import type { PatientMatch } from "itero-dpms";
import { h } from "../dom";
import { date, fullName, gender, NONE } from "../format";

export function patientLine(
  patient: Pick<PatientMatch, "firstName" | "lastName" | "chartNumber" | "dateOfBirth" | "gender">,
  more: readonly string[] = [],
): HTMLElement {
  const facts = [
    patient.chartNumber === null || patient.chartNumber === "" ? "no chart number" : `chart ${patient.chartNumber}`,
    patient.dateOfBirth === null ? "birth date unknown" : `born ${date(patient.dateOfBirth)}`,
    gender(patient.gender).toLowerCase(),
    ...more,
  ].filter((fact) => fact !== NONE);
  return h(
    "span",
    { class: "patient-line" },
    h("strong", {}, fullName(patient)),
    h("span", { class: "muted small" }, facts.join(" · ")),
  );
}
