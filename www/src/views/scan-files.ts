// The three archives an order may have (§4.7.2), each with its own download.
import type { DpmsClient, Order } from "itero-dpms";
import { h } from "../dom";
import { assetDownload, type Asset } from "./asset-download";

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

export function scanFiles(client: DpmsClient, { orderId }: Order, announce: (message: string) => void): ScanFiles {
  const downloads = assets.map((asset) => assetDownload(client, orderId, asset, announce));
  return {
    element: h(
      "section",
      { class: "card", "aria-labelledby": "files-heading" },
      h("h2", { id: "files-heading" }, "Files"),
      h(
        "ul",
        { class: "plain-list" },
        downloads.map(({ element }) => h("li", { class: "asset" }, element)),
      ),
    ),
    dispose: () => downloads.forEach((download) => download.dispose()),
  };
}
