// The machine's own Chromium, driven by playwright-core (no browser is downloaded).
import { chromium } from "playwright-core";
import { onPath } from "./programs.mjs";

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
  const found = process.env.CHROME || NAMES.map(onPath).find((file) => file !== null);
  if (found) return found;
  throw new Error(`no Chromium: set CHROME to one, or put one of ${NAMES.join(", ")} on PATH`);
}

/** A headless browser; playwright gives it an empty profile of its own and removes that at the end. */
export const launchChromium = () =>
  chromium.launch({ executablePath: findChromium(), headless: true, args: FLAGS, timeout: 60_000 });
