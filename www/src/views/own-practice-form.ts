// The form for the address and the token of the user's own practice. Neither is ever stored.
import type { ApiLocation, FieldError } from "itero-dpms";
import { fill, h } from "../dom";
import { errorNotice, type Problem } from "../errors";
import type { Credentials } from "../session";
import { field, textInput, type Field } from "./field";

export interface OwnPracticeForm {
  element: HTMLFormElement;
  read: () => Credentials;
  setBusy: (busy: boolean) => void;
  /** `faults` name the client's options, such as `accessToken` and `endpoints.v3.path`. */
  showProblem: (problem: Problem | null, faults?: readonly FieldError[]) => void;
  focus: () => void;
}

export function ownPracticeForm(onSubmit: () => void, onCancel: () => void): OwnPracticeForm {
  const address = (name: string, testid: string, placeholder: string) =>
    textInput(name, { testid, autocapitalize: "none", inputmode: "url", placeholder });
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
  const baseUrl = field(address("baseUrl", "base-url", "https://"), {
    label: "Base URL",
    missing: "Enter the address of the practice's API.",
    hint: "The API's address up to, but without, /api/third-party/v2.",
  });
  const domain = { missing: "Enter the domain from Discovery.", hint: "Such as https://api.example.com" };
  const v2Domain = field(address("v2Domain", "v2-domain", "https://"), { label: "V2 domain", ...domain });
  const v2Path = field(address("v2Path", "v2-path", ""), {
    label: "V2 path",
    missing: "Enter the path from Discovery.",
    hint: "Such as api/third-party/v2",
  });
  const v3Domain = field(address("v3Domain", "v3-domain", "https://"), {
    label: "V3 domain",
    optional: true,
    missing: domain.missing,
    hint: "For the list of patients, which only V3 has.",
  });
  const v3Path = field(address("v3Path", "v3-path", ""), {
    label: "V3 path",
    optional: true,
    missing: "Enter the path from Discovery.",
    hint: "Such as third-party/v3",
  });
  const token = field(textInput("accessToken", { type: "password", testid: "access-token", autocapitalize: "none" }), {
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

  /** Only one of the two ways to enter the V2 address is shown and used; the other keeps what was typed. */
  const byDiscovery = h("input", { type: "radio", name: "addressKind", value: "discovery", testid: "by-discovery" });
  const byBaseUrl = h("input", {
    type: "radio",
    name: "addressKind",
    value: "base",
    testid: "by-base-url",
    checked: true,
  });
  const showKind = (): void => {
    baseUrl.element.hidden = byDiscovery.checked;
    v2Domain.element.hidden = v2Path.element.hidden = !byDiscovery.checked;
  };
  const kind = h(
    "fieldset",
    { class: "choice-row", onchange: showKind },
    h("legend", {}, "How you know the address"),
    h("label", {}, byBaseUrl, "Base URL"),
    h("label", {}, byDiscovery, "Locations from Discovery"),
  );
  showKind();

  const at: Record<string, Field> = {
    "endpoints.v2.domain": v2Domain,
    "endpoints.v2.path": v2Path,
    "endpoints.v3.domain": v3Domain,
    "endpoints.v3.path": v3Path,
    accessToken: token,
  };
  const fields: Field[] = [baseUrl, ...Object.values(at)];

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
    kind,
    h(
      "div",
      { class: "field-grid" },
      [baseUrl, v2Domain, v2Path, v3Domain, v3Path, token].map((each) => each.element),
    ),
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
    read: () => {
      const v3 = location(v3Domain, v3Path);
      const v2 = byDiscovery.checked
        ? { v2: location(v2Domain, v2Path) ?? { domain: "", path: "" } }
        : { baseUrl: baseUrl.control.value.trim() };
      return {
        endpoints: v3 === null ? v2 : { ...v2, v3 },
        accessToken: token.control.value.trim(),
      };
    },
    setBusy: (value) => {
      busy = value;
      connect.setAttribute("aria-disabled", String(value));
      connect.textContent = value ? "Connecting…" : "Connect";
    },
    showProblem: (problem, faults = []) => {
      fields.forEach((each) => each.setError(null));
      const faulty = new Set(faults.map((fault) => at[fault.field] ?? (byDiscovery.checked ? v2Domain : baseUrl)));
      // The client's own messages are for developers.
      for (const each of faulty) each.explain(allowed(each));
      const names = [...faulty].map((each) => each.label).join(" and the ");
      const shown = problem !== null && names !== "" ? { ...problem, detail: `Check the ${names}.` } : problem;
      fill(failure, shown && errorNotice(shown, { testid: "connect-error", title: "Not connected." }));
    },
    focus: () => (byDiscovery.checked ? v2Domain : baseUrl).control.focus(),
  };

  function allowed(each: Field): string {
    if (each === token) return "must be plain characters without spaces";
    return each === v2Path || each === v3Path
      ? "must be a path such as api/third-party/v2, without ? and #"
      : "must be an address such as https://api.example.com";
  }
}

/** Returns null if both are empty. */
function location(domain: Field, path: Field): ApiLocation | null {
  const entered = { domain: domain.control.value.trim(), path: path.control.value.trim() };
  return entered.domain === "" && entered.path === "" ? null : entered;
}
