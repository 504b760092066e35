// Asks for confirmation before an RX is permanently deleted from the scanner and from myitero.com (§4.3).
import { isDpmsError, type DpmsClient } from "itero-dpms";
import { fill, h, type Child } from "../dom";
import { describe, errorNotice } from "../errors";
import type { PendingScan } from "../pending-scans";
import { openDialog } from "./dialog";

export interface Deletion {
  /** The RX was deleted, or the server does not know it and the user removes it from the list. */
  onDeleted: () => void;
  /** The deletion failed after the dialog was closed. */
  onLateFailure: (notice: HTMLElement) => void;
}

export function confirmDeletion(
  host: HTMLElement,
  client: DpmsClient,
  { rxId, patient, procedure }: PendingScan,
  { onDeleted, onLateFailure }: Deletion,
): void {
  const failure = h("div", {});
  const confirm = h("button", { type: "button", class: "button button-danger", testid: "delete-confirm" }, "Delete RX");
  let deleting = false;

  const setDeleting = (value: boolean): void => {
    deleting = value;
    confirm.setAttribute("aria-disabled", String(value));
    confirm.textContent = value ? "Deleting…" : "Delete RX";
  };

  const run = async (close: () => void): Promise<void> => {
    if (deleting) return;
    setDeleting(true);
    fill(failure);
    try {
      // Not aborted when the dialog is closed: the result would be unknown.
      await client.deleteScanRequest(rxId);
      close();
      onDeleted();
    } catch (error) {
      const gone = isDpmsError(error) && error.kind === "bad-request";
      const notice = errorNotice(describe(error), {
        testid: "delete-error",
        title: "The RX was not deleted.",
        ...(gone && {
          retryLabel: "Remove from this list",
          retryTestid: "delete-forget",
          retry: () => {
            close();
            onDeleted();
          },
        }),
      });
      if (dialog.element.open) fill(failure, notice);
      else onLateFailure(notice);
    } finally {
      setDeleting(false);
    }
  };

  const content = (close: () => void): Child => {
    confirm.addEventListener("click", () => void run(close));
    return [
      h(
        "div",
        { class: "dialog-subject" },
        patient !== null && h("p", {}, h("strong", {}, patient)),
        h("p", {}, procedure),
        h("p", { class: "muted code" }, rxId),
      ),
      h("p", {}, "It is deleted from the scanner and from myitero.com. This cannot be undone."),
      failure,
      h(
        "div",
        { class: "form-actions" },
        // The harmless button comes first, since an opened dialog focuses it.
        h("button", { type: "button", class: "button", testid: "delete-cancel", onclick: close }, "Keep it"),
        confirm,
      ),
    ];
  };
  const dialog = openDialog(host, { title: "Delete this RX?", testid: "delete-dialog" }, content);
}
