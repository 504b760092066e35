// The fields of a scan request, which become the client's request (§4.2.2).
import type { FieldError, Gender, PatientMatch, ScanRequest } from "itero-dpms";
import { h } from "../dom";
import type { Session } from "../session";
import { choices, explainFaults, field, textInput, type Field } from "./field";
import { procedurePicker } from "./procedure-picker";

/** What was typed but not sent, by field. It is kept while another view is shown and across connections. */
export type ScanRequestDraft = Map<string, string>;

/** The patient's details in a request. */
export type KnownPatient = Pick<PatientMatch, "firstName" | "lastName" | "chartNumber" | "dateOfBirth" | "gender">;

export interface ScanRequestFields {
  patient: HTMLElement[];
  scan: HTMLElement[];
  read: () => ScanRequest;
  /** The chosen procedure, for display. */
  procedure: () => string;
  /** Shows each fault at its field and focuses the first one; returns those that belong to no field here. */
  explain: (faults: readonly FieldError[]) => FieldError[];
  clearErrors: () => void;
  /** Fills in a known patient's details, so that the RX matches that patient. Missing details stay as typed. */
  fillPatient: (patient: KnownPatient) => void;
  /** Clears the fields for the next patient, except the doctor, who is usually the same. */
  clear: () => void;
  save: (draft: ScanRequestDraft) => void;
  restore: (draft: ScanRequestDraft) => void;
}

export function scanRequestFields({ practice, procedures }: Session): ScanRequestFields {
  const firstName = field(textInput("patientFirstName"), {
    label: "First name",
    missing: "Enter the patient's first name.",
  });
  const lastName = field(textInput("patientLastName"), {
    label: "Last name",
    missing: "Enter the patient's last name.",
  });
  const chartNumber = field(textInput("patientChartNumber"), {
    label: "Chart number",
    missing: "Enter the patient's chart number.",
  });
  // Deliberately a text input: a date picker discards an impossible date, so that it could not be explained.
  const birthDate = field(textInput("dateOfBirth", { placeholder: "YYYY-MM-DD" }), {
    label: "Date of birth",
    optional: true,
    hint: "Year, month, day: 1987-04-23",
  });
  const gender = field(
    h(
      "select",
      { name: "gender" },
      choices([
        { value: "", label: "Not stated" },
        { value: "female", label: "Female" },
        { value: "male", label: "Male" },
      ]),
    ),
    { label: "Gender", optional: true },
  );
  const doctor = field(
    h(
      "select",
      { name: "doctorId" },
      choices([
        { value: "", label: "Choose a doctor" },
        ...practice.doctors.map(({ id, name }) => ({ value: id, label: name ?? `Doctor ${id}` })),
      ]),
    ),
    { label: "Doctor", missing: "Choose the doctor who signs the RX." },
  );
  const picker = procedurePicker(procedures, practice.labs);
  const notes = field(h("textarea", { name: "notes", rows: 3 }), {
    label: "Notes for the scan",
    optional: true,
    class: "span",
  });

  const patient: Field[] = [firstName, lastName, chartNumber, birthDate, gender];
  const scan: Field[] = [doctor, ...picker.fields, notes];
  /** In reading order. */
  const all = [...patient, ...scan];

  return {
    patient: patient.map((each) => each.element),
    scan: scan.map((each) => each.element),
    read: () => ({
      companyId: practice.companyId,
      doctorId: doctor.control.value,
      patientFirstName: firstName.control.value,
      patientLastName: lastName.control.value,
      patientChartNumber: chartNumber.control.value,
      gender: gender.control.value === "" ? null : (gender.control.value as Gender),
      dateOfBirth: birthDate.control.value.trim() || null,
      notes: notes.control.value.trim() || null,
      ...picker.read(),
    }),
    procedure: picker.label,
    explain: (faults) =>
      explainFaults(
        all,
        faults.map((fault) => (fault.field === "procedureMapId" ? { ...fault, field: "procedure" } : fault)),
      ),
    clearErrors: () => all.forEach((each) => each.setError(null)),
    fillPatient: (known) => {
      const parts: [Field, string | null][] = [
        [firstName, known.firstName],
        [lastName, known.lastName],
        [chartNumber, known.chartNumber],
        [birthDate, known.dateOfBirth],
        [gender, known.gender],
      ];
      for (const [{ control, setError }, value] of parts) {
        if (value === null) continue;
        control.value = value;
        setError(null);
      }
    },
    clear: () => {
      for (const { control } of all) {
        if (control === doctor.control) continue;
        if (control instanceof HTMLSelectElement) control.selectedIndex = 0;
        else control.value = "";
      }
      picker.refresh();
    },
    save: (draft) => all.forEach(({ control }) => draft.set(control.name, control.value)),
    restore: (draft) => {
      for (const { control } of all) {
        const value = draft.get(control.name);
        if (value === undefined) continue;
        control.value = value;
        // A choice that this practice does not offer is dropped.
        if (control instanceof HTMLSelectElement && control.selectedIndex < 0) control.selectedIndex = 0;
        picker.refresh(); // each choice determines what the next one offers
      }
    },
  };
}
