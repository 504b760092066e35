// What the viewer looks like in each of its states.
import { portalForThisFile } from "../support/portal.mjs";
import { openScriptedOrder } from "../support/scripted-practice.mjs";
import { test } from "../support/test.mjs";
import { DAMAGED, HALTING, drawn, exported, openViewer } from "../support/viewer.mjs";

const portals = portalForThisFile();

for (const width of [360, 1440]) {
  const viewport = { width, height: width === 360 ? 740 : 900 };

  test(
    `at ${width} px, light and dark, a whole scan, measuring, sections, teeth up and no WebGL are accessible (screenshots are kept)`,
    { timeout: 120_000 },
    async (t) => {
      const portal = await portals.open(t, { viewport });
      await openViewer(portal);
      await drawn(portal);
      await portal.look("v1-done");

      const stage = portal.$("viewer-stage");
      await portal.$("viewer-mode-measure").click();
      const box = await stage.boundingBox();
      for (const place of [0.35, 0.65]) {
        await stage.click({ position: { x: place * box.width, y: 0.35 * box.height } });
      }
      await drawn(portal);
      await portal.look("v2-measuring");
      await portal.$("viewer-mode-turn").click();
      await portal.$("viewer-view-front").click();
      await portal.$("viewer-section").selectOption("y");
      await drawn(portal);
      await portal.look("v3-section");

      await exported(portal, { arrangement: "teeth-up", fileType: "stl" });
      await portal.$("download-scan").click();
      await portal.$("viewer-apart").waitFor();
      await portal.page.locator('.scan-viewer[data-state="done"]').waitFor();
      await drawn(portal);
      await portal.look("v4-teeth-up");

      await portal.$("view-3d").click();
      await portal.page.evaluate(() => {
        HTMLCanvasElement.prototype.getContext = () => null;
      });
      await portal.$("view-3d").click();
      await portal.$("viewer-no-webgl").filter({ hasText: "pictures are below" }).waitFor();
      await portal.look("v5-no-webgl");
      portal.assertNoProblems();
    },
  );

  test(
    `at ${width} px, light and dark, a scan that arrives, a cancelled and a damaged one are accessible (screenshots are kept)`,
    { timeout: 120_000 },
    async (t) => {
      const { portal } = await openScriptedOrder(t, portals, (index) => (index === 0 ? HALTING : DAMAGED), {
        viewport,
      });
      await portal.$("view-3d").click();
      await portal.$("viewer-state").filter({ hasText: "preview" }).waitFor();
      await portal.$("viewer-part-upper").waitFor();
      await portal.look("v6-loading");
      await portal.$("download-cancel").click();
      await portal.$("viewer-state").filter({ hasText: "no scan" }).waitFor();
      await portal.look("v7-cancelled");
      await portal.$("download-retry").click();
      await portal.$("viewer-problems").filter({ hasText: "damaged" }).waitFor();
      await portal.look("v8-damaged");
    },
  );
}
