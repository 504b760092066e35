// Before an RX is sent, finds the practice's patients who could be meant (§5.1). The API matches an RX's patient by first
// name, last name and chart number, all three; anything else creates a new patient or changes an existing one (§5.5).
import { isDpmsError, type DpmsClient, type PatientMatch } from "itero-dpms";
import { fill, h } from "../dom";
import { describe, errorNotice } from "../errors";
import { patientLine } from "./patient-line";

export interface Identity {
  firstName: string;
  lastName: string;
  chartNumber: string;
  dateOfBirth?: string | null;
}

export interface PatientCheck {
  element: HTMLElement;
  /** Lists everyone who could be meant. */
  find: (identity: Identity) => Promise<void>;
  /** Resolves with true if the RX can be sent as it is; otherwise shows the user what to decide. */
  clear: (identity: Identity) => Promise<boolean>;
  reset: () => void;
}

export interface PatientCheckOptions {
  /** The user confirmed that this is the patient. */
  onUse: (patient: PatientMatch) => void;
  /** The user wants to send the RX anyway. */
  onSend: () => void;
  /** The user wants to give each patient with this chart number their own. */
  onSort: (chartNumber: string) => void;
}

export function patientCheck(client: DpmsClient, { onUse, onSend, onSort }: PatientCheckOptions): PatientCheck {
  const element = h("div", { testid: "patient-check" });
  let running = new AbortController();
  /** Patient management has to be enabled for a practice (§5); otherwise there is no check. */
  let unavailable = false;
  /** The patient that the user decided to send as entered. */
  let decided: string | null = null;

  /** Returns null if it was aborted by a newer search or another view. */
  const search = async (identity: Identity): Promise<PatientMatch[] | null> => {
    running.abort();
    const { signal } = (running = new AbortController());
    fill(element, h("p", { class: "muted", role: "status" }, "Searching for this patient…"));
    try {
      const { firstName, lastName, chartNumber } = identity;
      return await client.searchPatients({ firstName, lastName, chartNumber }, { signal });
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    } finally {
      if (!signal.aborted) fill(element);
    }
  };

  const show = ({ heading, about, patients }: Finding, ...actions: HTMLElement[]): void => {
    const title = h("h2", { tabindex: -1 }, heading);
    fill(
      element,
      h(
        "section",
        { class: "patient-check", "aria-label": "Patients who could be meant", testid: "patient-found" },
        title,
        h("p", {}, about),
        patients.length > 0 &&
          h(
            "ul",
            { class: "plain-list" },
            patients.map((patient) =>
              h(
                "li",
                { class: "split", testid: "known-patient" },
                patientLine(patient),
                h(
                  "button",
                  {
                    type: "button",
                    class: "button button-small",
                    testid: "use-patient",
                    onclick: () => {
                      fill(element);
                      onUse(patient);
                    },
                  },
                  "Use these details",
                ),
              ),
            ),
          ),
        h(
          "details",
          {},
          h("summary", {}, "How patients are found"),
          h(
            "p",
            { class: "muted small" },
            "This search finds everyone with exactly this first and last name, or with this chart number: either is enough. A blank chart number finds everyone who has none. To search for parts of a name, use the Patients page.",
          ),
        ),
        actions.length > 0 && h("div", { class: "button-row" }, actions),
      ),
    );
    title.focus();
  };

  const find = async (identity: Identity): Promise<void> => {
    try {
      const found = await search(identity);
      if (found === null) return;
      const heading = `${found.length} ${found.length === 1 ? "patient" : "patients"} found`;
      show(
        found.length === 0
          ? {
              heading: "No patient found",
              about: "No patient has exactly this name or this chart number.",
              patients: [],
            }
          : { heading, about: "They have this name or this chart number.", patients: found },
      );
    } catch (error) {
      const title = "The patients could not be searched.";
      const retry = (): void => void find(identity);
      fill(element, errorNotice(describe(error), { testid: "patient-check-error", title, retry }));
    }
  };

  const send = (identity: Identity): void => {
    decided = key(identity);
    fill(element);
    onSend();
  };

  const clear = async (identity: Identity): Promise<boolean> => {
    if (unavailable || decided === key(identity)) return true;
    try {
      const found = await search(identity);
      if (found === null) return false;
      const problem = conflict(identity, found);
      if (problem === null) return true;
      const sortOut = button("Tell them apart", "sort-out", () => onSort(identity.chartNumber));
      const sendIt = button("Send as entered", "send-anyway", () => send(identity));
      if (problem.isShared) show(problem, sortOut, sendIt);
      else show(problem, sendIt);
    } catch (error) {
      if (isDpmsError(error) && (error.status === 403 || error.status === 404)) {
        unavailable = true;
        return true;
      }
      fill(
        element,
        errorNotice(describe(error), {
          testid: "patient-check-error",
          title: "The RX was not sent: it could not be checked whether the practice knows this patient.",
          retry: onSend,
        }),
        h(
          "div",
          { class: "button-row" },
          button("Send without the check", "send-anyway", () => send(identity)),
        ),
      );
    }
    return false;
  };

  return {
    element,
    find,
    clear,
    reset: () => {
      running.abort();
      decided = null;
      fill(element);
    },
  };
}

function button(label: string, testid: string, onclick: () => void): HTMLElement {
  return h("button", { type: "button", class: "button", testid, onclick }, label);
}

interface Finding {
  heading: string;
  about: string;
  patients: readonly PatientMatch[];
  /** The patients share the chart number. */
  isShared?: boolean;
}

/** Returns what the user has to decide before an RX for this patient is sent; null if the API's matching is unambiguous. */
function conflict(identity: Identity, found: readonly PatientMatch[]): Finding | null {
  const { firstName, lastName, chartNumber, dateOfBirth } = identity;
  const ofChart = found.filter((each) => alike(each.chartNumber, chartNumber));
  const ofName = found.filter((each) => alike(each.firstName, firstName) && alike(each.lastName, lastName));
  if (ofChart.length > 1) {
    return {
      heading: `${ofChart.length} patients share this chart number`,
      about:
        "The RX may be refused until each has their own number. Tell them apart to give them one; what you entered here stays.",
      patients: ofChart,
      isShared: true,
    };
  }
  const exact = ofChart.find((each) => each.firstName === firstName && each.lastName === lastName);
  if (exact !== undefined) {
    const born = exact.dateOfBirth;
    if (!dateOfBirth || born === null || born === dateOfBirth) return null;
    return {
      heading: "This patient has another date of birth",
      about: "An RX never changes a stored date of birth. If the stored one is wrong, correct it on the Patients page.",
      patients: [exact],
    };
  }
  if (ofChart.length === 1) {
    return {
      heading: "This chart number belongs to a patient with another name",
      about:
        "If sent as entered, the RX renames this patient, or creates a second patient with the same number if the practice does not allow updates.",
      patients: ofChart,
    };
  }
  if (ofName.length > 0) {
    return {
      heading: "A patient with this name has another chart number",
      about: "If it is the same person, use their details. If sent as entered, the RX creates a new patient.",
      patients: ofName,
    };
  }
  return null;
}

/** The API's exact comparison is not documented (R103): matches with another spelling are shown, too. */
function alike(known: string | null, entered: string): boolean {
  return known !== null && known.trim().toLowerCase() === entered.trim().toLowerCase();
}

function key({ firstName, lastName, chartNumber, dateOfBirth }: Identity): string {
  return JSON.stringify([firstName, lastName, chartNumber, dateOfBirth ?? null]);
}
