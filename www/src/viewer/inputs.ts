// The viewer's buttons and sliders.
import { h } from "../dom";

export function button(label: string, testid: string, onclick: () => void, kind = "button button-small") {
  return h("button", { type: "button", class: kind, testid, onclick }, label);
}

export function icon(sign: string, label: string, testid: string, onclick: () => void): HTMLElement {
  return h("button", { type: "button", class: "button button-small", "aria-label": label, testid, onclick }, sign);
}

export function slider(
  name: string,
  label: string,
  range: { min: number; max: number; step: number },
  onValue: (value: number) => void,
): HTMLInputElement {
  const input = h("input", {
    type: "range",
    name,
    testid: name,
    "aria-label": label,
    oninput: () => onValue(input.valueAsNumber),
  });
  Object.assign(input, range);
  return input;
}
