// One enlarged picture in a dialog; the arrow keys move to the next one.
import { fill, h } from "../dom";

export interface Shown {
  label: string;
  src: string;
}

export interface Lightbox {
  element: HTMLDialogElement;
  open: (pictures: readonly Shown[], index: number) => void;
}

export function lightbox(): Lightbox {
  const image = h("img", { class: "lightbox-image", alt: "" });
  const caption = h("p", { "aria-live": "polite" });
  let pictures: readonly Shown[] = [];
  let current = 0;

  const show = (index: number): void => {
    current = (index + pictures.length) % pictures.length;
    const { label, src } = pictures[current]!;
    image.src = src;
    image.alt = label;
    fill(caption, `${label} (${current + 1} of ${pictures.length})`);
  };
  const button = (label: string, onclick: () => void, primary = false) =>
    h("button", { type: "button", class: primary ? "button button-primary" : "button", onclick }, label);
  const paging = [button("Previous", () => show(current - 1)), button("Next", () => show(current + 1))];
  const element: HTMLDialogElement = h(
    "dialog",
    {
      class: "lightbox",
      "aria-label": "Picture",
      testid: "lightbox",
      onkeydown: ({ key }) => {
        if (key === "ArrowLeft") show(current - 1);
        if (key === "ArrowRight") show(current + 1);
      },
      // A click on the backdrop has the dialog itself as its target.
      onclick: ({ target }) => {
        if (target === element) element.close();
      },
    },
    h(
      "figure",
      { class: "lightbox-body" },
      image,
      h(
        "figcaption",
        { class: "split" },
        caption,
        h(
          "div",
          { class: "button-row" },
          paging,
          button("Close", () => element.close(), true),
        ),
      ),
    ),
  );
  return {
    element,
    open: (given, index) => {
      pictures = given;
      for (const each of paging) each.hidden = given.length < 2;
      show(index);
      element.showModal();
    },
  };
}
