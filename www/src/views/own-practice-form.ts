// Where a reader enters the address and token of a practice of their own. Neither is ever stored.
import type { FieldError } from "itero-dpms";
import { fill, h } from "../dom";
import { errorNotice, type Problem } from "../errors";
import type { Credentials } from "../session";
import { field } from "./field";

export interface OwnPracticeForm {
  element: HTMLFormElement;
  read: () => Credentials;
  setBusy: (busy: boolean) => void;
  /** Faults are of the client's options, such as `accessToken` and `endpoints.baseUrl`. */
  showProblem: (problem: Problem | null, faults?: readonly FieldError[]) => void;
  focus: () => void;
}

export function ownPracticeForm(onSubmit: () => void, onCancel: () => void): OwnPracticeForm {
  const input = (name: string, type: string, attributes = {}) =>
    h("input", { name, type, autocomplete: "off", autocapitalize: "none", spellcheck: false, ...attributes });
  const reveal = h(
    "button",
    {
      type: "button",
      class: "button",
      "aria-pressed": false,
      "aria-label": "Show the access token",
      onclick: () => toggle(),
    },
    "Show",
  );
  const baseUrl = field(input("baseUrl", "text", { testid: "base-url", inputmode: "url", placeholder: "https://" }), {
    label: "Base URL",
    missing: "Enter the address of the practice's API.",
    hint: "The API's address up to, but without, /api/third-party/v2.",
  });
  const token = field(input("accessToken", "password", { testid: "access-token" }), {
    label: "Access token",
    missing: "Enter the access token.",
    hint: "Kept in this page's memory only, until you reload or leave.",
    button: reveal,
  });
  const toggle = (): void => {
    const shown = token.control.type === "text";
    token.control.type = shown ? "password" : "text";
    reveal.textContent = shown ? "Show" : "Hide";
    reveal.ariaPressed = String(!shown);
  };

  const failure = h("div", {});
  const connect = h("button", { type: "submit", class: "button button-primary", testid: "connect-button" }, "Connect");
  let busy = false;
  const element = h(
    "form",
    {
      class: "own-practice",
      id: "own-practice",
      novalidate: true,
      hidden: true,
      "aria-label": "Connect to your own practice",
      onsubmit: (event) => {
        event.preventDefault();
        if (!busy) onSubmit();
      },
    },
    h("div", { class: "field-grid" }, baseUrl.element, token.element),
    failure,
    h(
      "div",
      { class: "form-actions" },
      connect,
      h("button", { type: "button", class: "button", onclick: onCancel }, "Cancel"),
    ),
  );

  return {
    element,
    read: () => ({ baseUrl: baseUrl.control.value.trim(), accessToken: token.control.value.trim() }),
    setBusy: (value) => {
      busy = value;
      connect.setAttribute("aria-disabled", String(value));
      connect.textContent = value ? "Connecting…" : "Connect";
    },
    showProblem: (problem, faults = []) => {
      baseUrl.setError(null);
      token.setError(null);
      // The client's own words are for whoever writes its options in code.
      const ofToken = faults.some(({ field }) => field === "accessToken");
      const ofAddress = faults.some(({ field }) => field !== "accessToken");
      if (ofToken) token.explain("must be plain characters without spaces");
      if (ofAddress) baseUrl.explain("must be an address such as https://api.example.com");
      const faulty = [ofAddress && "base URL", ofToken && "access token"].filter(Boolean).join(" and the ");
      const shown = problem !== null && faulty !== "" ? { ...problem, detail: `Check the ${faulty}.` } : problem;
      fill(failure, shown && errorNotice(shown, { testid: "connect-error", title: "Not connected." }));
    },
    focus: () => baseUrl.control.focus(),
  };
}
