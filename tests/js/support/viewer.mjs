// What tests of the portal's viewer begin with.
import { BAD_FILES, binaryStl, surface, withBadFile, zip } from "./awkward-scans.mjs";
import { raw, stall } from "./faulty-server.mjs";

/** Has the sandbox draw small scans, with these settings. @param {import("./portal.mjs").Portal} portal */
export const exported = (portal, settings) => portal.control("export-settings", { triangles: 10_000, ...settings });

/** Opens the viewer of a sandbox order with a small scan. @param {import("./portal.mjs").Portal} portal */
export async function openViewer(portal) {
  await exported(portal, { fileType: "ply", arrangement: "occlusion" });
  await portal.ordersLoaded();
  await portal.$("order-row").first().getByRole("link").click();
  await portal.$("view-3d").click();
  await portal.page.locator('.scan-viewer[data-state="done"]').waitFor();
}

/** Waits until nothing is left to be drawn. Returns how many pictures there were. */
export async function drawn(portal) {
  await portal.page.locator('.viewer[data-detail="full"]').waitFor();
  return portal.page.evaluate(async () => {
    const frames = () => Number(document.querySelector(".viewer").dataset.frames);
    for (let last = -1; last !== frames();) {
      last = frames();
      for (let times = 0; times < 2; times += 1) await new Promise(requestAnimationFrame);
    }
    return frames();
  });
}

const TYPE = "application/zip";
const mesh = binaryStl(surface(150));
const growing = zip(["u", "l"].map((jaw) => ({ name: `1_shell_occlusion_${jaw}.stl`, data: mesh, method: "stored" })));

/** A download of two arches that halts after three quarters. */
export const HALTING = stall(growing.subarray(0, 0.75 * growing.length), { length: growing.length, contentType: TYPE });

/** One of two arches, of which one is damaged. */
export const DAMAGED = raw(200, withBadFile(BAD_FILES["has a wrong CRC"][1]), { "Content-Type": TYPE });
