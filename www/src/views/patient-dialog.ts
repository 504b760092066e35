// Edits one patient's names and chart number, the details that an update by patient id can change (§5.3).
import { isDpmsError, type DpmsClient, type Patient, type PatientRecord, type PatientUpdate } from "itero-dpms";
import { fill, h, type Child } from "../dom";
import { describe, errorNotice, type Problem } from "../errors";
import { explainFaults, field, textInput, type Field } from "./field";
import { patientLine } from "./patient-line";
import { openDialog } from "./dialog";

/** `onSaved` gets the updated patient from the API. */
export function editPatient(
  host: HTMLElement,
  client: DpmsClient,
  patient: Patient,
  onSaved: (record: PatientRecord) => void,
): void {
  const input = (name: "firstName" | "lastName" | "chartNumber") =>
    textInput(`edit-${name}`, { value: patient[name] ?? "" });
  const firstName = field(input("firstName"), { label: "First name", missing: "A first name cannot be emptied." });
  const lastName = field(input("lastName"), { label: "Last name", missing: "A last name cannot be emptied." });
  const chartNumber = field(input("chartNumber"), {
    label: "Chart number",
    missing: "A chart number cannot be emptied, only replaced.",
  });
  const fields: Field[] = [firstName, lastName, chartNumber];
  const outcome = h("div", {});
  const save = h("button", { type: "submit", class: "button button-primary", testid: "patient-save" }, "Save");
  const stop = new AbortController();
  let saving = false;
  /** The chart number to save although others have it. */
  let shared: string | null = null;

  const setSaving = (value: boolean): void => {
    saving = value;
    save.setAttribute("aria-disabled", String(value));
    if (value) save.textContent = "Saving…";
    else nameButton();
  };
  const nameButton = (): void => {
    save.textContent = chartNumber.control.value.trim() === shared ? "Save anyway" : "Save";
  };
  chartNumber.control.addEventListener("input", nameButton);

  /** Returns only what was changed; null if nothing was. */
  const read = (): PatientUpdate | null => {
    const update: PatientUpdate = { patientId: patient.patientId };
    const changed = (["firstName", "lastName", "chartNumber"] as const).filter((name, index) => {
      const value = fields[index]!.control.value.trim();
      if (value === (patient[name] ?? "")) return false;
      update[name] = value;
      return true;
    });
    return changed.length === 0 ? null : update;
  };

  const submit = async (close: () => void): Promise<void> => {
    if (saving) return;
    fill(outcome);
    fields.forEach((each) => each.setError(null));
    const update = read();
    if (update === null) {
      fill(outcome, notice({ summary: "Nothing was changed.", detail: null, calm: true }));
      return;
    }
    setSaving(true);
    try {
      const { chartNumber: number } = update;
      if (number && number !== shared && (await isTaken(number))) return;
      // Not aborted when the dialog is closed: the update may already have taken effect.
      const record = await client.updatePatient(update);
      close();
      onSaved(record);
    } catch (error) {
      if (stop.signal.aborted) return;
      const faults = isDpmsError(error) ? error.fieldErrors : [];
      if (faults.length > 0 && explainFaults(fields, faults).length === 0) return;
      fill(outcome, notice(describe(error), "The patient was not changed."));
    } finally {
      setSaving(false);
      // On a small screen a message can push it out of view.
      save.scrollIntoView({ block: "nearest" });
    }
  };

  /** Shows who else has the chart number; saving again confirms it. */
  const isTaken = async (number: string): Promise<boolean> => {
    // V2 compares exactly; V3 would treat a "*" in the number as a wildcard. V2 also finds everyone with this name.
    const criteria = {
      firstName: firstName.control.value.trim(),
      lastName: lastName.control.value.trim(),
      chartNumber: number,
    };
    const found = await client.searchPatients(criteria, { signal: stop.signal });
    const others = found.filter((each) => each.chartNumber === number && each.patientId !== patient.patientId);
    if (others.length === 0) return false;
    shared = number;
    fill(
      outcome,
      h(
        "div",
        { class: "notice notice-calm", role: "alert", testid: "patient-number-taken" },
        h(
          "div",
          { class: "notice-text" },
          h("p", {}, "Others already have this chart number. Enter another one, or save it anyway."),
          h(
            "ul",
            { class: "plain-list" },
            others.map((each) => h("li", {}, patientLine(each))),
          ),
        ),
      ),
    );
    return true;
  };

  const notice = (problem: Problem, title?: string): HTMLElement =>
    errorNotice(problem, { testid: "patient-error", ...(title === undefined ? {} : { title }) });

  const content = (close: () => void): Child =>
    h(
      "form",
      {
        testid: "patient-form",
        novalidate: true,
        "aria-label": "Edit the patient",
        onsubmit: (event) => {
          event.preventDefault();
          void submit(close);
        },
      },
      h("p", { class: "dialog-subject" }, patientLine(patient)),
      h("div", { class: "field-grid" }, firstName.element, lastName.element, chartNumber.element),
      h("p", { class: "field-hint" }, "Date of birth and gender can only be corrected by chart number."),
      outcome,
      h(
        "div",
        { class: "form-actions" },
        save,
        h("button", { type: "button", class: "button", testid: "patient-cancel", onclick: close }, "Cancel"),
      ),
    );
  openDialog(host, { title: "Edit patient", testid: "patient-dialog", onClose: () => stop.abort() }, content);
}
