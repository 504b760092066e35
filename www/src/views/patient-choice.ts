// Several patients share a chart number (§5.4.3, 409): the user chooses one, and that one is changed by id.
import { isDpmsError, type DpmsClient, type PatientByChartUpdate, type PatientRecord } from "itero-dpms";
import { fill, h, setAttribute } from "../dom";
import { describe, errorNotice } from "../errors";
import { fullName, moment } from "../format";
import { field, textInput } from "./field";
import { patientLine } from "./patient-line";

export interface PatientChoice {
  element: HTMLElement;
  focus: () => void;
}

/** `onDone` gets a sentence that says what was done. */
export function patientChoice(
  client: DpmsClient,
  update: PatientByChartUpdate,
  matches: readonly PatientRecord[],
  onDone: (words: string) => void,
): PatientChoice {
  const { chartNumber, firstName, lastName, dateOfBirth, gender } = update;
  const names = { ...(firstName && { firstName }), ...(lastName && { lastName }) };
  const hasNames = firstName || lastName;
  /** These two can only be changed by chart number (§5.3.2), so that has to be unique first. */
  const byChart = { ...(dateOfBirth && { dateOfBirth }), ...(gender && { gender }) };
  const needsOwnNumber = Boolean(dateOfBirth || gender);

  const heading = h("h2", { id: "choice-heading", tabindex: -1 }, "Which patient do you mean?");
  const radios = matches.map(({ patientId }) =>
    h("input", { type: "radio", name: "chosen-patient", value: patientId, testid: "match-choice" }),
  );
  const missing = h("p", { class: "field-error", testid: "error-chosen-patient", hidden: true }, "Choose a patient.");
  const ownNumber = field(textInput("own-chartNumber"), {
    label: "New chart number for this patient",
    optional: !needsOwnNumber,
    missing: "Enter a chart number that no other patient has.",
    hint: needsOwnNumber
      ? "Required: date of birth and gender can only be changed by a chart number that no other patient has."
      : "Leave it empty to keep the shared number. With their own number, the next correction finds them at once.",
  });
  const failure = h("div", {});
  const apply = h(
    "button",
    { type: "submit", class: "button button-primary", testid: "match-apply" },
    "Apply to this patient",
  );
  let applying = false;
  /** The patient already has this number: a retry of the rest uses it. */
  let numbered: { patientId: string; number: string } | null = null;

  const setApplying = (value: boolean): void => {
    applying = value;
    apply.setAttribute("aria-disabled", String(value));
    apply.textContent = value ? "Applying…" : "Apply to this patient";
  };

  const run = async (): Promise<void> => {
    if (applying) return;
    fill(failure);
    ownNumber.setError(null);
    const chosen = matches.find((_, index) => radios[index]!.checked);
    missing.hidden = chosen !== undefined;
    if (chosen === undefined) return radios[0]?.focus();
    const number = ownNumber.control.value.trim();
    if (needsOwnNumber && (number === "" || number === chartNumber)) {
      ownNumber.setError("Enter a chart number that no other patient has.");
      ownNumber.control.focus();
      return;
    }
    setApplying(true);
    try {
      const { patientId } = chosen;
      if (numbered?.patientId !== patientId || numbered.number !== number) {
        if (number !== "" && (await isTaken(number, patientId))) return;
        await client.updatePatient({ patientId, ...names, ...(number === "" ? {} : { chartNumber: number }) });
        if (number !== "") numbered = { patientId, number };
      }
      if (needsOwnNumber) await client.updatePatientByChartNumber({ chartNumber: number, ...byChart });
      onDone(
        `${fullName({ ...chosen, ...names })} was corrected${number === "" ? "" : ` and now has chart number ${number}`}.`,
      );
    } catch (error) {
      showFailure(error);
    } finally {
      setApplying(false);
    }
  };

  /** Checks the number, since another patient's would only move the problem. */
  const isTaken = async (number: string, patientId: string): Promise<boolean> => {
    const found = await client.searchPatients({
      firstName: firstName ?? "",
      lastName: lastName ?? "",
      chartNumber: number,
    });
    const other = found.find((each) => each.chartNumber === number && each.patientId !== patientId);
    if (other === undefined) return false;
    ownNumber.setError(`${fullName(other)} already has this chart number. Enter another one.`);
    ownNumber.control.focus();
    return true;
  };

  const showFailure = (error: unknown): void => {
    const fault = isDpmsError(error) ? error.fieldErrors.find((each) => each.field === "chartNumber") : undefined;
    if (fault !== undefined) {
      ownNumber.explain(fault.message);
      ownNumber.control.focus();
      return;
    }
    const half = numbered !== null && needsOwnNumber;
    const title = half
      ? `The patient now has chart number ${numbered?.number}, but the rest was not changed.`
      : "The patient was not changed.";
    fill(failure, errorNotice(describe(error), { testid: "match-error", title, retry: () => void run() }));
  };

  const element = h(
    "form",
    {
      class: "card stack",
      testid: "patient-matches",
      novalidate: true,
      "aria-labelledby": heading.id,
      onsubmit: (event) => {
        event.preventDefault();
        void run();
      },
    },
    heading,
    h(
      "p",
      {},
      `${matches.length} patients share chart number ${chartNumber}, so nothing was changed yet. `,
      hasNames ? "Choose whose details are wrong." : "Choose whose details are wrong, and give them their own number.",
    ),
    h(
      "div",
      { class: "choice-list", role: "radiogroup", "aria-labelledby": heading.id },
      matches.map((match, index) =>
        h(
          "label",
          { class: "choice", testid: "match" },
          radios[index],
          patientLine(match, distinguishingDetails(match)),
        ),
      ),
    ),
    missing,
    ownNumber.element,
    failure,
    h("div", { class: "form-actions" }, apply),
  );
  element.addEventListener("change", () => {
    missing.hidden = true;
    for (const radio of radios) setAttribute(radio.closest(".choice")!, "data-chosen", radio.checked);
  });
  return { element, focus: () => heading.focus() };
}

/** Details that distinguish patients with the same name. */
function distinguishingDetails({ recordId, lastScanDate, dateUpdated }: PatientRecord): string[] {
  return [
    lastScanDate === null ? "never scanned" : `last scan ${moment(lastScanDate)}`,
    ...(dateUpdated === null ? [] : [`changed ${moment(dateUpdated)}`]),
    ...(recordId === null ? [] : [`record ${recordId}`]),
  ];
}
