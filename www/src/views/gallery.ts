// An archive's pictures as thumbnails that open enlarged.
import { pictureLabels, type Picture } from "../archive";
import { h } from "../dom";
import { lightbox } from "./lightbox";

/** `objectUrl` creates a URL that lasts as long as the gallery is shown. */
export function gallery(pictures: readonly Picture[], objectUrl: (data: Blob) => string): HTMLElement {
  const labels = pictureLabels(pictures.map(({ name }) => name));
  const shown = pictures.map(({ name, data }, index) => ({ label: labels[index] ?? name, src: objectUrl(data) }));
  const large = lightbox();
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
            {
              type: "button",
              class: "thumbnail",
              "aria-label": `Enlarge ${label}`,
              onclick: () => large.open(shown, index),
            },
            h("img", { src, alt: "", testid: "archive-picture" }),
            h("span", { class: "small" }, label),
          ),
        ),
      ),
    ),
    large.element,
  );
}
