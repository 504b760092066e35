// Property tests with fast-check. The seed is fixed, so that test runs are reproducible; `SEED=7 RUNS=1000 node --test …` uses
// another. A failure prints its seed and its shrunk counterexample.
import fc from "fast-check";
import { test } from "./test.mjs";

const SEED = Number(process.env.SEED ?? 20261122);
const RUNS = process.env.RUNS && Number(process.env.RUNS);

/**
 * Registers a test that a property holds for every value.
 * @template T
 * @param {string} name
 * @param {import("fast-check").Arbitrary<T>} values
 * @param {(value: T) => Promise<void>} holds throws if it does not
 * @param {{ runs?: number, timeout?: number, examples?: T[] }} [options]
 */
export function property(name, values, holds, { runs = 100, timeout = 120_000, examples = [] } = {}) {
  test(name, { timeout }, () =>
    fc.assert(
      fc.asyncProperty(values, (value) => holds(value)),
      { seed: SEED, numRuns: RUNS ?? runs, examples: examples.map((example) => [example]) },
    ),
  );
}

/** Characters that are special in URLs, JSON, SQL, XML or a terminal, and some plain ones. */
const SPECIAL = [
  ..."%*&+#/?=;:@!$'\"<>\\()[]{}|^~`,. _-\0\t\r\n\u007f\u00a0\u200f\u202e\u2028\uFEFF",
  "%2F",
  "%%",
  "..",
  "é",
  "ß",
  "漢",
  "😀",
  "a",
  "B",
  "7",
];

/** Any well-formed Unicode string, often with special characters. */
export const anyText = ({ max = 30 } = {}) =>
  fc.oneof(
    fc.string({ unit: "binary", maxLength: max }),
    fc.array(fc.constantFrom(...SPECIAL), { maxLength: max }).map((parts) => parts.join("")),
  );

/** Any string of UTF-16 code units, including lone surrogates. */
export const anyUnits = ({ max = 20 } = {}) =>
  fc
    .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd800, max: 0xdfff })), { maxLength: max })
    .map((units) => String.fromCharCode(...units));

/** A name that the API accepts: not blank. */
export const anyName = (options) => anyText(options).filter((text) => text.trim() !== "" && !isBlankToRust(text));

/** Unlike JavaScript's `trim`, Rust's removes U+0085 and keeps U+FEFF. */
const isBlankToRust = (text) => /^[\s\u0085]*$/u.test(text);

/** A date that is not in the future. */
export const anyDay = () =>
  fc
    .date({ min: new Date("1880-01-01T00:00:00Z"), max: new Date("2025-12-31T00:00:00Z"), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10));

export { fc };
