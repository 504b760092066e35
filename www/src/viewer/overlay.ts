// What is drawn over the picture: the scale bar, right and left, the measured points. SVG, so that it has the page's colours,
// forced ones too, and a screenshot can draw it again.
import type { Size } from "./camera";
import type { Mark } from "./orientation";
import { millimetres, scaleBar } from "./scale-bar";

export interface OverlayState {
  mmPerPixel: number;
  marks: readonly Mark[];
  /** One or two points, in pixels, and the distance between them. */
  points: readonly { x: number; y: number }[];
  distance: string | null;
  /** Whether the middle is marked, where a key sets a point. */
  hasCrosshair: boolean;
}

const SVG = "http://www.w3.org/2000/svg";
const EDGE = 14;
const LETTER = 20;

/** The room for the bar, which leaves space for other things on a phone. */
const BAR_ROOM = 120;

export function overlay(): { element: SVGSVGElement; draw: (state: OverlayState, size: Size) => void } {
  const element = node("svg", { class: "viewer-overlay", "aria-hidden": "true" });
  return {
    element,
    draw: (state, size) => {
      element.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
      element.replaceChildren(
        ...bar(state.mmPerPixel, size),
        ...state.marks.map((mark) => letter(mark, size)),
        ...measured(state),
        ...(state.hasCrosshair ? crosshair(size) : []),
      );
    },
  };
}

function bar(mmPerPixel: number, { width, height }: Size): SVGElement[] {
  const { mm, pixels } = scaleBar(mmPerPixel, Math.min(BAR_ROOM, width / 3));
  const y = height - EDGE;
  const line = (x1: number, y1: number, x2: number, y2: number) => node("line", { x1, y1, x2, y2 });
  return [
    line(EDGE, y, EDGE + pixels, y),
    line(EDGE, y - 5, EDGE, y + 5),
    line(EDGE + pixels, y - 5, EDGE + pixels, y + 5),
    text(millimetres(mm), { x: EDGE + pixels / 2, y: y - 9, "data-testid": "viewer-scale" }),
  ];
}

function letter({ text: name, x, y }: Mark, { width, height }: Size): SVGElement {
  const [reachX, reachY] = [width / 2 - LETTER, height / 2 - LETTER];
  // The distance to the edge in that direction.
  const reach = Math.min(reachX / Math.max(Math.abs(x), 1e-6), reachY / Math.max(Math.abs(y), 1e-6));
  return text(name, {
    x: width / 2 + reach * x,
    y: height / 2 - reach * y + 6,
    class: "viewer-mark",
    "data-testid": `viewer-mark-${name}`,
  });
}

function measured({ points, distance }: OverlayState): SVGElement[] {
  const [from, to] = points;
  const dots = points.map(({ x, y }) => node("circle", { cx: x, cy: y, r: 4, class: "viewer-point" }));
  if (from === undefined || to === undefined) return dots;
  return [
    node("line", { x1: from.x, y1: from.y, x2: to.x, y2: to.y, class: "viewer-measure" }),
    ...dots,
    text(distance ?? "", { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 - 10 }),
  ];
}

function crosshair({ width, height }: Size): SVGElement[] {
  const [x, y] = [width / 2, height / 2];
  return [
    node("line", { x1: x - 10, y1: y, x2: x + 10, y2: y }),
    node("line", { x1: x, y1: y - 10, x2: x, y2: y + 10 }),
  ];
}

function text(content: string, attributes: Record<string, string | number>): SVGElement {
  const element = node("text", { "text-anchor": "middle", ...attributes });
  element.textContent = content;
  return element;
}

function node<T extends keyof SVGElementTagNameMap>(
  name: T,
  attributes: Record<string, string | number>,
): SVGElementTagNameMap[T] {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}
