// Finds words that are hard to read, in everything that people read: pages, comments, messages, names. Suggests what to write
// instead.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** @type {[RegExp, string][]} */
const WORDS = [
  [/\banew\b|\bafresh\b/i, "again, from the start, a new …"],
  [/\blest\b/i, "so that … not"],
  [/\bmend(?:s|ed|ing)?\b/i, "fix, correct, update"],
  [/\blets? (?:it |them |everybody |nobody )?in\b/i, "is valid, is accepted, admits"],
  [/\bto(?:ld|llen) of\b|\btells? (?:\w+ )?of\b|\bhears? of\b|\bheard of\b/i, "report, announce, list, know of"],
  [/\bwhence\b|\bhence\b|\bthereof\b|\btherein\b|\bthereby\b|\bforthwith\b|\bupon\b|\bshall\b/i, "a plain word"],
  [/\bas it were\b|\bif it were (?:that|so)\b/i, "nothing"],
  [/\bfor ever\b/i, "forever, without end"],
  [/\bgoes by\b|\bsay(?:s)? nothing of\b/i, "uses, does not mention"],
];

const TEXT = /\.(?:rs|m?js|ts|css|html|md|sh|toml|jsonc?|capnp)$|^Makefile$/;
const OWN = "scripts/words.mjs";

const paths = execFileSync("git", ["ls-files"], { encoding: "utf8" })
  .split("\n")
  .filter((path) => TEXT.test(path) && path !== OWN && !/(?:^|\/)(?:package-lock|fixtures)\b/.test(path));

let found = 0;
for (const path of paths) {
  for (const [index, line] of readFileSync(path, "utf8").split("\n").entries()) {
    for (const [word, instead] of WORDS) {
      const match = word.exec(line);
      if (match === null) continue;
      found += 1;
      console.error(`${path}:${index + 1}: "${match[0]}" → ${instead}`);
    }
  }
}
process.exitCode = found === 0 ? 0 : 1;
