// README.md and docs/*.md, and the code blocks in them.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./test.mjs";

/**
 * @typedef {object} Block
 * @property {string} id the page and the line at which it begins
 * @property {string} page
 * @property {string} language
 * @property {string} code
 * @property {string | null} notRun why it is only type-checked, from a `<!-- not run: … -->` before it
 * @property {string | null} shownBy the test that covers it instead, from a `<!-- shown by: tests/… -->` before it
 */

/** Each page's text by path. */
export const PAGES = new Map(
  [
    "README.md",
    ...readdirSync(join(ROOT, "docs"))
      .filter((name) => name.endsWith(".md"))
      .map((name) => `docs/${name}`),
  ].map((page) => [page, readFileSync(join(ROOT, page), "utf8")]),
);

/** @type {Block[]} */
export const BLOCKS = [...PAGES].flatMap(([page, text]) => {
  const fence = /(?:<!-- (not run|shown by): (.+?) -->\n+)?^```(\S*)[^\n]*\n([\s\S]*?)^```$/gm;
  return [...text.matchAll(fence)].map(({ index, 1: mark, 2: why, 3: language, 4: code }) => ({
    id: `${page.replace(/^docs\/|\.md$/g, "").toLowerCase()}-${text.slice(0, index).split("\n").length}`,
    page,
    language,
    code,
    notRun: mark === "not run" ? why : null,
    shownBy: mark === "shown by" ? why : null,
  }));
});

/** Returns the cells of a table's rows, without the header. */
export function table(text) {
  const rows = text.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** Returns the text under a heading, up to the next heading of the same or a higher level. */
export function section(page, heading) {
  const lines = PAGES.get(page).split("\n");
  const start = lines.findIndex((line) => line.replace(/^#+ /, "") === heading && line.startsWith("#"));
  if (start < 0) throw new Error(`${page} has no heading ${heading}`);
  const level = /^#+/.exec(lines[start])[0].length;
  const length = lines.slice(start + 1).findIndex((line) => new RegExp(`^#{1,${level}} `).test(line));
  return lines.slice(start, length < 0 ? undefined : start + 1 + length).join("\n");
}
