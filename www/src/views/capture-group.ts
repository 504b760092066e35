// The screen captures of one order: each loads when it becomes visible, and opens enlarged.
import type { ScreenCaptures } from "itero-dpms";
import { fill, h } from "../dom";
import { describe, errorNotice } from "../errors";
import { count, moment, patientName } from "../format";
import { hashOf } from "../router";
import type { Context } from "../view";
import { capturePicture, type Capture } from "./capture-picture";
import type { Lightbox, Shown } from "./lightbox";

export interface CaptureGroup {
  element: HTMLElement;
  /** Shows the patient's name once the orders are loaded. */
  name: () => void;
  /** Aborts what is still loading and frees the pictures. */
  dispose: () => void;
}

export interface CaptureGroupOptions {
  enlarge: Lightbox["open"];
  onAdded: () => void;
}

export function captureGroup(
  { session, orders, announce }: Context,
  { orderId, captures }: ScreenCaptures["orders"][number],
  { enlarge, onAdded }: CaptureGroupOptions,
): CaptureGroup {
  const id = `captures-of-${orderId}`;
  const title = h("h2", { id });
  const failure = h("div", {});
  const newestFirst = [...captures].reverse();
  const pictures = newestFirst.map((capture, index) =>
    capturePicture(session.client, orderId, capture, labelOf(capture, captures.length - index), () => {
      const loaded = pictures.flatMap((picture): Shown[] => (picture.shown() === null ? [] : [picture.shown()!]));
      enlarge(
        loaded,
        Math.max(
          0,
          loaded.findIndex(({ src }) => src === pictures[index]?.shown()?.src),
        ),
      );
    }),
  );

  const name = (): void => {
    const order = orders.loaded.find((each) => each.orderId === orderId);
    fill(
      title,
      order === undefined
        ? `Order ${orderId}`
        : [
            h("a", { href: hashOf({ name: "order", rxId: order.rxId }) }, patientName(order)),
            h("span", { class: "muted small" }, ` Order ${orderId}`),
          ],
    );
  };
  name();

  const add = h(
    "button",
    { type: "button", class: "button button-small", testid: "add-capture", onclick: () => void addOne() },
    "Add a capture",
  );
  const addOne = async (): Promise<void> => {
    if (session.sandbox === null || add.getAttribute("aria-disabled") === "true") return;
    add.setAttribute("aria-disabled", "true");
    fill(failure);
    try {
      await session.sandbox.addScreenCapture(orderId);
      announce("A capture was added.");
      onAdded();
    } catch (error) {
      fill(failure, errorNotice(describe(error), { title: "No capture was added." }));
    }
    add.removeAttribute("aria-disabled");
  };

  return {
    element: h(
      "section",
      { class: "card", "aria-labelledby": id, testid: "capture-group", "data-order-id": orderId },
      h(
        "div",
        { class: "split" },
        title,
        h(
          "div",
          { class: "button-row" },
          h("span", { class: "count" }, count(captures.length)),
          session.sandbox !== null && add,
        ),
      ),
      failure,
      h(
        "ul",
        { class: "gallery" },
        pictures.map((picture) => h("li", {}, picture.element)),
      ),
    ),
    name,
    dispose: () => pictures.forEach((picture) => picture.dispose()),
  };
}

function labelOf({ createdDate }: Capture, nth: number): string {
  return createdDate === null ? `Capture ${nth}` : moment(createdDate);
}
