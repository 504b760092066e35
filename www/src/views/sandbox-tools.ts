// What a sandbox lets one do to it: let the token expire, disturb the next calls, move an order. The steps beside it show how
// the client copes.
import type { SandboxFault } from "itero-dpms/sandbox";
import { fill, h } from "../dom";
import { describe, errorNotice } from "../errors";
import type { SandboxControls } from "../sandbox-controls";
import type { Context } from "../view";
import { choices, field } from "./field";

export interface SandboxTools {
  element: HTMLElement;
  /** The page is connected to this practice now. */
  connect: (context: Context) => void;
  /** They are shown: loads the orders that can be moved. */
  prepare: () => void;
  /** This order is open: it is the one to move. */
  choose: (rxId: string) => void;
}

const disturbances: { label: string; testid: string; fault: SandboxFault; said: string }[] = [
  {
    label: "Fail twice (503)",
    testid: "fault-503",
    fault: { status: 503, times: 2 },
    said: "The next two requests are answered with 503. A call that reads is tried again until it succeeds.",
  },
  {
    label: "Answer slowly",
    testid: "fault-slow",
    fault: { delayMs: 3000, times: 1 },
    said: "The next request is answered after 3 seconds.",
  },
  {
    label: "Cut the connection",
    testid: "fault-reset",
    fault: { reset: true, times: 1 },
    said: "The next request gets no answer at all.",
  },
];

/** More would make a long list; these are the newest. */
const ORDERS_OFFERED = 50;

/** `onMoved` is called when an order has another status. */
export function sandboxTools(onMoved: (rxId: string) => void): SandboxTools {
  let context: Context | null = null;
  let chosen = "";
  let stopListening = (): void => {};
  const outcome = h("div", { role: "status", testid: "tools-outcome" });
  const order = field(h("select", { name: "tool-order" }), { label: "Order" });
  const status = field(h("select", { name: "tool-status" }), { label: "Status" });

  const act = async (said: string, action: (sandbox: SandboxControls) => Promise<unknown>): Promise<boolean> => {
    const sandbox = context?.session.sandbox ?? null;
    if (sandbox === null) return false;
    try {
      await action(sandbox);
      fill(outcome, h("p", { class: "success" }, said));
      return true;
    } catch (error) {
      fill(outcome, errorNotice(describe(error), { testid: "tools-error" }));
      return false;
    }
  };
  const button = (label: string, testid: string, onclick: () => unknown) =>
    h("button", { type: "button", class: "button button-small", testid, onclick: () => void onclick() }, label);

  const call = async (): Promise<void> => {
    if (context === null) return;
    fill(outcome, h("p", { class: "muted" }, "Asking for the practice's configuration…"));
    try {
      await context.session.client.practiceConfiguration();
      fill(outcome, h("p", { class: "success", testid: "tools-called" }, "Answered."));
    } catch (error) {
      fill(outcome, errorNotice(describe(error), { testid: "tools-error", title: "The call failed." }));
    }
  };

  const move = async (): Promise<void> => {
    const rxId = order.control.value;
    const to = status.control.value;
    if (rxId === "") return;
    if (await act(`The order's status is now “${to}”.`, (sandbox) => sandbox.setOrderStatus(rxId, to))) onMoved(rxId);
  };
  const moving = h(
    "form",
    {
      class: "tool-form",
      "aria-label": "Move an order",
      onsubmit: (event) => {
        event.preventDefault();
        void move();
      },
    },
    order.element,
    status.element,
    h("button", { type: "submit", class: "button button-small", testid: "move-order" }, "Move"),
  );

  let offered = "";
  const offerOrders = (): void => {
    if (context === null) return;
    // By number and status: no patient is named here.
    const list = context.orders.loaded
      .filter(({ rxId }, index) => index < ORDERS_OFFERED || rxId === chosen)
      .map(({ rxId, orderId, status }) => ({ value: rxId, label: `${orderId}, ${status ?? "no status"}` }));
    // A select whose options are replaced while it is open closes under the reader's hand.
    const seen = list.map(({ value, label }) => `${value} ${label}`).join("\n");
    if (offered === seen && order.control.value === chosen) return;
    const before = order.control.value;
    if (offered !== seen) {
      offered = seen;
      const none = { value: "", label: context.orders.phase === "loading" ? "Loading…" : "No order is loaded" };
      fill(order.control, choices(list.length === 0 ? [none] : list));
    }
    const wanted = [chosen, before].find((rxId) => list.some(({ value }) => value === rxId));
    if (wanted !== undefined) order.control.value = wanted;
  };
  order.control.addEventListener("change", () => (chosen = order.control.value));

  const element = h(
    "section",
    { class: "tools", "aria-labelledby": "tools-heading", testid: "sandbox-tools", hidden: true },
    h("h2", { id: "tools-heading" }, "Disturb the sandbox"),
    h("p", { class: "muted small" }, "Then use the page, or make a call here, and see how the client copes."),
    h(
      "div",
      { class: "button-row" },
      button("Expire the token", "expire-token", () =>
        act("The token is refused from now on. The next call gets a new one and is repeated.", (sandbox) =>
          sandbox.expireToken(),
        ),
      ),
      disturbances.map(({ label, testid, fault, said }) =>
        button(label, testid, () => act(said, (sandbox) => sandbox.addFault(fault))),
      ),
      button("Stop disturbing", "clear-faults", () =>
        act("Calls are answered as usual again.", (sandbox) => sandbox.clearFaults()),
      ),
      button("Make a call", "make-call", call),
    ),
    outcome,
    h("h3", {}, "Move an order"),
    moving,
  );

  return {
    element,
    connect: (given) => {
      stopListening();
      context = given;
      chosen = offered = "";
      fill(outcome);
      fill(order.control);
      element.hidden = given.session.sandbox === null;
      fill(status.control, choices(given.session.statuses.map((info) => ({ value: info.status, label: info.status }))));
      stopListening = given.orders.changed.add(offerOrders);
      offerOrders();
    },
    prepare: () => {
      if (context !== null && context.session.sandbox !== null && context.orders.phase === "new")
        void context.orders.load();
    },
    choose: (rxId) => {
      chosen = rxId;
      offerOrders();
    },
  };
}
