// Pictures as thumbnails; one opens large in a dialog, where the arrow keys turn to the next.
import { pictureLabels, type Picture } from "../archive";
import { fill, h } from "../dom";

/** `objectUrl` makes an address for a picture that lasts as long as the gallery is shown. */
export function gallery(pictures: readonly Picture[], objectUrl: (data: Blob) => string): HTMLElement {
  const labels = pictureLabels(pictures.map(({ name }) => name));
  const shown = pictures.map(({ name, data }, index) => ({ label: labels[index] ?? name, src: objectUrl(data) }));
  const image = h("img", { class: "lightbox-image", alt: "" });
  const caption = h("p", { "aria-live": "polite" });
  let current = 0;

  const show = (index: number): void => {
    current = (index + shown.length) % shown.length;
    const { label, src } = shown[current]!;
    image.src = src;
    image.alt = label;
    fill(caption, `${label} (${current + 1} of ${shown.length})`);
  };
  const button = (label: string, onclick: () => void, primary = false) =>
    h("button", { type: "button", class: primary ? "button button-primary" : "button", onclick }, label);
  const dialog = h(
    "dialog",
    {
      class: "lightbox",
      "aria-label": "Picture",
      onkeydown: ({ key }) => {
        if (key === "ArrowLeft") show(current - 1);
        if (key === "ArrowRight") show(current + 1);
      },
      // The backdrop belongs to the dialog; everything inside it has its own target.
      onclick: ({ target }) => {
        if (target === dialog) dialog.close();
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
          shown.length > 1 && [button("Previous", () => show(current - 1)), button("Next", () => show(current + 1))],
          button("Close", () => dialog.close(), true),
        ),
      ),
    ),
  );

  const open = (index: number): void => {
    show(index);
    dialog.showModal();
  };
  return h(
    "div",
    {},
    h(
      "ul",
      { class: "gallery", "aria-label": "Pictures in the archive" },
      shown.map(({ label, src }, index) =>
        h(
          "li",
          {},
          h(
            "button",
            { type: "button", class: "thumbnail", "aria-label": `Enlarge ${label}`, onclick: () => open(index) },
            h("img", { src, alt: "", testid: "archive-picture" }),
            h("span", { class: "small" }, label),
          ),
        ),
      ),
    ),
    dialog,
  );
}
