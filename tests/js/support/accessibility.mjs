// Has axe-core look at a page: WCAG 2.2 A and AA, and its best practices.
import assert from "node:assert/strict";
import axe from "axe-core";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/**
 * Fails with what is not accessible in a page as it is now: rule, element and reason.
 * @param {import("playwright-core").Page} page
 * @param {string} what the view's name, for the message
 */
export const assertAccessible = (page, what) => assertRules(page, what, { type: "tag", values: TAGS });

/** The same, of the contrast alone: nothing else depends on the colour scheme. @param {import("playwright-core").Page} page @param {string} what */
export const assertContrast = (page, what) => assertRules(page, what, { type: "rule", values: ["color-contrast"] });

async function assertRules(page, what, runOnly) {
  // The page's policy forbids scripts that are added to it, but not what is evaluated in it.
  if (await page.evaluate(() => !("axe" in window))) await page.evaluate(axe.source);
  const faults = await page.evaluate(async (runOnly) => {
    const { violations } = await window.axe.run(document, { runOnly, resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} at ${target.join(" ")}: ${failureSummary}`),
    );
  }, runOnly);
  assert.deepEqual(faults, [], `${what} is not accessible`);
}
