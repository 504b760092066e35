// Has axe-core look at a page: WCAG 2.2 A and AA, and its best practices.
import assert from "node:assert/strict";
import axe from "axe-core";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/**
 * Fails with what is not accessible in a page as it is now: rule, element and reason.
 * @param {import("playwright-core").Page} page
 * @param {string} what the view's name, for the message
 */
export async function assertAccessible(page, what) {
  // The page's policy forbids scripts that are added to it, but not what is evaluated in it.
  if (await page.evaluate(() => !("axe" in window))) await page.evaluate(axe.source);
  const faults = await page.evaluate(async (tags) => {
    const { violations } = await window.axe.run(document, { runOnly: tags, resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} at ${target.join(" ")}: ${failureSummary}`),
    );
  }, TAGS);
  assert.deepEqual(faults, [], `${what} is not accessible`);
}
