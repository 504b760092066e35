// The benchmark's table: every figure with its spread, its number of rounds and its budget, if any.
import { fileURLToPath } from "node:url";

/**
 * @typedef {object} Row
 * @property {string} what what is measured; rows that belong together share it
 * @property {string} who the contender, or the two that are compared
 * @property {string} unit
 * @property {number[]} samples a figure per round
 * @property {{ atMost: number } | { atLeast: number }} [budget] of the median
 */

export const median = (samples) => quantile(samples, 0.5);

function quantile(samples, share) {
  const sorted = samples.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below + (above - below) * (place % 1);
}

/** A row of ratios, one per round, so that what slows a round down cancels out. @returns {Row} */
export const ratio = (what, ours, theirs, budget) => ({
  what,
  who: `${ours.who} vs ${theirs.who}`,
  unit: "×",
  samples: ours.samples.map((figure, round) => figure / theirs.samples[round]),
  budget,
});

export function isMet({ samples, budget: { atMost = Infinity, atLeast = -Infinity } }) {
  const figure = median(samples);
  return atLeast <= figure && figure <= atMost;
}

/** Prints the rows as Markdown, ready for docs/performance.md. @param {Row[]} rows */
export function print(rows) {
  const cells = rows.map((row, at) => [
    row.what === rows[at - 1]?.what ? "" : row.what,
    row.who,
    `${figure(median(row.samples))} ${row.unit}`,
    ...(row.samples.length > 1 ? spread(row.samples) : ["", "", ""]),
    row.budget ? budget(row) : "",
  ]);
  const lines = [["measured", "who", "median", "quartiles", "min", "rounds", "budget"], ...cells];
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  lines.splice(
    1,
    0,
    widths.map((width) => "-".repeat(width)),
  );
  for (const line of lines) console.log(`| ${line.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`);
}

function spread(samples) {
  const quartiles = [0.25, 0.75].map((share) => figure(quantile(samples, share)));
  return [quartiles.join(" – "), figure(Math.min(...samples)), String(samples.length)];
}

function budget(row) {
  const { atMost, atLeast } = row.budget;
  const bound = atMost === undefined ? `≥ ${atLeast}` : `≤ ${atMost}`;
  return `${bound} ${row.unit}: ${isMet(row) ? "met" : "MISSED"}`;
}

/** Formats with three significant digits, but with all integer digits. */
const figure = (value) => (Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3))));

/** Whether a module is the one that Node was started with. */
export const isMain = (meta) => process.argv[1] === fileURLToPath(meta.url);
