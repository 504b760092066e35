// The patients' search form. It searches on submit, not while the user is typing.
import { isDpmsError } from "itero-dpms";
import { h } from "../dom";
import { CRITERIA, type Criteria, type PatientsStore } from "../patients-store";
import { explainFaults, field, textInput, type Field } from "./field";

export interface PatientsSearch {
  element: HTMLElement;
  /** Updates the fields from the store. */
  draw: () => void;
  /** Returns whether an error is about the input; if so, it is shown at the field. */
  explains: (error: unknown) => boolean;
}

export function patientsSearch(patients: PatientsStore): PatientsSearch {
  const words = { enterkeyhint: "search" };
  const day = { placeholder: "YYYY-MM-DD" };
  const fields = {
    firstName: field(textInput("search-firstName", words), { label: "First name" }),
    lastName: field(textInput("search-lastName", words), { label: "Last name" }),
    chartNumber: field(textInput("search-chartNumber", words), { label: "Chart number" }),
    lastScanDateFrom: field(textInput("search-lastScanDateFrom", day), { label: "Last scan from" }),
    lastScanDateTo: field(textInput("search-lastScanDateTo", day), { label: "Last scan before" }),
    updatedDateFrom: field(textInput("search-updatedDateFrom", day), { label: "Changed from" }),
    updatedDateTo: field(textInput("search-updatedDateTo", day), { label: "Changed before" }),
  } satisfies Record<(typeof CRITERIA)[number], Field>;
  const all: Field[] = Object.values(fields);

  const read = (): Criteria => {
    const criteria: Criteria = {};
    for (const name of CRITERIA) {
      const value = fields[name].control.value.trim();
      if (value !== "") criteria[name] = value;
    }
    return criteria;
  };

  const more = h(
    "details",
    { class: "more" },
    h("summary", {}, "Search by date"),
    h(
      "div",
      { class: "field-grid" },
      [fields.lastScanDateFrom, fields.lastScanDateTo, fields.updatedDateFrom, fields.updatedDateTo].map(
        (each) => each.element,
      ),
    ),
    h("p", { class: "field-hint" }, "“From” includes the day, “before” does not."),
  );
  const element = h(
    "search",
    {},
    h(
      "form",
      {
        class: "card patients-search",
        testid: "patients-search",
        novalidate: true,
        "aria-label": "Search patients",
        onsubmit: (event) => {
          event.preventDefault();
          all.forEach((each) => each.setError(null));
          void patients.search(read());
        },
      },
      h(
        "div",
        { class: "field-grid" },
        [fields.firstName, fields.lastName, fields.chartNumber].map((each) => each.element),
      ),
      h(
        "p",
        { class: "field-hint" },
        "Without a wildcard the whole value must match; upper and lower case are the same. ",
        h("code", {}, "*"),
        " or ",
        h("code", {}, "%"),
        " stands for any text: ",
        h("code", {}, "Jan*"),
        ". All fields must match.",
      ),
      more,
      h(
        "div",
        { class: "form-actions" },
        h("button", { type: "submit", class: "button button-primary", testid: "patients-find" }, "Search"),
        h(
          "button",
          {
            type: "button",
            class: "button",
            testid: "patients-all",
            onclick: () => {
              all.forEach(({ control, setError }) => {
                control.value = "";
                setError(null);
              });
              void patients.search({});
            },
          },
          "Show all",
        ),
      ),
    ),
  );

  let drawn: Criteria | null = null;
  let explained: unknown = null;
  const draw = (): void => {
    if (drawn === patients.criteria) return;
    drawn = patients.criteria;
    for (const name of CRITERIA) fields[name].control.value = drawn[name] ?? "";
    if (CRITERIA.some((name) => name.includes("Date") && drawn?.[name] !== undefined)) more.open = true;
  };
  return {
    element,
    draw,
    explains: (error) => {
      if (!isDpmsError(error) || error.fieldErrors.length === 0) return false;
      if (explained === error) return true;
      const elsewhere = explainFaults(all, error.fieldErrors);
      if (elsewhere.length > 0) return false;
      explained = error;
      return true;
    },
  };
}
