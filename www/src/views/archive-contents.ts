// The contents of a downloaded archive: every file by name, kind and size, and its pictures.
import type { Archive, ArchiveEntry } from "../archive";
import { h } from "../dom";
import { bytes } from "../format";
import { gallery } from "./gallery";

/** `objectUrl` creates a URL that lasts as long as the pictures are shown. */
export function archiveContents({ entries, pictures }: Archive, objectUrl: (data: Blob) => string): HTMLElement {
  return h(
    "div",
    { class: "archive" },
    h(
      "ul",
      { class: "plain-list archive-list", testid: "archive-entries", "aria-label": "Files in the archive" },
      entries.map(item),
    ),
    pictures.length > 0 && gallery(pictures, objectUrl),
  );
}

function item({ name, kind, size, problem }: ArchiveEntry): HTMLElement {
  return h(
    "li",
    { class: "archive-entry", testid: "archive-entry" },
    h("span", { class: "archive-name" }, name),
    h("span", { class: "muted small" }, kind),
    h("span", { class: "muted small numeric" }, bytes(size)),
    problem !== null &&
      h("span", { class: "archive-problem small", testid: "archive-problem" }, `Problem: ${problem}.`),
  );
}
