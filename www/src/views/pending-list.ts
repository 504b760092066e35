// "Waiting for scan": the RXs sent from this page. Each can be deleted, and in a sandbox also scanned.
import { fill, h } from "../dom";
import { describe, errorNotice } from "../errors";
import type { PendingScan } from "../pending-scans";
import { navigate } from "../router";
import type { Context } from "../view";
import { confirmDeletion } from "./delete-rx";

export function pendingList({ session, orders, events, pending, announce }: Context): {
  element: HTMLElement;
  dispose: () => void;
} {
  const heading = h("h2", { id: "pending-heading", tabindex: -1 }, "Waiting for scan");
  const body = h("div", {});
  const failure = h("div", {});

  const complete = async ({ rxId }: PendingScan, button: HTMLButtonElement): Promise<void> => {
    if (session.sandbox === null || button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    button.textContent = "Scanning…";
    fill(failure);
    try {
      await session.sandbox.completeScan(rxId);
      pending.remove(rxId);
      orders.showArrival(rxId);
      void events.check();
      announce("Scan complete. The order is in the list.");
      navigate({ name: "orders" });
    } catch (error) {
      button.removeAttribute("aria-disabled");
      button.textContent = "Complete scan";
      fill(failure, errorNotice(describe(error), { title: "The scan was not completed." }));
    }
  };

  const item = (scan: PendingScan): HTMLElement => {
    const button = h(
      "button",
      {
        type: "button",
        class: "button",
        testid: "complete-scan",
        onclick: () => void complete(scan, button),
      },
      "Complete scan",
    );
    const remove = h(
      "button",
      {
        type: "button",
        class: "button",
        testid: "delete-rx",
        onclick: () =>
          confirmDeletion(element, session.client, scan, {
            onDeleted: () => {
              fill(failure);
              pending.remove(scan.rxId);
              announce("The RX was removed from the list.");
              heading.focus();
            },
            onLateFailure: (notice) => fill(failure, notice),
          }),
      },
      "Delete",
      h("span", { class: "visually-hidden" }, ` the RX ${scan.patient === null ? scan.rxId : `for ${scan.patient}`}`),
    );
    return h(
      "li",
      { class: "pending-item", "data-rx-id": scan.rxId },
      h(
        "div",
        {},
        scan.patient !== null && h("strong", {}, scan.patient),
        h("p", {}, scan.procedure),
        h("p", { class: "muted code" }, scan.rxId),
      ),
      h("div", { class: "button-row" }, session.sandbox !== null && button, remove),
    );
  };

  const draw = (): void => {
    fill(
      body,
      pending.newestFirst.length === 0
        ? h("p", { class: "muted" }, "No RX is waiting. RXs sent from here appear in this list until they are scanned.")
        : h("ul", { class: "plain-list", testid: "pending-rx" }, pending.newestFirst.map(item)),
    );
  };
  draw();
  const dispose = pending.changed.add(draw);

  const element: HTMLElement = h(
    "section",
    { class: "card", "aria-labelledby": "pending-heading" },
    heading,
    session.sandbox !== null &&
      h(
        "p",
        { class: "muted small pending-hint" },
        "In the sandbox you are the scanner: complete a scan and it becomes an order.",
      ),
    failure,
    body,
  );
  return { element, dispose };
}
