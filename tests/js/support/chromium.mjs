// The machine's own Chromium, driven by playwright-core (no browser is downloaded).
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** `CHROME`, else the first browser on PATH. */
export function findChromium() {
  if (process.env.CHROME) return process.env.CHROME;
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of NAMES) {
      const file = join(folder, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // not here: look further
      }
    }
  }
  throw new Error(`no Chromium: set CHROME to one, or put one of ${NAMES.join(", ")} on PATH`);
}

/** A headless browser; playwright gives it an empty profile of its own and removes that at the end. */
export const launchChromium = () =>
  chromium.launch({ executablePath: findChromium(), headless: true, args: FLAGS, timeout: 60_000 });
