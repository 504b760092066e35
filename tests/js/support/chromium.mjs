// The machine's own Chromium, driven by playwright-core (no browser is downloaded).
import { chromium } from "playwright-core";
import { onPath } from "./programs.mjs";

const NAMES = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  // WebGL on machines without a graphics card, as those that test are.
  "--enable-unsafe-swiftshader",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Returns `CHROME`, or else the first browser on PATH. */
export function findChromium() {
  const found = process.env.CHROME || NAMES.map(onPath).find((file) => file !== null);
  if (found) return found;
  throw new Error(`no Chromium found: set CHROME to its path, or put one of ${NAMES.join(", ")} on PATH`);
}

/** Starts a headless browser. Playwright gives it an empty profile, which it removes at the end. */
export const launchChromium = () =>
  chromium.launch({ executablePath: findChromium(), headless: true, args: FLAGS, timeout: 60_000 });
