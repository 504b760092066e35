// The state of the feed: its source, the last check, and errors with advice.
import type { EdgeError } from "../edge";
import { fill, h, setAttribute } from "../dom";
import { describe, errorNotice, type Problem } from "../errors";
import type { EventFeed } from "../event-feed";
import { stateName } from "../live-events";
import { clockTime, milliseconds } from "../format";
import type { Context } from "../view";

const edgeProblems: Record<EdgeError["problem"], { summary: string; advice: string }> = {
  stopped: { summary: "The edge function stopped.", advice: "Start it again with make edge." },
  refused: {
    summary: "The edge function refused the portal.",
    advice: "Start the portal's server with the ADMIN_KEY that the edge function was given.",
  },
  failing: { summary: "The edge function has a problem.", advice: "See its log for details." },
};

export interface FeedState {
  element: HTMLElement;
  /** Shown above the events. */
  notices: HTMLElement;
  draw: () => void;
}

export function feedState({ events, session, enterAddress, connectToEdge }: Context): FeedState {
  const dot = h("span", { class: "status-dot" });
  // Announced when it changes; the times beside it change with every check.
  const name = h("strong", { role: "status", testid: "feed-source" });
  const times = h("span", { class: "muted small numeric", testid: "feed-times" });
  const check = h(
    "button",
    { type: "button", class: "button button-small", testid: "feed-look", onclick: () => void events.check() },
    "Check now",
  );
  const pause = h("button", {
    type: "button",
    class: "button button-small",
    testid: "feed-pause",
    onclick: () => events.pause(!events.paused),
  });
  const failure = h("div", {});
  const edgeNotice = h("div", {});
  const elsewhere = h("div", {});
  const notices = h("div", { class: "feed-notices" }, failure, edgeNotice, elsewhere);

  /** Redrawn only when it changes, so that it is announced once. */
  const show = <T>(place: HTMLElement, what: T | null, make: (what: T) => HTMLElement): void => {
    const key = what === null ? "" : JSON.stringify(what);
    if (key === (shown.get(place) ?? "")) return;
    shown.set(place, key);
    fill(place, what !== null && make(what));
  };
  const shown = new Map<HTMLElement, string>();

  const draw = (): void => {
    setAttribute(dot, "data-state", stateOf(events));
    const words = nameOf(events);
    if (name.textContent !== words) name.textContent = words;
    times.textContent = timesOf(events);
    pause.textContent = events.paused ? "Resume" : "Pause";
    // aria-disabled keeps the focus on the button; the feed ignores it while it is paused.
    setAttribute(check, "aria-disabled", events.paused);
    check.hidden = events.source === "live" && events.failure === null;

    show(failure, events.failure === null ? null : describe(events.failure), (problem) =>
      errorNotice(problem, {
        testid: "feed-error",
        title: events.source === "live" ? "No events come any more." : "The practice could not be checked.",
        retry: () => void events.check(),
        ...(session.kind === "own" && {
          link: { href: "#/events", label: "Enter another address or access token", onFollow: enterAddress },
        }),
      }),
    );
    show(edgeNotice, edgeProblem(events), (problem) => errorNotice(problem, { testid: "edge-trouble" }));
    show(elsewhere, watchedElsewhere(events, session.address), (url) => otherSandbox(url, connectToEdge));
  };

  return {
    element: h(
      "div",
      { class: "feed-state", testid: "feed-state" },
      h("p", { class: "feed-source" }, dot, h("span", {}, name, times)),
      h("div", { class: "button-row" }, check, pause),
    ),
    notices,
    draw,
  };
}

/** Returns the sandbox that the edge function watches, if the page is connected to another one. */
export function watchedElsewhere({ edge }: EventFeed, address: string): string | null {
  if (edge === null || edge.sandboxUrl === null) return null;
  return new URL(edge.sandboxUrl).origin === new URL(address).origin ? null : edge.sandboxUrl;
}

function stateOf({ paused, failure, source, live }: EventFeed): string {
  if (paused) return "off";
  if (failure !== null) return "failed";
  if (source === "live") return live?.type === "live" || live?.type === "polling" ? "live" : "busy";
  return source === null ? "busy" : "live";
}

function nameOf({ paused, failure, source, live }: EventFeed): string {
  if (paused) return "Paused";
  if (source === "live") return stateName(live);
  if (failure !== null) return "No response from the practice";
  if (source === null) return "Connecting…";
  return source === "edge" ? "Live from the edge function" : "Live by polling the practice";
}

function timesOf({ paused, failure, checkedAt, nextAt, everyMs, source, live }: EventFeed): string {
  if (source === "live") {
    if (!paused && live?.type === "offline")
      return `Again in ${milliseconds(live.retryInMs)}, or when the network is back`;
    return checkedAt === null ? "" : `Checked ${clockTime(checkedAt)}`;
  }
  const last = checkedAt !== null && `Checked ${clockTime(checkedAt)}`;
  const next = failure === null ? checkedAt !== null && `every ${milliseconds(everyMs)}` : `again ${clockTime(nextAt)}`;
  return [last, !paused && next].filter(Boolean).join(", ");
}

function edgeProblem({ edge, edgeError }: EventFeed): Problem | null {
  if (edgeError !== null) {
    const { summary, advice } = edgeProblems[edgeError.problem];
    const detail = `${edgeError.message} ${advice} Until then the page polls the practice.`;
    return { summary, detail, calm: true };
  }
  if (edge === null || edge.attention === null) return null;
  return {
    summary: `The edge function needs attention: ${edge.attention}.`,
    detail: "The practice's API refuses its token. Register the practice again with valid tokens.",
  };
}

function otherSandbox(url: string, connect: () => void): HTMLElement {
  return h(
    "div",
    { class: "notice notice-calm", testid: "feed-elsewhere" },
    h(
      "div",
      { class: "notice-text" },
      h("p", {}, h("strong", {}, "These events are from another sandbox, at "), h("code", {}, url), "."),
      h(
        "p",
        { class: "muted small" },
        "Connect to it through the edge function to open these orders and create new ones.",
      ),
    ),
    h("button", { type: "button", class: "button", testid: "feed-connect", onclick: connect }, "Connect"),
  );
}
