// The practice's events, live.
import { fill, h, setAttribute } from "../dom";
import { count } from "../format";
import { EVENTS_LIMIT, type PracticeEvent } from "../event-log";
import { hashOf } from "../router";
import type { Context, View } from "../view";
import { eventsTable, eventTitle } from "./events-table";
import { feedState, watchedElsewhere } from "./feed-state";

export function eventsView(context: Context): View {
  const { events, session, announce } = context;
  const state = feedState(context);
  const table = eventsTable();
  const empty = h("div", { class: "empty", hidden: true, testid: "events-empty" });
  const counter = h("p", { class: "table-count", testid: "events-count" });
  const markRead = h(
    "button",
    { type: "button", class: "button button-small", testid: "events-mark-read", onclick: () => events.markRead() },
    "Mark all as read",
  );
  const region = h(
    "section",
    { class: "card card-flush", "aria-label": "Events" },
    state.element,
    state.notices,
    table.element,
    empty,
    h("div", { class: "pager" }, counter, markRead),
  );

  let announced = new Set(events.newestFirst);
  /** Announces new events to screen readers, with one message for several. */
  const announceNew = (): void => {
    const news = events.newestFirst.filter((event) => !event.read && !announced.has(event));
    announced = new Set(events.newestFirst);
    const [first] = news;
    if (first !== undefined) announce(news.length === 1 ? describeEvent(first) : `${count(news.length)} new events.`);
  };

  let drawnEmpty = "";
  const draw = (): void => {
    const { newestFirst, unread } = events;
    setAttribute(region, "aria-busy", events.checking);
    state.draw();
    table.draw(newestFirst, watchedElsewhere(events, session.address) === null);
    table.element.hidden = newestFirst.length === 0;
    empty.hidden = newestFirst.length > 0;
    const none = events.checkedAt === null ? "Checking…" : "Nothing has happened since this page started watching.";
    if (none !== drawnEmpty)
      fill(empty, h("p", {}, (drawnEmpty = none)), events.checkedAt !== null && whatToDo(context));
    counter.textContent = countText(newestFirst.length, unread);
    // aria-disabled keeps the focus on the button.
    setAttribute(markRead, "aria-disabled", unread === 0);
  };
  const unsubscribe = events.changed.add(() => {
    draw();
    announceNew();
  });
  events.start();
  draw();

  return {
    title: "Events",
    element: h(
      "div",
      { class: "stack", testid: "events-view" },
      h(
        "header",
        { class: "page-header" },
        h("h1", { tabindex: -1 }, "Events"),
        h("p", { class: "muted" }, "New scans and changed statuses, newest first. An order's page names the patient."),
      ),
      region,
      sources(),
    ),
    dispose: () => {
      unsubscribe();
      events.markRead();
    },
  };
}

function describeEvent(event: PracticeEvent): string {
  const order = event.orderId === null ? "" : `, order ${event.orderId}`;
  return `${eventTitle(event)}${order}: ${event.status ?? "no status"}.`;
}

function countText(total: number, unread: number): string {
  if (total === 0) return "No events";
  const all =
    total === EVENTS_LIMIT ? `The latest ${count(total)} events` : total === 1 ? "1 event" : `${count(total)} events`;
  return unread === 0 ? all : `${all}, ${count(unread)} new`;
}

function whatToDo({ session }: Context): HTMLElement {
  const link = h("a", { class: "button", href: hashOf({ name: "new-scan" }) }, "New scan");
  if (session.sandbox === null) return h("p", {}, "The next finished scan appears here automatically.");
  return h(
    "div",
    {},
    h("p", {}, "Send a scan request and complete it, or change an order's status in the panel below."),
    link,
  );
}

function sources(): HTMLElement {
  const source = (name: string, meaning: string) => [h("dt", {}, name), h("dd", {}, meaning)];
  return h(
    "details",
    { class: "more" },
    h("summary", {}, "What the sources mean"),
    h(
      "dl",
      { class: "facts" },
      source("Callback", "The API notified the edge function, which then fetched the order (§4.5, §4.6)."),
      source(
        "Reconciliation",
        "There was no notification; the edge function found the change in the practice's orders.",
      ),
      source("Poll", "This page listed the practice's orders and compared them with the previous list."),
    ),
  );
}
