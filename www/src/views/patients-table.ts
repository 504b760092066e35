// Patients as a table; on a narrow screen the same rows read as cards (styles/patients.css).
import type { Patient } from "itero-dpms";
import { fill, h, type Child } from "../dom";
import { date, fullName, gender, moment, text } from "../format";

export interface PatientActions {
  edit: (patient: Patient) => void;
  scan: (patient: Patient) => void;
}

const columns = ["Patient", "Chart number", "Date of birth", "Gender", "Last scan"];

export function patientsTable(actions: PatientActions): {
  element: HTMLElement;
  draw: (patients: readonly Patient[]) => void;
  /** Puts the keyboard back on a patient's row. */
  focus: (patientId: string) => void;
} {
  const body = h("tbody", { role: "rowgroup" });
  const element = h(
    "table",
    { class: "patients", role: "table", testid: "patients-table" },
    h(
      "thead",
      { role: "rowgroup" },
      h(
        "tr",
        { role: "row" },
        columns.map((name) => h("th", { scope: "col", role: "columnheader" }, name)),
        h("th", { scope: "col", role: "columnheader" }, h("span", { class: "visually-hidden" }, "Actions")),
      ),
    ),
    body,
  );
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
  return h(
    "tr",
    { role: "row", testid: "patient-row", "data-patient-id": patient.patientId },
    cell("name", "", h("strong", {}, name)),
    cell("chart", "Chart", text(patient.chartNumber)),
    cell("born", "Born", date(patient.dateOfBirth)),
    cell("gender", "Gender", gender(patient.gender)),
    cell(
      "last-scan",
      "Last scan",
      patient.lastScanDate === null
        ? h("span", { class: "muted" }, "Never")
        : h("time", { datetime: patient.lastScanDate }, moment(patient.lastScanDate)),
    ),
    cell(
      "actions",
      "",
      h(
        "div",
        { class: "button-row" },
        button("Edit", "edit-patient", () => edit(patient)),
        button("New scan", "scan-patient", () => scan(patient)),
      ),
    ),
  );
}

/** On a narrow screen, where there are no headings, the label says what the value is. */
function cell(name: string, label: string, ...content: Child[]): HTMLElement {
  return h(
    "td",
    { role: "cell", class: `patient-${name}` },
    label !== "" && h("span", { class: "cell-label", "aria-hidden": true }, label),
    content,
  );
}
