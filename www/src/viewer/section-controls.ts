// The controls of the section: its axis, its position, and which half is hidden.
import type { Box3 } from "three";
import { h } from "../dom";
import { choices } from "../views/field";
import { button, slider } from "./inputs";
import type { Axis } from "./section";
import type { Settings } from "./settings";

const AXES: { value: Axis | ""; label: string }[] = [
  { value: "", label: "None" },
  { value: "x", label: "Side to side" },
  { value: "y", label: "Front to back" },
  { value: "z", label: "Up and down" },
];

export function sectionControls(settings: Settings, onChange: () => void) {
  let box: Box3 | null = null;
  const axis = h(
    "select",
    {
      "aria-label": "Section",
      testid: "viewer-section",
      onchange: () => {
        const value = axis.value as Axis | "";
        settings.section =
          value === "" || box === null ? null : { axis: value, at: middle(box, value), isFlipped: false };
        onChange();
      },
    },
    choices(AXES),
  );
  const at = slider(
    "viewer-section-at",
    "Place of the section, in millimetres",
    { min: 0, max: 1, step: 0.1 },
    (value) => {
      if (settings.section !== null) settings.section = { ...settings.section, at: value };
      onChange();
    },
  );
  const flip = button("Other half", "viewer-section-flip", () => {
    if (settings.section !== null) settings.section = { ...settings.section, isFlipped: !settings.section.isFlipped };
    onChange();
  });
  const place = h("output", { class: "numeric small", testid: "viewer-section-place" });
  const more = h("div", { class: "viewer-group-row", hidden: true }, at, place, flip);
  return {
    element: h("div", { class: "viewer-section" }, axis, more),
    draw: (given: Box3) => {
      box = given;
      const { section } = settings;
      axis.value = section?.axis ?? "";
      more.hidden = section === null;
      if (section === null) return;
      at.min = given.min[section.axis].toFixed(1);
      at.max = given.max[section.axis].toFixed(1);
      at.value = String(section.at);
      place.textContent = `${section.at.toFixed(1).replace("-", "−")} mm`;
    },
  };
}

function middle(box: Box3, axis: Axis): number {
  return (box.min[axis] + box.max[axis]) / 2;
}
