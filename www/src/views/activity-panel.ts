// The panel at the foot of the page: what the client does, step by step, and what can be done to a sandbox.
import { ACTIVITY_LIMIT, type ActivityLog, type Step } from "../activity";
import { fill, h, setAttribute } from "../dom";
import { clockTime, count, milliseconds } from "../format";
import type { SandboxTools } from "./sandbox-tools";

/** `tools` is shown beside the steps. */
export function activityPanel(panel: HTMLElement, log: ActivityLog, tools: SandboxTools): void {
  const summary = h("span", { class: "activity-summary", testid: "activity-summary" });
  const toggle = h(
    "button",
    {
      type: "button",
      class: "activity-toggle",
      testid: "activity-toggle",
      "aria-expanded": false,
      "aria-controls": "activity-body",
      onclick: () => setOpen(body.hasAttribute("hidden")),
    },
    h("span", { class: "activity-title" }, "Activity"),
    summary,
  );
  const totals = h("p", { class: "muted small", testid: "activity-totals" });
  const none = h("p", { class: "muted" }, "Nothing was called yet.");
  const steps = h("ol", { class: "plain-list steps", testid: "activity-steps", "aria-label": "Steps, newest first" });
  const body = h(
    "div",
    { class: "activity-body", id: "activity-body", hidden: true },
    h(
      "div",
      { class: "activity-columns" },
      h(
        "section",
        { "aria-labelledby": "activity-heading" },
        h(
          "div",
          { class: "split" },
          h("h2", { id: "activity-heading" }, "What the client does"),
          h(
            "button",
            { type: "button", class: "button button-small", testid: "activity-clear", onclick: () => log.clear() },
            "Clear",
          ),
        ),
        h(
          "p",
          { class: "muted small" },
          `The latest ${ACTIVITY_LIMIT} steps. They name calls, never addresses, tokens or patients, so a portal may log them.`,
        ),
        totals,
        none,
        steps,
      ),
      tools.element,
    ),
  );

  let drawing = false;
  const draw = (): void => {
    drawing = false;
    const [latest] = log.newestFirst;
    fill(summary, latest === undefined ? "No calls yet" : [what(latest), " ", outcome(latest)]);
    if (body.hasAttribute("hidden")) return;
    totals.textContent = `${plural(log.calls, "call")}, ${plural(log.retries, "retry", "retries")}, ${plural(log.refreshes, "token refresh", "token refreshes")}`;
    none.hidden = latest !== undefined;
    fill(steps, log.newestFirst.map(line));
  };
  const setOpen = (open: boolean): void => {
    body.hidden = !open;
    setAttribute(toggle, "aria-expanded", open);
    if (open) tools.prepare();
    draw();
  };

  log.changed.add(() => {
    // Many steps can come at once; one drawing shows them all.
    if (drawing) return;
    drawing = true;
    requestAnimationFrame(draw);
  });
  draw();
  fill(panel, toggle, body);
}

function line(step: Step): HTMLElement {
  return h(
    "li",
    { class: "step", testid: "step", "data-type": step.type, "data-state": state(step) },
    h("time", { class: "muted numeric", datetime: new Date(step.at).toISOString() }, clockTime(step.at)),
    h("span", { class: "step-what" }, what(step)),
    h("span", { class: "step-outcome numeric" }, outcome(step)),
  );
}

function what({ type, method, endpoint, attempt }: Step): (HTMLElement | string | false)[] {
  const call = h("code", {}, `${method} ${endpoint}`);
  switch (type) {
    case "request":
      return [call, attempt > 1 && h("span", { class: "muted small" }, ` attempt ${attempt}`)];
    case "retry":
      return ["Tries again: ", call];
    case "refresh":
      return ["Asks for a new token: ", call];
    case "wait":
      return ["Waits for the 3D file: ", call];
  }
}

function outcome({ type, status, durationMs, delayMs }: Step): string {
  if (type !== "request") return delayMs === null ? "" : `in ${milliseconds(delayMs)}`;
  if (status === null) return "sent";
  if (status === "lost") return "no answer";
  return durationMs === null ? String(status) : `${status} in ${milliseconds(durationMs)}`;
}

function state({ type, status }: Step): string | null {
  if (type !== "request") return null;
  if (status === null) return "open";
  return status === "lost" || status >= 400 ? "failed" : "done";
}

function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
