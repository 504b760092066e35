// The place of the 3D viewer on an order's page. The viewer is loaded when it is first opened; if it cannot be shown, the user
// gets the scan's pictures instead.
import { fill, h } from "../dom";
import { describe, errorNotice } from "../errors";
import { count } from "../format";
import type { ScanDownload } from "../scan-download";
import type { Viewer } from "../viewer/viewer";

export interface ScanViewer {
  button: HTMLElement;
  element: HTMLElement;
  dispose: () => void;
}

export function scanViewer(download: ScanDownload, orderId: number): ScanViewer {
  let isOpen = false;
  let viewer: Viewer | null = null;
  let hasWebGl = true;
  /** Counts openings, so that an earlier one that is still loading is ignored. */
  let opening = 0;

  const button = h("button", {
    type: "button",
    class: "button",
    testid: "view-3d",
    "aria-controls": "scan-viewer",
    onclick: () => (isOpen ? close() : void open()),
  });
  const state = h("p", { class: "small numeric", testid: "viewer-state" });
  const problems = h("ul", { class: "plain-list small archive-problem", testid: "viewer-problems" });
  const place = h("div", {});
  const element = h(
    "section",
    { class: "scan-viewer", id: "scan-viewer", "aria-label": "3D viewer", hidden: true },
    state,
    problems,
    place,
  );

  const open = async (): Promise<void> => {
    setOpen(true);
    const mine = ++opening;
    if (download.phase !== "running" && download.phase !== "done") void download.start();
    fill(place, h("p", { class: "muted" }, "Loading the viewer…"));
    try {
      const { openViewer } = await import("../viewer/viewer");
      if (mine !== opening) return;
      viewer = openViewer(download, orderId, restart);
      hasWebGl = viewer !== null;
      fill(place, viewer?.element);
      draw();
    } catch (error) {
      if (mine !== opening) return;
      fill(
        place,
        errorNotice(describe(error), {
          testid: "viewer-error",
          title: "The viewer could not be opened.",
          retry: () => void open(),
        }),
      );
    }
  };

  const close = (): void => {
    opening += 1;
    viewer?.dispose();
    viewer = null;
    fill(place);
    setOpen(false);
  };

  const restart = (): void => {
    close();
    void open();
    button.focus();
  };

  const setOpen = (value: boolean): void => {
    isOpen = value;
    element.hidden = !value;
    button.textContent = value ? "Close 3D view" : "View in 3D";
    button.setAttribute("aria-expanded", String(value));
    draw();
  };

  const draw = (): void => {
    if (!isOpen) return;
    const { phase, archive } = download;
    element.dataset["state"] = phase;
    state.textContent = summary();
    // Without a mesh, and with none to come, the viewer's controls have nothing to act on.
    place.hidden = viewer !== null && phase !== "running" && download.meshes.size === 0;
    fill(
      problems,
      archive?.entries.map(
        ({ isMesh, name, problem }) => isMesh && problem !== null && h("li", {}, `${name}: ${problem}.`),
      ),
    );
    if (!hasWebGl) pointToPictures();
  };

  const summary = (): string => {
    const triangles = [...download.meshes.values()].reduce((sum, { index }) => sum + index.length / 3, 0);
    switch (download.phase) {
      case "running":
        return triangles === 0
          ? "The scan is on its way…"
          : `Arriving: so far a preview of ${count(triangles)} triangles`;
      case "done":
        return triangles === 0
          ? "The archive holds no mesh that can be shown."
          : `Complete: ${count(triangles)} triangles`;
      default:
        return "There is no scan to show.";
    }
  };

  /** The archive's pictures are shown below its files, so a message is enough. */
  const pointToPictures = (): void => {
    const hasPictures = (download.archive?.pictures.length ?? 0) > 0;
    fill(
      place,
      h(
        "p",
        { class: "callout", testid: "viewer-no-webgl" },
        "This browser has no WebGL, or it is switched off, so the scan cannot be shown in 3D. ",
        hasPictures ? "Its pictures are below." : "Its pictures follow as soon as they are here, if there are any.",
      ),
    );
  };

  const stopListening = [download.changed.add(draw), download.meshesChanged.add(draw)];
  setOpen(false);
  return {
    button,
    element,
    dispose: () => {
      stopListening.forEach((stop) => stop());
      close();
    },
  };
}
