// The form that sends an RX to the scanner. It blocks nothing by itself: the client says what is wrong, field by field.
import { isDpmsError, type ErrorKind } from "itero-dpms";
import { fill, h } from "../dom";
import { describe, errorNotice } from "../errors";
import type { Context, View } from "../view";
import { pendingList } from "./pending-list";
import { scanRequestFields } from "./scan-request-fields";

/** Kinds of failure after which the RX may exist all the same: the API cannot say whether it was made (R39). */
const answerLost: ErrorKind[] = ["network", "timeout", "server", "decode", "truncated"];

export function scanRequestView(context: Context): View {
  const { session, pending, draft, announce } = context;
  const fields = scanRequestFields(session);
  const failure = h("div", {});
  const created = h("div", { role: "status" });
  const submit = h("button", { type: "submit", class: "button button-primary", testid: "rx-submit" });
  const waiting = pendingList(context);
  let sending = false;
  let disposed = false;

  const setSending = (value: boolean): void => {
    sending = value;
    // aria-disabled keeps the keyboard's place on the button; `disabled` would drop it.
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
    try {
      // Never aborted, not even when another view is opened: the RX might exist without anybody knowing its id.
      const rxId = await session.client.createScanRequest(request);
      pending.add({ rxId, patient: `${request.patientFirstName} ${request.patientLastName}`, procedure });
      fields.clear();
      if (disposed) fields.save(draft);
      fill(
        created,
        h("p", { class: "success", testid: "rx-created" }, "Sent to the scanner. RX ", h("code", {}, rxId)),
      );
    } catch (error) {
      showFailure(error);
    } finally {
      setSending(false);
    }
  };

  const showFailure = (error: unknown): void => {
    const faults = isDpmsError(error) ? error.fieldErrors : [];
    const elsewhere = fields.explain(faults);
    if (faults.length > 0 && elsewhere.length === 0) return;
    const problem = describe(error);
    if (elsewhere.length > 0) problem.detail = elsewhere.map(({ field, message }) => `${field} ${message}.`).join(" ");
    const lost = isDpmsError(error) && answerLost.includes(error.kind);
    if (lost) problem.summary += " Before sending it again, look at the scanner: it may have arrived.";
    const title = lost ? "It is not certain that the RX was sent." : "The RX was not sent.";
    fill(failure, errorNotice(problem, { testid: "rx-form-error", title }));
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
    h("fieldset", {}, h("legend", {}, "Patient"), h("div", { class: "field-grid" }, fields.patient)),
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
      waiting.dispose();
    },
  };
}
