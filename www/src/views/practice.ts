// The connected practice: company, doctors, labs.
import type { Lab, PracticeConfiguration } from "itero-dpms";
import { h } from "../dom";
import { date, NONE, text } from "../format";
import type { Context, View } from "../view";

export function practiceView({ session: { practice } }: Context): View {
  return {
    title: "Practice",
    element: h(
      "div",
      { testid: "practice-view", class: "stack" },
      h(
        "header",
        { class: "page-header" },
        h("h1", { tabindex: -1 }, text(practice.companyName)),
        h("p", { class: "muted" }, "The doctors who can sign an RX here, and the labs the practice works with."),
      ),
      h(
        "div",
        { class: "columns" },
        h(
          "section",
          { class: "card", "aria-labelledby": "company-heading" },
          h("h2", { id: "company-heading" }, "Company"),
          h(
            "dl",
            { class: "facts" },
            fact("Name", text(practice.companyName)),
            fact("Number", practice.companyId),
            fact("Country", countryName(practice.countryCode)),
            fact("As of", date(practice.reportDate)),
          ),
        ),
        doctors(practice),
        labs(practice.labs),
      ),
    ),
  };
}

function doctors({ doctors }: PracticeConfiguration): HTMLElement {
  return h(
    "section",
    { class: "card", "aria-labelledby": "doctors-heading" },
    h("h2", { id: "doctors-heading" }, "Doctors ", h("span", { class: "count" }, doctors.length)),
    doctors.length === 0
      ? h("p", { class: "muted" }, "The practice lists no doctors.")
      : h(
          "ul",
          { class: "plain-list" },
          doctors.map(({ id, name }) =>
            h("li", { class: "split" }, h("span", {}, text(name)), h("span", { class: "muted numeric" }, `No. ${id}`)),
          ),
        ),
  );
}

function labs(labs: readonly Lab[]): HTMLElement {
  return h(
    "section",
    { class: "card span", "aria-labelledby": "labs-heading" },
    h("h2", { id: "labs-heading" }, "Labs ", h("span", { class: "count" }, labs.length)),
    labs.length === 0
      ? h("p", { class: "muted" }, "The practice works with no labs.")
      : h(
          "ul",
          { class: "tiles" },
          labs.map((lab) =>
            h(
              "li",
              { class: "tile" },
              h(
                "div",
                { class: "split" },
                h("strong", {}, text(lab.name)),
                h("span", { class: "muted numeric" }, `No. ${lab.id}`),
              ),
              h(
                "p",
                { class: "tags" },
                lab.types.map((type) => h("span", { class: "tag" }, type === "Dental" ? "Dental (restorative)" : type)),
              ),
              h("p", { class: "muted" }, lab.address || "No address given"),
            ),
          ),
        ),
  );
}

function fact(name: string, value: string | number): HTMLElement[] {
  return [h("dt", {}, name), h("dd", {}, value)];
}

function countryName(code: string | null): string {
  if (code === null) return NONE;
  try {
    return new Intl.DisplayNames(undefined, { type: "region" }).of(code) ?? code;
  } catch {
    return code; // not a region code
  }
}
