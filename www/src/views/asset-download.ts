// One archive of an order: download with progress, cancel and retry, then its contents.
import type { AssetType, DownloadProgress, DpmsClient } from "itero-dpms";
import { ArchiveTooLargeError, openArchive } from "../archive";
import { fill, h } from "../dom";
import { describe, errorNotice, isAbort } from "../errors";
import { bytes } from "../format";
import { objectUrls } from "../object-urls";
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
  /** Aborts a running download and frees its memory. */
  dispose: () => void;
}

export function assetDownload(
  client: DpmsClient,
  orderId: number,
  asset: Asset,
  announce: (message: string) => void,
): AssetDownload {
  const [startId, prefix] = asset.testids;
  const urls = objectUrls();
  let running: AbortController | null = null;
  let disposed = false;

  const start = h(
    "button",
    { type: "button", class: "button", testid: startId, onclick: () => void download() },
    asset.action,
  );
  const cancel = h(
    "button",
    {
      type: "button",
      class: "button",
      testid: `${prefix}-cancel`,
      hidden: true,
      onclick: () => running?.abort(),
    },
    "Cancel",
  );
  start.classList.toggle("button-primary", asset.id === "IDE");
  const bar = h("progress", { testid: `${prefix}-progress`, "aria-label": `${asset.title}: progress` });
  const state = h("p", { class: "small numeric", testid: `${prefix}-state` });
  const progress = h("div", { class: "asset-progress", hidden: true }, bar, state);
  const outcome = h("div", {});

  const download = async (): Promise<void> => {
    if (running !== null) return;
    running = new AbortController();
    const { signal } = running;
    setRunning(true);
    urls.revoke();
    fill(outcome);
    bar.removeAttribute("value");
    state.textContent = "Requesting the file…";
    announce(`${asset.title}: download started`);
    try {
      const response = await client.downloadScan(orderId, asset.id, { signal, onProgress: showProgress });
      if (response === null) showNone();
      else showArchive(await response.arrayBuffer());
    } catch (error) {
      if (!disposed) showFailure(isAbort(signal, error) ? null : error);
    } finally {
      running = null;
      setRunning(false);
    }
  };

  /** Swaps the buttons and moves the focus. */
  const setRunning = (value: boolean): void => {
    const focused = element.contains(document.activeElement);
    if (value) progress.hidden = false;
    start.hidden = value;
    cancel.hidden = !value;
    if (!focused) return;
    if (value) cancel.focus();
    else (outcome.querySelector<HTMLElement>("button, a") ?? start).focus();
  };

  const showProgress = (at: DownloadProgress): void => {
    if (at.state === "waiting" || at.totalBytes === null) bar.removeAttribute("value");
    else {
      bar.max = at.totalBytes;
      bar.value = at.receivedBytes;
    }
    if (at.state === "waiting")
      state.textContent = "Waiting: the 3D file is being generated. This can take a minute or two.";
    else
      state.textContent = `Downloading: ${bytes(at.receivedBytes)}${at.totalBytes === null ? "" : ` of ${bytes(at.totalBytes)}`}`;
  };

  const showNone = (): void => {
    progress.hidden = true;
    fill(outcome, h("p", { class: "muted", testid: `${prefix}-none` }, asset.none));
    announce(asset.none);
  };

  const showArchive = (zip: ArrayBuffer): void => {
    if (disposed) return;
    bar.max = bar.value = 1;
    state.textContent = `Done: ${bytes(zip.byteLength)}`;
    start.textContent = "Download again";
    start.classList.remove("button-primary");
    const save = h(
      "a",
      {
        class: "button button-primary",
        testid: `${prefix}-save`,
        download: `order-${orderId}-${asset.fileName}.zip`,
        href: urls.make(new Blob([zip], { type: "application/zip" })),
      },
      "Save zip file",
    );
    fill(outcome, save); // can be saved even if it cannot be read here
    outcome.append(archiveContents(openArchive(new Uint8Array(zip)), urls.make));
    announce(`${asset.title}: download done`);
  };

  /** `null` if the user cancelled it. */
  const showFailure = (error: unknown): void => {
    progress.hidden = true;
    const cancelled = { summary: "The download was cancelled.", detail: "Nothing was saved.", calm: true };
    outcome.append(
      errorNotice(error === null ? cancelled : describe(error), {
        testid: `${prefix}-error`,
        // The same file would come again.
        ...(!(error instanceof ArchiveTooLargeError) && {
          retry: () => void download(),
          retryTestid: `${prefix}-retry`,
        }),
      }),
    );
  };

  const element = h(
    "div",
    { class: "asset-body" },
    h(
      "div",
      { class: "split" },
      h("div", {}, h("h3", {}, asset.title), h("p", { class: "muted small" }, asset.about)),
      h("div", { class: "button-row" }, start, cancel),
    ),
    progress,
    outcome,
  );
  return {
    element,
    dispose: () => {
      disposed = true;
      running?.abort();
      urls.revoke();
    },
  };
}
