// The three archives an order may have (§4.7.2), each with its own download.
import type { Order } from "itero-dpms";
import { fill, h } from "../dom";
import { describe, errorNotice } from "../errors";
import { hashOf } from "../router";
import type { SandboxControls } from "../sandbox-controls";
import { ScanDownload } from "../scan-download";
import type { Context } from "../view";
import { assetDownload, type Asset } from "./asset-download";
import { scanViewer } from "./scan-viewer";

const assets: Asset[] = [
  {
    id: "IDE",
    title: "3D scan",
    about: "Meshes, RX document and metadata.",
    action: "Download scan",
    none: "There is no 3D file for this order.",
    fileName: "scan",
    testids: ["download-scan", "download"],
  },
  {
    id: "IMAGE_GALLERY",
    title: "Pictures",
    about: "The scan from different views.",
    action: "Download pictures",
    none: "There are no pictures of this order.",
    fileName: "pictures",
    testids: ["download-pictures", "pictures"],
  },
  {
    id: "SCREEN_CAPTURE",
    title: "Screen captures",
    about: "Taken at the scanner or on myitero.com, at any time.",
    action: "Download captures",
    none: "No captures were taken for this order so far.",
    fileName: "captures",
    testids: ["download-captures", "captures"],
  },
];

export interface ScanFiles {
  element: HTMLElement;
  dispose: () => void;
}

export function scanFiles({ session, announce }: Context, { orderId }: Order): ScanFiles {
  const parts = assets.map((asset) => {
    const download = new ScanDownload(session.client, orderId, asset.id);
    const viewer = asset.id === "IDE" ? scanViewer(download, orderId) : undefined;
    const shown = assetDownload(download, orderId, asset, announce, viewer);
    return { element: shown.element, dispose: () => [viewer, shown, download].forEach((each) => each?.dispose()) };
  });
  return {
    element: h(
      "section",
      { class: "card", "aria-labelledby": "files-heading" },
      h("h2", { id: "files-heading" }, "Files"),
      h(
        "ul",
        { class: "plain-list" },
        parts.map(({ element }) => h("li", { class: "asset" }, element)),
      ),
      captureLinks(session.sandbox, orderId),
    ),
    dispose: () => parts.forEach((part) => part.dispose()),
  };
}

/** The link to all captures as pictures; in the sandbox, also a button to add one. */
function captureLinks(sandbox: SandboxControls | null, orderId: number): HTMLElement {
  const outcome = h("div", { role: "status" });
  const add = h("button", { type: "button", class: "button", testid: "add-capture" }, "Add a capture");
  add.addEventListener("click", () => {
    if (sandbox === null || add.getAttribute("aria-disabled") === "true") return;
    add.setAttribute("aria-disabled", "true");
    fill(outcome);
    sandbox
      .addScreenCapture(orderId)
      .then(
        () => fill(outcome, h("p", { class: "success", testid: "capture-added" }, "The scanner took a capture.")),
        (error: unknown) => fill(outcome, errorNotice(describe(error), { title: "No capture was added." })),
      )
      .finally(() => add.removeAttribute("aria-disabled"));
  });
  return h(
    "div",
    { class: "capture-links" },
    h(
      "a",
      { href: hashOf({ name: "captures" }), testid: "all-captures" },
      "The practice's latest captures as pictures",
    ),
    sandbox !== null && [
      h("p", { class: "muted small" }, "In the sandbox you are the scanner: a capture can be taken at any time."),
      h("div", { class: "button-row" }, add, outcome),
    ],
  );
}
