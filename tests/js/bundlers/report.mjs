/**
 * Opens a page in Chromium and returns its report.
 * @param {import("playwright-core").Browser} browser
 * @param {string} url
 */
export async function reportOf(browser, url) {
  const page = await browser.newPage();
  /** @type {string[]} */
  const trouble = [];
  page.on("pageerror", (error) => trouble.push(String(error)));
  page.on("console", (message) => message.type() === "error" && trouble.push(message.text()));
  try {
    await page.goto(url);
    return await (await page.waitForFunction(() => globalThis.report, null, { timeout: 30_000 })).jsonValue();
  } catch (error) {
    throw new Error(`no report: ${trouble.join("\n")}`, { cause: error });
  } finally {
    await page.close();
  }
}
