// One archive of an order: download with progress, cancel and retry, then its contents.
import type { AssetType } from "itero-dpms";
import { isScanError } from "itero-dpms/scan";
import { ArchiveTooLargeError } from "../archive";
import { fill, h } from "../dom";
import { describe, errorNotice } from "../errors";
import { bytes } from "../format";
import { objectUrls } from "../object-urls";
import type { DownloadPhase, ScanDownload } from "../scan-download";
import { archiveContents } from "./archive-contents";

export interface Asset {
  id: AssetType;
  title: string;
  about: string;
  action: string;
  /** The message if the server has no such files (§4.7.3, 204). */
  none: string;
  /** Part of the saved file's name, which contains the order's number and no patient data. */
  fileName: string;
  /** Test id of the button that starts it, and prefix of the others. */
  testids: [start: string, prefix: string];
}

export interface AssetDownload {
  element: HTMLElement;
  /** Frees the memory of what is shown. */
  dispose: () => void;
}

/** `more` is shown with the download's buttons and below it. */
export function assetDownload(
  download: ScanDownload,
  orderId: number,
  asset: Asset,
  announce: (message: string) => void,
  more?: { button: HTMLElement; element: HTMLElement },
): AssetDownload {
  const [startId, prefix] = asset.testids;
  const urls = objectUrls();
  let shown: DownloadPhase = "idle";

  const start = h(
    "button",
    { type: "button", class: "button", testid: startId, onclick: () => void download.start() },
    asset.action,
  );
  const cancel = h(
    "button",
    { type: "button", class: "button", testid: `${prefix}-cancel`, hidden: true, onclick: () => download.cancel() },
    "Cancel",
  );
  start.classList.toggle("button-primary", asset.id === "IDE");
  const bar = h("progress", { testid: `${prefix}-progress`, "aria-label": `${asset.title}: progress` });
  const state = h("p", { class: "small numeric", testid: `${prefix}-state` });
  const file = h("p", { class: "muted small archive-name" });
  const progress = h("div", { class: "asset-progress", hidden: true }, bar, state, file);
  const outcome = h("div", {});

  const draw = (): void => {
    showProgress();
    if (download.phase === shown) return;
    shown = download.phase;
    const isFocused = [start, cancel, outcome].some((each) => each.contains(document.activeElement));
    showPhase(shown);
    start.hidden = shown === "running";
    cancel.hidden = !start.hidden;
    // The element with the focus may be gone.
    if (isFocused) (start.hidden ? cancel : (outcome.querySelector<HTMLElement>("button, a") ?? start)).focus();
  };

  const showProgress = (): void => {
    if (download.phase !== "running") return;
    const at = download.progress;
    file.textContent = download.file;
    file.hidden = download.file === null;
    if (at === null || at.state === "waiting" || at.totalBytes === null) bar.removeAttribute("value");
    else {
      bar.max = at.totalBytes;
      bar.value = at.receivedBytes;
    }
    if (at === null) state.textContent = "Requesting the file…";
    else if (at.state === "waiting")
      state.textContent = "Waiting: the 3D file is being generated. This can take a minute or two.";
    else
      state.textContent = `Downloading: ${bytes(at.receivedBytes)}${at.totalBytes === null ? "" : ` of ${bytes(at.totalBytes)}`}`;
  };

  const showPhase = (phase: DownloadPhase): void => {
    progress.hidden = phase !== "running" && phase !== "done";
    fill(outcome);
    urls.revoke();
    switch (phase) {
      case "running":
        announce(`${asset.title}: download started`);
        break;
      case "none":
        fill(outcome, h("p", { class: "muted", testid: `${prefix}-none` }, asset.none));
        announce(asset.none);
        break;
      case "done":
        file.hidden = true;
        bar.max = bar.value = 1;
        state.textContent = `Done: ${bytes(download.zip?.size ?? 0)}`;
        start.textContent = "Download again";
        start.classList.remove("button-primary");
        fill(outcome, save(), download.archive && archiveContents(download.archive, urls.make));
        announce(`${asset.title}: download done`);
        break;
      case "cancelled":
      case "failed":
        fill(outcome, save(), failure(phase === "cancelled"));
    }
  };

  /** Also for a file that cannot be read here. */
  const save = () =>
    download.zip &&
    h(
      "a",
      {
        class: "button button-primary",
        testid: `${prefix}-save`,
        download: `order-${orderId}-${asset.fileName}.zip`,
        href: urls.make(download.zip),
      },
      "Save zip file",
    );

  const failure = (isCancelled: boolean): HTMLElement => {
    const { error } = download;
    const cancelled = { summary: "The download was cancelled.", detail: "Nothing was saved.", calm: true };
    return errorNotice(isCancelled ? cancelled : describe(error), {
      testid: `${prefix}-error`,
      // No retry for errors after which the same file would come again.
      ...(!(error instanceof ArchiveTooLargeError || (isScanError(error) && !error.retryable)) && {
        retry: () => void download.start(),
        retryTestid: `${prefix}-retry`,
      }),
    });
  };

  download.changed.add(draw);
  return {
    element: h(
      "div",
      { class: "asset-body" },
      h(
        "div",
        { class: "split" },
        h("div", {}, h("h3", {}, asset.title), h("p", { class: "muted small" }, asset.about)),
        h("div", { class: "button-row" }, start, cancel, more?.button),
      ),
      progress,
      more?.element,
      outcome,
    ),
    dispose: () => urls.revoke(),
  };
}
