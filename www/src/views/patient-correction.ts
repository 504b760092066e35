// Corrects a patient's details by chart number (§5.4). Several patients with that number are resolved on this page.
import { isDpmsError, type Gender, type PatientByChartUpdate } from "itero-dpms";
import { fill, h } from "../dom";
import { describe, errorNotice, type NoticeOptions } from "../errors";
import { hashOf } from "../router";
import type { Context, View } from "../view";
import { choices, explainFaults, field, textInput, type Field } from "./field";
import { patientChoice } from "./patient-choice";

export function patientCorrectionView(context: Context): View {
  const { session, patients, correctionDraft: draft, announce } = context;
  const chartNumber = field(textInput("correct-chartNumber"), {
    label: "Chart number",
    missing: "Enter the chart number of the patient to correct.",
    hint: "The number itself stays as it is.",
    class: "span",
  });
  const firstName = field(textInput("correct-firstName"), { label: "First name", optional: true });
  const lastName = field(textInput("correct-lastName"), { label: "Last name", optional: true });
  const birthDate = field(textInput("correct-dateOfBirth", { placeholder: "YYYY-MM-DD" }), {
    label: "Date of birth",
    optional: true,
    hint: "Year, month, day: 1987-04-23",
  });
  const gender = field(
    h(
      "select",
      { name: "correct-gender" },
      choices([
        { value: "", label: "Leave unchanged" },
        { value: "female", label: "Female" },
        { value: "male", label: "Male" },
      ]),
    ),
    { label: "Gender", optional: true },
  );
  const fields: Field[] = [chartNumber, firstName, lastName, birthDate, gender];
  const outcome = h("div", {});
  const done = h("div", { role: "status" });
  const submit = h("button", { type: "submit", class: "button button-primary", testid: "correct-submit" }, "Correct");
  let sending = false;
  let disposed = false;

  const setSending = (value: boolean): void => {
    sending = value;
    submit.setAttribute("aria-disabled", String(value));
    submit.textContent = value ? "Correcting…" : "Correct";
  };

  const read = (): PatientByChartUpdate => ({
    chartNumber: chartNumber.control.value.trim(),
    firstName: firstName.control.value.trim() || null,
    lastName: lastName.control.value.trim() || null,
    dateOfBirth: birthDate.control.value.trim() || null,
    gender: gender.control.value === "" ? null : (gender.control.value as Gender),
  });

  const send = async (): Promise<void> => {
    if (sending) return;
    fill(outcome);
    fill(done);
    fields.forEach((each) => each.setError(null));
    setSending(true);
    const update = read();
    try {
      await session.client.updatePatientByChartNumber(update);
      succeed(`The patient with chart number ${update.chartNumber} was corrected.`);
    } catch (error) {
      showFailure(error, update);
    } finally {
      setSending(false);
    }
  };

  const succeed = (words: string): void => {
    for (const { control } of fields) control.value = "";
    draft.clear();
    fill(outcome);
    fill(done, h("p", { class: "success", testid: "correct-done" }, words));
    if (disposed) announce("The patient was corrected.");
    // The list shows the old details.
    if (patients.phase !== "new") void patients.load();
  };

  const showFailure = (error: unknown, update: PatientByChartUpdate): void => {
    const options: NoticeOptions = { testid: "correct-error", title: "Nothing was corrected." };
    if (isDpmsError(error)) {
      if (error.kind === "conflict" && error.matches !== null && error.matches.length > 0) {
        const choice = patientChoice(session.client, update, error.matches, succeed);
        fill(outcome, choice.element);
        choice.focus();
        return;
      }
      if (error.kind === "not-found") {
        chartNumber.setError("No patient has this chart number. Look for the patient by name instead.");
        chartNumber.control.focus();
        return;
      }
      const elsewhere = explainFaults(fields, error.fieldErrors);
      if (error.fieldErrors.length > 0 && elsewhere.length === 0) return;
      if (error.kind === "invalid-argument" && !hasChange(update)) {
        const problem = { summary: "Enter at least one detail to correct.", detail: null, calm: true };
        fill(outcome, errorNotice(problem, { testid: "correct-error" }));
        firstName.control.focus();
        return;
      }
    }
    fill(outcome, errorNotice(describe(error), options));
  };

  const form = h(
    "form",
    {
      class: "card",
      testid: "correct-form",
      novalidate: true,
      "aria-label": "Correct a patient",
      onsubmit: (event) => {
        event.preventDefault();
        void send();
      },
    },
    h("fieldset", {}, h("legend", {}, "Patient to correct"), h("div", { class: "field-grid" }, chartNumber.element)),
    h(
      "fieldset",
      {},
      h("legend", {}, "Correct details"),
      h("p", { class: "field-hint legend-hint" }, "Enter only what should change."),
      h("div", { class: "field-grid" }, firstName.element, lastName.element, birthDate.element, gender.element),
    ),
    h("div", { class: "form-actions" }, submit, done),
  );
  for (const { control } of fields) control.value = draft.get(control.name) ?? control.value;

  return {
    title: "Correct a patient",
    element: h(
      "div",
      { class: "stack narrow", testid: "correction-view" },
      h("p", {}, h("a", { href: hashOf({ name: "patients" }), class: "back-link" }, "All patients")),
      h(
        "header",
        { class: "page-header" },
        h("h1", { tabindex: -1 }, "Correct by chart number"),
        h(
          "p",
          { class: "muted" },
          "For typos and changed names. If several patients share the number, you choose which one is meant.",
        ),
      ),
      form,
      outcome,
    ),
    dispose: () => {
      disposed = true;
      fields.forEach(({ control }) => draft.set(control.name, control.value));
    },
  };
}

function hasChange({ firstName, lastName, dateOfBirth, gender }: PatientByChartUpdate): boolean {
  return Boolean(firstName || lastName || dateOfBirth || gender);
}
