// Tools that only a sandbox has: expire the token, inject faults, change an order's status. The calls beside them show how
// the client reacts.
import type { SandboxFault } from "itero-dpms/sandbox";
import { fill, h } from "../dom";
import { describe, errorNotice } from "../errors";
import type { SandboxControls } from "../sandbox-controls";
import type { Context } from "../view";
import { choices, field } from "./field";

export interface SandboxTools {
  element: HTMLElement;
  /** Call it with every new connection. */
  connect: (context: Context) => void;
  /** Call it when the tools are opened: it loads the orders. */
  prepare: () => void;
  /** Selects an order, such as the open one. */
  choose: (rxId: string) => void;
}

const faults: { label: string; testid: string; fault: SandboxFault; message: string }[] = [
  {
    label: "Fail twice (503)",
    testid: "fault-503",
    fault: { status: 503, times: 2 },
    message: "The next two requests get a 503. A read call is tried again until it succeeds.",
  },
  {
    label: "Respond slowly",
    testid: "fault-slow",
    fault: { delayMs: 3000, times: 1 },
    message: "The next request gets its response after 3 seconds.",
  },
  {
    label: "Cut the connection",
    testid: "fault-reset",
    fault: { reset: true, times: 1 },
    message: "The next request gets no response.",
  },
];

/** The newest ones; more would make the list too long. */
const ORDERS_OFFERED = 50;

/** `onStatusChange` is called after an order's status was changed. */
export function sandboxTools(onStatusChange: (rxId: string) => void): SandboxTools {
  let context: Context | null = null;
  let chosen = "";
  let stopListening = (): void => {};
  const outcome = h("div", { role: "status", testid: "tools-outcome" });
  const order = field(h("select", { name: "tool-order" }), { label: "Order" });
  const status = field(h("select", { name: "tool-status" }), { label: "Status" });

  const act = async (message: string, action: (sandbox: SandboxControls) => Promise<unknown>): Promise<boolean> => {
    const sandbox = context?.session.sandbox ?? null;
    if (sandbox === null) return false;
    try {
      await action(sandbox);
      fill(outcome, h("p", { class: "success" }, message));
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
    fill(outcome, h("p", { class: "muted" }, "Requesting the practice's configuration…"));
    try {
      await context.session.client.practiceConfiguration();
      fill(outcome, h("p", { class: "success", testid: "tools-called" }, "The call succeeded."));
    } catch (error) {
      fill(outcome, errorNotice(describe(error), { testid: "tools-error", title: "The call failed." }));
    }
  };

  const changeStatus = async (): Promise<void> => {
    const rxId = order.control.value;
    const to = status.control.value;
    if (rxId === "") return;
    if (await act(`The order's status is now “${to}”.`, (sandbox) => sandbox.setOrderStatus(rxId, to)))
      onStatusChange(rxId);
  };
  const statusForm = h(
    "form",
    {
      class: "tool-form",
      "aria-label": "Change an order's status",
      onsubmit: (event) => {
        event.preventDefault();
        void changeStatus();
      },
    },
    order.element,
    status.element,
    h("button", { type: "submit", class: "button button-small", testid: "move-order" }, "Change"),
  );

  let offered = "";
  const offerOrders = (): void => {
    if (context === null) return;
    // By number and status, without patient data.
    const list = context.orders.loaded
      .filter(({ rxId }, index) => index < ORDERS_OFFERED || rxId === chosen)
      .map(({ rxId, orderId, status }) => ({ value: rxId, label: `${orderId}, ${status ?? "no status"}` }));
    // Replacing the options of an open select would close it.
    const current = list.map(({ value, label }) => `${value} ${label}`).join("\n");
    if (offered === current && order.control.value === chosen) return;
    const before = order.control.value;
    if (offered !== current) {
      offered = current;
      const none = { value: "", label: context.orders.phase === "loading" ? "Loading…" : "No order is loaded" };
      fill(order.control, choices(list.length === 0 ? [none] : list));
    }
    const wanted = [chosen, before].find((rxId) => list.some(({ value }) => value === rxId));
    if (wanted !== undefined) order.control.value = wanted;
  };
  order.control.addEventListener("change", () => (chosen = order.control.value));

  const expire = button("Expire the token", "expire-token", () =>
    act("The token is refused from now on. The next call requests a new one and is repeated.", async (sandbox) =>
      sandbox.expireToken?.(),
    ),
  );
  const element = h(
    "section",
    { class: "tools", "aria-labelledby": "tools-heading", testid: "sandbox-tools", hidden: true },
    h("h2", { id: "tools-heading" }, "Inject faults"),
    h("p", { class: "muted small" }, "Then use the page, or make a call here, and see how the client reacts."),
    h(
      "div",
      { class: "button-row" },
      expire,
      faults.map(({ label, testid, fault, message }) =>
        button(label, testid, () => act(message, (sandbox) => sandbox.addFault(fault))),
      ),
      button("Clear faults", "clear-faults", () =>
        act("Calls work as usual again.", (sandbox) => sandbox.clearFaults()),
      ),
      button("Make a call", "make-call", call),
    ),
    outcome,
    h("h3", {}, "Change an order's status"),
    statusForm,
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
      expire.hidden = given.session.sandbox?.expireToken === null;
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
