// Everything that the viewer can do, as buttons and fields.
import type { Box3 } from "three";
import { fill, h, setAttribute, type Child } from "../dom";
import { step, ZOOM_STEP, type Command } from "./commands";
import { button, icon, slider } from "./inputs";
import type { PartLook } from "./graphics";
import { VIEW_LABELS, VIEWS, type ViewName } from "./orientation";
import { PART_LABELS, type PartName } from "./parts";
import { sectionControls } from "./section-controls";
import type { Settings } from "./settings";
import type { DragMode } from "./stage";

export interface ControlsOptions {
  onCommand: (command: Command) => void;
  onMode: (mode: DragMode) => void;
  onPart: (part: PartName, look: Partial<PartLook>) => void;
  /** Called when the colour or the section of the settings has changed. */
  onLook: () => void;
  onScreenshot: () => void;
  onFullscreen: () => void;
}

export interface ControlsState {
  view: ViewName | null;
  /** The box around everything. */
  box: Box3;
  canColor: boolean;
  distance: string | null;
}

export interface Controls {
  element: HTMLElement;
  draw: (state: ControlsState) => void;
  setView: (view: ViewName | null) => void;
}

const MODES: Record<DragMode, string> = { turn: "Turn", move: "Move", measure: "Measure" };

export function controls(settings: Settings, options: ControlsOptions): Controls {
  let mode: DragMode = "turn";
  const { onCommand } = options;

  const views = VIEWS.map((view) =>
    button(VIEW_LABELS[view], `viewer-view-${view}`, () => onCommand({ do: "view", view }), "segment"),
  );
  const setView = (view: ViewName | null): void =>
    VIEWS.forEach((each, at) => setAttribute(views[at]!, "aria-pressed", each === view));

  const modes = Object.entries(MODES).map(([value, label]) =>
    button(label, `viewer-mode-${value}`, () => setMode(value as DragMode), "segment"),
  );
  const setMode = (value: DragMode): void => {
    mode = value;
    Object.keys(MODES).forEach((each, at) => setAttribute(modes[at]!, "aria-pressed", each === mode));
    measure.hidden = mode !== "measure";
    options.onMode(mode);
  };
  const steps = (
    [
      ["←", "Left", -1, 0],
      ["→", "Right", 1, 0],
      ["↑", "Up", 0, -1],
      ["↓", "Down", 0, 1],
    ] as const
  ).map(([sign, label, right, down]) =>
    icon(sign, label, `viewer-step-${label.toLowerCase()}`, () => onCommand(step(mode === "move", right, down))),
  );
  const zooms = [
    icon("+", "Zoom in", "viewer-zoom-in", () => onCommand({ do: "zoom", factor: ZOOM_STEP })),
    icon("−", "Zoom out", "viewer-zoom-out", () => onCommand({ do: "zoom", factor: 1 / ZOOM_STEP })),
  ];

  const distance = h("output", { class: "numeric", testid: "viewer-distance" });
  const measure = h(
    "div",
    { class: "viewer-measuring", hidden: true },
    h(
      "p",
      { class: "small muted" },
      "Click two points, or bring a point into the middle and set it. Approximate, not for diagnosis.",
    ),
    h(
      "div",
      { class: "button-row" },
      button("Set point in the middle", "viewer-point", () => onCommand({ do: "point" })),
      distance,
    ),
  );

  const parts = h("div", { class: "viewer-parts" });
  let offered = "";
  const drawParts = (): void => {
    const names = [...settings.parts.keys()];
    // Replaced only when the parts change, so that no control loses the focus.
    if (offered !== names.join()) fill(parts, names.map(partControls));
    offered = names.join();
    for (const [name, { isVisible, opacity }] of settings.parts) {
      parts.querySelector<HTMLInputElement>(`[name="viewer-part-${name}"]`)!.checked = isVisible;
      parts.querySelector<HTMLInputElement>(`[name="viewer-opacity-${name}"]`)!.value = String(100 * opacity);
    }
  };
  const partControls = (part: PartName): HTMLElement => {
    const label = PART_LABELS[part];
    return h(
      "div",
      { class: "viewer-part" },
      h(
        "label",
        {},
        h("input", {
          type: "checkbox",
          name: `viewer-part-${part}`,
          testid: `viewer-part-${part}`,
          onchange: ({ currentTarget }) =>
            options.onPart(part, { isVisible: (currentTarget as HTMLInputElement).checked }),
        }),
        ` ${label}`,
      ),
      slider(`viewer-opacity-${part}`, `${label}: opacity in percent`, { min: 10, max: 100, step: 10 }, (value) =>
        options.onPart(part, { opacity: value / 100 }),
      ),
    );
  };

  const looks = [true, false].map((hasColor) =>
    button(
      hasColor ? "Colour" : "Stone",
      hasColor ? "viewer-color" : "viewer-stone",
      () => {
        settings.hasColor = hasColor;
        options.onLook();
      },
      "segment",
    ),
  );
  const noColor = h("p", { class: "small muted", testid: "viewer-no-color" }, "The files have no colours.");
  const section = sectionControls(settings, options.onLook);

  const element = h(
    "div",
    { class: "viewer-controls" },
    group(
      "View",
      segments("Standard views", views),
      button("Reset", "viewer-reset", () => onCommand({ do: "reset" })),
    ),
    group(
      "Drag and arrows",
      segments("What dragging and arrows do", modes),
      h("div", { class: "viewer-steps" }, steps, zooms),
      measure,
    ),
    group("Arches, and how opaque they are", parts),
    group("Surface", segments("Surface", looks), noColor),
    group("Section", section.element),
    group(
      "Picture",
      button("Save picture", "viewer-screenshot", options.onScreenshot),
      document.fullscreenEnabled && button("Full screen", "viewer-fullscreen", options.onFullscreen),
    ),
    h(
      "p",
      { class: "small muted", id: "viewer-help" },
      "Arrow keys turn, with Shift they move; + and − zoom; 1 to 5 are the views, 0 resets; U and L show or hide an arch. The wheel zooms once the picture was clicked; Escape gives it back to the page.",
    ),
  );
  Object.keys(MODES).forEach((each, at) => setAttribute(modes[at]!, "aria-pressed", each === mode));
  return {
    element,
    setView,
    draw: ({ view, box, canColor, distance: measured }) => {
      setView(view);
      drawParts();
      looks.forEach((look, at) => {
        const isChosen = (at === 0) === (settings.hasColor && canColor);
        setAttribute(look, "aria-pressed", isChosen);
      });
      looks[0]!.disabled = !canColor;
      noColor.hidden = canColor;
      section.draw(box);
      distance.textContent = measured ?? "";
    },
  };
}

function segments(label: string, buttons: HTMLElement[]): HTMLElement {
  return h("div", { class: "segments viewer-segments", role: "group", "aria-label": label }, buttons);
}

function group(label: string, ...children: Child[]): HTMLElement {
  return h(
    "section",
    { class: "viewer-group", "aria-label": label },
    h("p", { class: "small muted", "aria-hidden": true }, label),
    h("div", { class: "viewer-group-row" }, children),
  );
}
