// The practice's latest screen captures as pictures, by order (§4.8, §4.9). No callback reports them, so the user refreshes.
import { isDpmsError, type ScreenCaptures } from "itero-dpms";
import { fill, h, setAttribute } from "../dom";
import { describe, errorNotice, isAbort } from "../errors";
import { count, date, daysAgo } from "../format";
import type { Context, View } from "../view";
import { captureGroup, type CaptureGroup } from "./capture-group";
import { choices, field, textInput } from "./field";
import { lightbox } from "./lightbox";

/** The API's default period, and the longest one. */
const DEFAULT_DAYS = 14;
const MAX_DAYS = 90;

const spans = [
  { value: "14", label: "Last 14 days" },
  { value: "30", label: "Last 30 days" },
  { value: "90", label: "Last 90 days" },
  { value: "date", label: "From a date" },
];

export function capturesView(context: Context): View {
  const { session, orders, announce } = context;
  const span = field(h("select", { name: "captures-span", testid: "captures-span" }, choices(spans)), {
    label: "Taken",
  });
  const from = field(textInput("captures-dateFrom", { placeholder: "YYYY-MM-DD" }), {
    label: "From",
    missing: "Enter the first day.",
    hint: "Year, month, day",
  });
  const counter = h("p", { class: "muted", testid: "captures-count" });
  const outcome = h("div", {});
  const list = h("div", { class: "stack", testid: "captures-list" });
  const busy = h("progress", { class: "thin-progress", "aria-label": "Loading screen captures", hidden: true });
  const show = h("button", { type: "submit", class: "button", testid: "captures-show" }, "Show");
  const large = lightbox();
  let loading = new AbortController();
  let groups: CaptureGroup[] = [];

  const clear = (): void => {
    groups.forEach((group) => group.dispose());
    groups = [];
    fill(list);
  };

  const dateFrom = (): string | null => {
    const { value } = span.control;
    // Without a date, the API uses its default period.
    if (value === String(DEFAULT_DAYS)) return null;
    return value === "date" ? from.control.value.trim() : daysAgo(Number(value));
  };

  /** Resolves when the list or an error is shown. */
  const load = async (): Promise<void> => {
    loading.abort();
    const { signal } = (loading = new AbortController());
    from.setError(null);
    fill(outcome);
    busy.hidden = false;
    setAttribute(list, "aria-busy", true);
    const requested = dateFrom();
    try {
      const captures = await session.client.listScreenCaptures(requested === null ? null : { dateFrom: requested }, {
        signal,
      });
      if (signal.aborted) return;
      clear();
      draw(captures, requested);
    } catch (error) {
      if (isAbort(signal, error)) return;
      clear();
      counter.textContent = "";
      showFailure(error);
    }
    busy.hidden = true;
    setAttribute(list, "aria-busy", false);
  };

  const draw = (captures: ScreenCaptures, requested: string | null): void => {
    const total = captures.orders.reduce((sum, order) => sum + order.captures.length, 0);
    const since = captures.since === null ? "" : ` since ${date(captures.since)}`;
    counter.textContent = `${count(total)} ${total === 1 ? "capture" : "captures"}${since}.`;
    announce(counter.textContent);
    if (requested !== null && requested < daysAgo(MAX_DAYS) && captures.since !== null) {
      fill(
        outcome,
        h(
          "p",
          { class: "callout", testid: "captures-window" },
          `You requested captures from ${date(requested)}. The API goes back at most ${MAX_DAYS} days: captures from before ${date(captures.since)} are not in this list, but they are still in each order's files.`,
        ),
      );
    }
    // The API lists them oldest first.
    groups = [...captures.orders]
      .sort((a, b) => newest(b) - newest(a))
      .map((order) =>
        captureGroup(context, order, {
          enlarge: large.open,
          onAdded: () => void load(),
        }),
      );
    fill(
      list,
      groups.length === 0
        ? h("p", { class: "card empty" }, noneText(session.sandbox !== null))
        : groups.map((each) => each.element),
    );
  };

  const showFailure = (error: unknown): void => {
    const fault = isDpmsError(error) ? error.fieldErrors.find((each) => each.field === "dateFrom") : undefined;
    if (fault !== undefined) {
      from.explain(fault.message);
      from.control.focus();
      return;
    }
    const options = {
      testid: "captures-error",
      title: "The screen captures could not be listed.",
      retry: () => void load(),
    };
    fill(outcome, errorNotice(describe(error), options));
  };

  const showDate = (): void => {
    from.element.hidden = show.hidden = span.control.value !== "date";
  };
  span.control.addEventListener("change", () => {
    showDate();
    if (span.control.value === "date") from.control.focus();
    else void load();
  });
  showDate();

  // The orders have the patients' names and the links.
  if (orders.phase === "new") void orders.load();
  const unsubscribe = orders.changed.add(() => groups.forEach((group) => group.name()));
  void load();

  return {
    title: "Screen captures",
    element: h(
      "div",
      { class: "stack", testid: "captures-view" },
      h(
        "header",
        { class: "page-header split" },
        h(
          "div",
          {},
          h("h1", { tabindex: -1 }, "Screen captures"),
          h("p", { class: "muted" }, "Pictures taken at the scanner or on myitero.com, also long after the scan."),
        ),
        h(
          "button",
          { type: "button", class: "button", testid: "captures-refresh", onclick: () => void load() },
          "Refresh",
        ),
      ),
      h(
        "form",
        {
          class: "captures-filter",
          novalidate: true,
          "aria-label": "Which captures to show",
          onsubmit: (event) => {
            event.preventDefault();
            void load();
          },
        },
        span.element,
        from.element,
        show,
        h(
          "p",
          { class: "field-hint" },
          `Without a date the API returns the last ${DEFAULT_DAYS} days; with one, at most the last ${MAX_DAYS}. It sends no callbacks for new captures, so refresh to see them.`,
        ),
      ),
      busy,
      outcome,
      counter,
      list,
      large.element,
    ),
    dispose: () => {
      loading.abort();
      unsubscribe();
      clear();
    },
  };
}

function newest({ captures }: ScreenCaptures["orders"][number]): number {
  return Math.max(0, ...captures.map(({ createdDate }) => (createdDate === null ? 0 : Date.parse(createdDate))));
}

function noneText(isSandbox: boolean): string {
  return isSandbox
    ? "No captures were taken in this period. In the sandbox you can open an order and add one."
    : "No captures were taken in this period.";
}
