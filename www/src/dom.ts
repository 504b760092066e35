// Creates elements with typed attributes. `style` is deliberately not one of them: the page's Content Security Policy forbids
// it.

type Scalar = string | number | boolean | null | undefined;

type AttributeName =
  | "alt"
  | "autocapitalize"
  | "autocomplete"
  | "checked"
  | "class"
  | "datetime"
  | "disabled"
  | "download"
  | "enterkeyhint"
  | "for"
  | "hidden"
  | "href"
  | "id"
  | "inputmode"
  | "name"
  | "novalidate"
  | "placeholder"
  | "rel"
  | "role"
  | "rows"
  | "scope"
  | "selected"
  | "spellcheck"
  | "src"
  | "tabindex"
  | "target"
  | "type"
  | "value"
  | `aria-${string}`
  | `data-${string}`;

type Listeners = { [E in keyof HTMLElementEventMap as `on${E}`]?: (event: HTMLElementEventMap[E]) => void };

export type Attributes = { [N in AttributeName]?: Scalar } & Listeners & { testid?: string | null | undefined };

export type Child = Node | string | number | null | undefined | false | readonly Child[];

/** Creates an element. `null`, `undefined` and `false` attributes and children are left out; `true` is an empty attribute. */
export function h<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[T] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes) as [string, unknown][]) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value as EventListener);
    else setAttribute(element, name === "testid" ? "data-testid" : name, value as Scalar);
  }
  append(element, children);
  return element;
}

/** Sets or removes one attribute by the rules of {@link h}. ARIA states are words, so `false` is written out for them. */
export function setAttribute(element: Element, name: string, value: Scalar): void {
  if (value === null || value === undefined || (value === false && !name.startsWith("aria-")))
    element.removeAttribute(name);
  else element.setAttribute(name, value === true && !name.startsWith("aria-") ? "" : String(value));
}

/** Replaces everything inside an element. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren();
  append(element, children);
}

function append(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (child instanceof Node) element.append(child);
    else if (typeof child === "object") append(element, child);
    else element.append(String(child));
  }
}

/** Returns the element of index.html with this id; a missing one is a bug, not a state to handle. */
export function required<T extends Element = HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`index.html has no #${id}`);
  return element as unknown as T;
}
