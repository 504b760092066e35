// Patients as a table.
import type { Patient } from "itero-dpms";
import { fill, h, type Child } from "../dom";
import { date, fullName, gender, moment, text } from "../format";
import { cell, dataTable, tableRow } from "./data-table";

export interface PatientActions {
  edit: (patient: Patient) => void;
  scan: (patient: Patient) => void;
}

const columns = [
  "Patient",
  "Chart number",
  "Date of birth",
  "Gender",
  "Last scan",
  h("span", { class: "visually-hidden" }, "Actions"),
];

export function patientsTable(actions: PatientActions): {
  element: HTMLElement;
  draw: (patients: readonly Patient[]) => void;
  /** Returns the focus to a patient's row. */
  focus: (patientId: string) => void;
} {
  const { element, body } = dataTable("patients", columns);
  let drawn: readonly Patient[] = [];
  return {
    element,
    draw: (patients) => {
      if (patients === drawn) return;
      drawn = patients;
      fill(
        body,
        patients.map((patient) => row(patient, actions)),
      );
    },
    focus: (patientId) =>
      body.querySelector<HTMLElement>(`[data-patient-id="${CSS.escape(patientId)}"] button`)?.focus(),
  };
}

function row(patient: Patient, { edit, scan }: PatientActions): HTMLElement {
  const name = fullName(patient);
  const button = (label: string, testid: string, onclick: () => void) =>
    h(
      "button",
      { type: "button", class: "button button-small", testid, onclick },
      label,
      h("span", { class: "visually-hidden" }, ` for ${name}`),
    );
  return tableRow(
    { testid: "patient-row", "data-patient-id": patient.patientId },
    cell("patient-name", h("strong", {}, name)),
    labelled("chart", "Chart", text(patient.chartNumber)),
    labelled("born", "Born", date(patient.dateOfBirth)),
    labelled("gender", "Gender", gender(patient.gender)),
    labelled(
      "last-scan",
      "Last scan",
      patient.lastScanDate === null
        ? h("span", { class: "muted" }, "Never")
        : h("time", { datetime: patient.lastScanDate }, moment(patient.lastScanDate)),
    ),
    cell(
      "patient-actions",
      h(
        "div",
        { class: "button-row" },
        button("Edit", "edit-patient", () => edit(patient)),
        button("New scan", "scan-patient", () => scan(patient)),
      ),
    ),
  );
}

/** On a narrow screen there are no headings, so the label names the value. */
function labelled(name: string, label: string, content: Child): HTMLElement {
  return cell(`patient-${name}`, h("span", { class: "cell-label", "aria-hidden": true }, label), content);
}
