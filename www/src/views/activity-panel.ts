// The panel at the bottom of the page: the client's calls, and the sandbox's tools.
import { ACTIVITY_LIMIT, type ActivityLog, type Call, type Step } from "../activity";
import { fill, h, setAttribute } from "../dom";
import { summaryOf } from "../errors";
import { clockTime, count, milliseconds } from "../format";
import type { SandboxTools } from "./sandbox-tools";

/** `tools` is shown beside the calls. */
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
  const none = h("p", { class: "muted" }, "No calls yet.");
  const calls = h("ol", { class: "plain-list", testid: "activity-steps", "aria-label": "Calls, newest first" });
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
          `The latest ${ACTIVITY_LIMIT} calls. They contain no addresses, tokens or patient data, so a portal may log them.`,
        ),
        totals,
        none,
        calls,
      ),
      tools.element,
    ),
  );

  let drawing = false;
  const draw = (): void => {
    drawing = false;
    const [latest] = log.newestFirst;
    fill(summary, latest === undefined ? "No calls yet" : [name(latest), " ", outcome(latest)]);
    if (body.hasAttribute("hidden")) return;
    totals.textContent = `${plural(log.calls, "call")}, ${plural(log.retries, "retry", "retries")}, ${plural(log.refreshes, "token refresh", "token refreshes")}`;
    none.hidden = latest !== undefined;
    fill(calls, log.newestFirst.map(row));
  };
  const setOpen = (open: boolean): void => {
    body.hidden = !open;
    setAttribute(toggle, "aria-expanded", open);
    if (open) tools.prepare();
    draw();
  };

  log.changed.add(() => {
    // Many events can come at once; one redraw shows them all.
    if (drawing) return;
    drawing = true;
    requestAnimationFrame(draw);
  });
  draw();
  fill(panel, toggle, body);
}

/** A call with one step is one line; a longer one has its own line above its steps. */
function row(call: Call): HTMLElement {
  const { steps, failure } = call;
  const only = onlyStep(call);
  const reason = failure && h("p", { class: "call-failure", testid: "call-failure" }, summaryOf(failure));
  if (only !== null) return h("li", { testid: "call", "data-state": state(call) }, line(only, call), reason);
  return h(
    "li",
    { testid: "call", "data-state": state(call) },
    h(
      "div",
      { class: "step", "data-state": state(call) },
      time(call.at),
      h("span", { class: "step-what" }, name(call), h("span", { class: "muted small" }, ` ${requests(call)}`)),
      h("span", { class: "step-outcome numeric" }, outcome(call)),
    ),
    reason,
    h(
      "ol",
      { class: "plain-list call-steps", "aria-label": "Steps, newest first" },
      steps.map((step) => h("li", {}, line(step, call))),
    ),
  );
}

function line(step: Step, call: Call): HTMLElement {
  const alone = onlyStep(call) !== null;
  return h(
    "div",
    { class: "step", testid: "step", "data-type": step.type, "data-state": alone ? state(call) : stepState(step) },
    time(step.at),
    h("span", { class: "step-what" }, what(step, call)),
    h("span", { class: "step-outcome numeric" }, alone ? outcome(call) : stepOutcome(step)),
  );
}

function time(at: number): HTMLElement {
  return h("time", { class: "muted numeric", datetime: new Date(at).toISOString() }, clockTime(at));
}

function name({ method, endpoint }: Call): HTMLElement {
  return h("code", {}, `${method} ${endpoint}`);
}

function what({ type, attempt }: Step, call: Call): (HTMLElement | string | false)[] {
  // With several steps, the call's own line already names it.
  const alone = onlyStep(call) !== null;
  switch (type) {
    case "request":
      return [
        (alone || attempt === 1) && name(call),
        attempt > 1 && h("span", { class: "muted small" }, ` attempt ${attempt}`),
      ];
    case "retry":
      return ["Tries again", alone && ": ", alone && name(call)];
    case "refresh":
      return ["Requests a new token", alone && ": ", alone && name(call)];
    case "wait":
      return ["Waits for the 3D file", alone && ": ", alone && name(call)];
  }
}

function outcome(call: Call): string {
  const took = `in ${milliseconds(call.durationMs)}`;
  if (call.cancelled) return `cancelled ${took}`;
  const only = onlyStep(call);
  // The status of a refused call says more than "failed"; the status of a download that was cut off does not.
  if (only !== null && (call.failure === null || stepState(only) === "failed")) return stepOutcome(only);
  if (call.failure !== null) return `failed ${took}`;
  const [latest] = call.steps;
  return typeof latest?.status === "number" ? `${latest.status} ${took}` : "in progress";
}

function stepOutcome({ type, status, durationMs, delayMs }: Step): string {
  if (type !== "request") return delayMs === null ? "" : `in ${milliseconds(delayMs)}`;
  if (status === null) return "sent";
  if (status === "lost") return "no response";
  if (status === "cancelled") return "cancelled";
  return durationMs === null ? String(status) : `${status} in ${milliseconds(durationMs)}`;
}

function state({ steps: [latest], failure, cancelled }: Call): string {
  if (failure !== null) return "failed";
  if (cancelled) return "cancelled";
  return (latest && stepState(latest)) ?? "open";
}

function stepState({ type, status }: Step): string | null {
  if (type !== "request") return null;
  if (status === null) return "open";
  if (status === "cancelled") return status;
  return status === "lost" || status >= 400 ? "failed" : "done";
}

function onlyStep({ steps }: Call): Step | null {
  return steps.length === 1 ? (steps[0] ?? null) : null;
}

/** Returns the number of requests. They are counted, since the numbers of attempts start at 1 for every page of a list. */
function requests({ steps }: Call): string {
  return plural(steps.filter(({ type }) => type === "request").length, "request");
}

function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
