// Cargo's runner for the wasm-bindgen tests in Chromium: `node tests/browser-runner.mjs tests.wasm`.
//
// wasm-bindgen-test-runner serves the page, as in its interactive mode. Its own headless mode can hang: its server gives
// each connection a thread, and may leave the fifth of a burst without a response as long as the other four are kept alive
// (tiny_http's TaskPool::spawn counts a thread that it has just woken as free). So the requests are sent one by one.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { launchChromium } from "./js/support/chromium.mjs";
import { closedPort, within } from "./js/support/test.mjs";

const address = `127.0.0.1:${await closedPort()}`;
const server = spawn("wasm-bindgen-test-runner", process.argv.slice(2), {
  env: { ...process.env, NO_HEADLESS: "1", WASM_BINDGEN_USE_BROWSER: "1", WASM_BINDGEN_TEST_ADDRESS: address },
  stdio: ["ignore", "pipe", "inherit"],
});
const browser = await launchChromium();
try {
  await within(serving(), 60_000, "the test page to be served");
  const page = await browser.newPage();
  let turn = Promise.resolve();
  await page.route("**/*", (route) => (turn = turn.then(() => inTurn(route))));
  page.on("pageerror", (error) => console.error(error));
  await page.goto(`http://${address}/`);
  const output = page.locator("#output");
  await output.filter({ hasText: "test result: " }).waitFor({ timeout: 120_000 }).catch(console.error);
  const report = await output.textContent();
  console.log(report);
  process.exitCode = report.includes("test result: ok") ? 0 : 1;
} finally {
  await browser.close();
  server.kill();
}

/** Resolves when the server prints its address; rejects if it exits first. */
async function serving() {
  let printed = "";
  server.stdout.setEncoding("utf8").on("data", (chunk) => (printed += chunk));
  while (!printed.includes(address)) {
    const [exited] = await Promise.race([once(server.stdout, "data"), once(server, "exit").then(() => [true])]);
    if (exited === true) throw new Error(`wasm-bindgen-test-runner exited: ${printed}`);
  }
}

async function inTurn(route) {
  await route.fulfill({ response: await route.fetch() });
}
