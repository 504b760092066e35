// The practice's patients, page by page, with wildcard search and an edit dialog (§5.2, §5.3).
import type { Patient } from "itero-dpms";
import { fill, h, setAttribute } from "../dom";
import { describe, errorNotice } from "../errors";
import { count } from "../format";
import type { PatientsStore } from "../patients-store";
import { hashOf, navigate } from "../router";
import type { Context, View } from "../view";
import { editPatient } from "./patient-dialog";
import { patientsSearch } from "./patients-search";
import { patientsTable } from "./patients-table";

export function patientsView(context: Context): View {
  const { patients, session, announce } = context;
  const search = patientsSearch(patients);
  const table = patientsTable({
    edit: (patient) => {
      editPatient(element, session.client, patient, (record) => {
        patients.update(record);
        announce("The patient was changed.");
        table.focus(record.patientId);
      });
    },
    scan: (patient) => {
      startScanRequest(context, patient);
      navigate({ name: "new-scan" });
    },
  });
  const failure = h("div", {});
  const empty = h("div", { class: "empty", hidden: true });
  const counter = h("p", { class: "table-count", testid: "patients-count" });
  const busy = h("progress", { class: "thin-progress", "aria-label": "Loading patients" });
  const button = (label: string, testid: string, turn: () => Promise<void>) =>
    h("button", { type: "button", class: "button", testid, onclick: () => void turnTo(turn) }, label);
  const previous = button("Previous", "patients-prev", () => patients.previous());
  const next = button("Next", "patients-next", () => patients.next());
  const region = h(
    "section",
    { class: "card card-flush", "aria-label": "Patients" },
    busy,
    table.element,
    empty,
    h(
      "nav",
      { class: "pager", "aria-label": "Pages of patients" },
      counter,
      h("div", { class: "button-row" }, previous, next),
    ),
  );

  const turnTo = async (turn: () => Promise<void>): Promise<void> => {
    await turn();
    // A button that the last page disables would lose the focus.
    if (
      document.activeElement === previous ||
      document.activeElement === next ||
      document.activeElement === document.body
    )
      (previous.disabled ? next : next.disabled ? previous : null)?.focus();
    region.scrollIntoView({ block: "start" });
  };

  const draw = (): void => {
    const { phase, page } = patients;
    const loading = phase === "loading";
    search.draw();
    table.draw(page?.patients ?? []);
    setAttribute(region, "aria-busy", loading);
    busy.hidden = !loading;
    // While a page loads the buttons keep the focus; the store ignores them.
    if (!loading) {
      setAttribute(previous, "disabled", !patients.hasPrevious);
      setAttribute(next, "disabled", (page?.nextOffset ?? null) === null);
    }
    const none = (page?.patients.length ?? 0) === 0;
    table.element.hidden = none;
    empty.hidden = !none;
    if (none) fill(empty, emptyText(patients));
    counter.textContent = countText(patients);
    // Redrawn only when it changes, so that it is announced once.
    if (phase !== "failed" || search.explains(patients.error)) fill(failure);
    else if (failure.childElementCount === 0) {
      fill(
        failure,
        errorNotice(describe(patients.error), {
          testid: "patients-error",
          title: "The patients could not be loaded.",
          retry: () => void patients.load(),
        }),
      );
    }
  };

  let phase = patients.phase;
  const unsubscribe = patients.changed.add(() => {
    draw();
    if (patients.phase !== phase && patients.phase === "ready") announce(counter.textContent ?? "");
    phase = patients.phase;
  });
  if (session.listsPatients && patients.phase === "new") void patients.load();
  draw();

  const element = h(
    "div",
    { class: "stack", testid: "patients-view" },
    h(
      "header",
      { class: "page-header split wraps" },
      h(
        "div",
        {},
        h("h1", { tabindex: -1 }, "Patients"),
        h("p", { class: "muted" }, "Everyone known to the practice's scanners."),
      ),
      h(
        "a",
        { class: "button", href: hashOf({ name: "patient-correction" }), testid: "open-correction" },
        "Correct by chart number",
      ),
    ),
    session.listsPatients ? [search.element, failure, region] : noList(context),
  );
  return { title: "Patients", element, dispose: unsubscribe };
}

/** Starts a scan request for a known patient; the same names and chart number match that patient (§4.2). */
function startScanRequest({ draft }: Context, patient: Patient): void {
  // The rest of the draft was for another patient; the doctor is usually the same.
  for (const name of [...draft.keys()]) if (name !== "doctorId") draft.delete(name);
  draft.set("patientFirstName", patient.firstName ?? "");
  draft.set("patientLastName", patient.lastName ?? "");
  draft.set("patientChartNumber", patient.chartNumber ?? "");
  draft.set("dateOfBirth", patient.dateOfBirth ?? "");
  draft.set("gender", patient.gender ?? "");
}

function noList({ enterAddress }: Context): HTMLElement {
  return h(
    "section",
    { class: "card stack", testid: "patients-no-v3" },
    h("h2", {}, "This connection has no list of patients"),
    h(
      "p",
      {},
      "Only version 3 of the API lists patients, and no V3 location was entered. Discovery returns it; without it, patients can still be corrected by chart number.",
    ),
    h(
      "div",
      { class: "button-row" },
      h("button", { type: "button", class: "button button-primary", onclick: enterAddress }, "Enter the V3 location"),
    ),
  );
}

function countText({ page, phase, hasPrevious }: PatientsStore): string {
  if (page === null) return phase === "loading" ? "Loading patients…" : "";
  if (page.patients.length === 0) return hasPrevious ? `0 of ${count(page.total)}` : "0 patients";
  return `${count(page.offset + 1)}–${count(page.offset + page.patients.length)} of ${count(page.total)}`;
}

function emptyText(patients: PatientsStore): (HTMLElement | string | false)[] {
  if (patients.phase === "loading" || patients.phase === "new") return ["Loading patients…"];
  if (patients.phase === "failed") return ["No patients were loaded."];
  const { firstName = "", lastName = "", chartNumber = "", ...dates } = patients.criteria;
  const words = { firstName, lastName, chartNumber };
  const wider = Object.entries(words).filter(([, value]) => value !== "" && !/[*%]/.test(value));
  return [
    h("p", {}, "No patient matches this search."),
    wider.length > 0 &&
      h(
        "button",
        {
          type: "button",
          class: "button",
          testid: "patients-widen",
          onclick: () =>
            void patients.search({
              ...words,
              ...dates,
              ...Object.fromEntries(wider.map(([name, value]) => [name, `*${value}*`])),
            }),
        },
        "Search for parts of these values",
      ),
  ];
}
