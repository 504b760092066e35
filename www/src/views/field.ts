// A labelled form control with room for its hint and its error.
import type { FieldError } from "itero-dpms";
import { fill, h, setAttribute, type Attributes, type Child } from "../dom";

export type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

export interface Field<C extends Control = Control> {
  element: HTMLElement;
  control: C;
  label: string;
  setError: (message: string | null) => void;
  /** Shows the client's message about the field, such as "must be a date", as a sentence for the user. */
  explain: (fault: string) => void;
}

export interface FieldOptions {
  label: string;
  hint?: string;
  optional?: boolean;
  class?: string;
  /** The message if a required field is empty. */
  missing?: string;
  /** A button that belongs to the control, beside it. */
  button?: HTMLButtonElement;
}

/** Wires up a control; its `name` determines the ids and the error's test id. Editing the control clears its error. */
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
    label: options.label,
    setError,
    explain: (fault) => {
      const missing = control.value.trim() === "" ? options.missing : undefined;
      // The API's own messages (V3) are sentences already.
      setError(missing ?? (/^\p{Lu}/u.test(fault) ? fault : `${options.label} ${fault}.`));
    },
  };
}

/** A text input that the browser neither fills in nor corrects. */
export function textInput(name: string, attributes: Attributes = {}): HTMLInputElement {
  return h("input", { type: "text", name, autocomplete: "off", spellcheck: false, ...attributes });
}

/**
 * Shows each fault at its field and focuses the first one. Returns the faults that belong to none of these fields. A control's
 * name is the name of the argument after a prefix that differs between the page's forms, as in `edit-firstName`.
 */
export function explainFaults(fields: readonly Field[], faults: readonly FieldError[]): FieldError[] {
  const at = (fault: FieldError) => fields.find(({ control }) => control.name.replace(/^.*-/, "") === fault.field);
  for (const fault of faults) at(fault)?.explain(fault.message);
  fields.find(({ control }) => control.ariaInvalid === "true")?.control.focus();
  return faults.filter((fault) => at(fault) === undefined);
}

export interface Choice {
  value: string | number;
  label: string;
}

export function choices(list: readonly Choice[], selected?: string | number): Child[] {
  return list.map(({ value, label }) => h("option", { value, selected: value === selected }, label));
}
