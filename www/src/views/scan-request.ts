// The form that sends an RX to the scanner. It has no validation of its own: the client reports faults field by field.
import { isDpmsError, type ErrorKind, type ScanRequest } from "itero-dpms";
import { fill, h } from "../dom";
import { describe, errorNotice } from "../errors";
import { hashOf, navigate } from "../router";
import type { Context, View } from "../view";
import { patientCheck, type Identity } from "./patient-check";
import { pendingList } from "./pending-list";
import { scanRequestFields } from "./scan-request-fields";

/** Error kinds after which the RX may exist anyway: the API cannot tell whether it was created (R39). */
const responseLost: ErrorKind[] = ["network", "timeout", "server", "decode", "truncated"];

export function scanRequestView(context: Context): View {
  const { session, patients, pending, draft, announce } = context;
  const fields = scanRequestFields(session);
  const failure = h("div", {});
  const created = h("div", { role: "status" });
  const submit = h("button", { type: "submit", class: "button button-primary", testid: "rx-submit" });
  const waiting = pendingList(context);
  const check = patientCheck(session.client, {
    onUse: (patient) => {
      fields.fillPatient(patient);
      announce("The patient's details were filled in.");
      submit.focus();
    },
    onSend: () => void send(),
    onSort: (chartNumber) => {
      listOfChart(chartNumber);
      navigate({ name: "patients" });
    },
  });
  const find = h(
    "button",
    {
      type: "button",
      class: "button",
      testid: "find-patient",
      onclick: () => void check.find(identityOf(fields.read())),
    },
    "Find existing patient",
  );
  let sending = false;
  let disposed = false;

  const setSending = (value: boolean): void => {
    sending = value;
    // aria-disabled keeps the focus on the button; `disabled` would lose it.
    submit.setAttribute("aria-disabled", String(value));
    submit.textContent = value ? "Sending…" : "Send to scanner";
  };

  const send = async (): Promise<void> => {
    if (sending) return;
    setSending(true);
    fields.clearErrors();
    fill(failure);
    fill(created);
    const request = fields.read();
    const procedure = fields.procedure();
    const identity = identityOf(request);
    // The client reports missing fields; only a named patient can be searched for.
    const named = [identity.firstName, identity.lastName, identity.chartNumber].every((part) => part.trim() !== "");
    if (named && !(await check.clear(identity))) return setSending(false);
    try {
      // Never aborted, not even when another view is opened: the RX might exist, but its id would be unknown.
      const rxId = await session.client.createScanRequest(request);
      pending.add({ rxId, patient: `${request.patientFirstName} ${request.patientLastName}`, procedure });
      fields.clear();
      check.reset();
      if (disposed) fields.save(draft);
      fill(
        created,
        h("p", { class: "success", testid: "rx-created" }, "Sent to the scanner. RX ", h("code", {}, rxId)),
      );
    } catch (error) {
      showFailure(error, request);
    } finally {
      setSending(false);
    }
  };

  /** Opens the patients' page with those who share a chart number, to be told apart and edited. */
  const listOfChart = (chartNumber: string): void => {
    if (session.listsPatients) void patients.search({ chartNumber });
  };

  const showFailure = (error: unknown, request: ScanRequest): void => {
    const faults = isDpmsError(error) ? error.fieldErrors : [];
    const elsewhere = fields.explain(faults);
    if (faults.length > 0 && elsewhere.length === 0) return;
    const problem = describe(error);
    if (elsewhere.length > 0) problem.detail = elsewhere.map(({ field, message }) => `${field} ${message}.`).join(" ");
    const lost = isDpmsError(error) && responseLost.includes(error.kind);
    if (lost) problem.summary += " Before sending it again, check the scanner: it may have arrived.";
    const title = lost ? "It is not certain that the RX was sent." : "The RX was not sent.";
    const shared = isDpmsError(error) && error.kind === "conflict";
    fill(
      failure,
      errorNotice(problem, {
        testid: "rx-form-error",
        title,
        ...(shared && {
          link: {
            href: hashOf({ name: "patients" }),
            label: "Give each of them their own number",
            onFollow: () => listOfChart(request.patientChartNumber),
          },
        }),
      }),
    );
    if (disposed) announce(title);
  };

  const form = h(
    "form",
    {
      class: "card",
      testid: "rx-form",
      novalidate: true,
      "aria-label": "Scan request",
      onsubmit: (event) => {
        event.preventDefault();
        void send();
      },
    },
    h(
      "fieldset",
      {},
      h("legend", {}, "Patient"),
      h("div", { class: "field-grid" }, fields.patient),
      h("div", { class: "button-row find-patient" }, find),
      check.element,
    ),
    h("fieldset", {}, h("legend", {}, "Scan"), h("div", { class: "field-grid" }, fields.scan)),
    failure,
    h("div", { class: "form-actions" }, submit, created),
  );
  setSending(false);
  fields.restore(draft);

  return {
    title: "New scan",
    element: h(
      "div",
      { class: "stack" },
      h(
        "header",
        { class: "page-header" },
        h("h1", { tabindex: -1 }, "New scan request"),
        h("p", { class: "muted" }, "Sends an RX with the patient's details to the practice's scanner."),
      ),
      h("div", { class: "with-aside" }, form, waiting.element),
    ),
    dispose: () => {
      disposed = true;
      fields.save(draft);
      check.reset();
      waiting.dispose();
    },
  };
}

function identityOf(request: ScanRequest): Identity {
  return {
    firstName: request.patientFirstName,
    lastName: request.patientLastName,
    chartNumber: request.patientChartNumber,
    dateOfBirth: request.dateOfBirth ?? null,
  };
}
