// A labelled form control with room for its hint and its error.
import { fill, h, setAttribute, type Child } from "../dom";

export type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

export interface Field<C extends Control = Control> {
  element: HTMLElement;
  control: C;
  setError: (message: string | null) => void;
  /** Shows what the client says about the field, such as "must be a date", as a sentence for the person filling it in. */
  explain: (fault: string) => void;
}

export interface FieldOptions {
  label: string;
  hint?: string;
  optional?: boolean;
  class?: string;
  /** What to say when nothing was entered although something must be. */
  missing?: string;
  /** A button that belongs to the control, beside it. */
  button?: HTMLButtonElement;
}

/** Wires up a control; its `name` gives the ids and the error's test id. Editing the control takes its error away. */
export function field<C extends Control>(control: C, options: FieldOptions): Field<C> {
  const id = `field-${control.name}`;
  const hint = options.hint === undefined ? null : h("p", { class: "field-hint", id: `${id}-hint` }, options.hint);
  const error = h("p", { class: "field-error", id: `${id}-error`, testid: `error-${control.name}`, hidden: true });
  control.id = id;

  const setError = (message: string | null): void => {
    error.hidden = message === null;
    fill(error, message);
    setAttribute(control, "aria-invalid", message === null ? null : true);
    const described = [message !== null && error.id, hint?.id].filter(Boolean).join(" ");
    setAttribute(control, "aria-describedby", described || null);
  };
  setError(null);
  control.addEventListener("input", () => setError(null));

  const optional = options.optional === true && h("span", { class: "optional" }, " optional");
  const entry =
    options.button === undefined ? control : h("div", { class: "input-with-button" }, control, options.button);
  return {
    element: h(
      "div",
      { class: options.class === undefined ? "field" : `field ${options.class}` },
      h("label", { for: id }, options.label, optional),
      entry,
      hint,
      error,
    ),
    control,
    setError,
    explain: (fault) => {
      const missing = control.value.trim() === "" ? options.missing : undefined;
      setError(missing ?? `${options.label} ${fault}.`);
    },
  };
}

export interface Choice {
  value: string | number;
  label: string;
}

export function choices(list: readonly Choice[], selected?: string | number): Child[] {
  return list.map(({ value, label }) => h("option", { value, selected: value === selected }, label));
}
