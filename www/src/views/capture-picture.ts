// One screen capture as a picture. It is fetched with the access token, so it is shown from an object URL.
import { isDpmsError, type DpmsClient, type ScreenCaptures } from "itero-dpms";
import { fill, h } from "../dom";
import { describe, isAbort } from "../errors";
import { objectUrls } from "../object-urls";
import type { Shown } from "./lightbox";

export type Capture = ScreenCaptures["orders"][number]["captures"][number];

export interface CapturePicture {
  element: HTMLElement;
  /** Null until it is loaded. */
  shown: () => Shown | null;
  dispose: () => void;
}

/** How many are fetched at a time; the others wait for their turn. */
const AT_A_TIME = 4;
const waiting: (() => Promise<void>)[] = [];
let running = 0;

export function capturePicture(
  client: DpmsClient,
  orderId: number,
  capture: Capture,
  label: string,
  onEnlarge: () => void,
): CapturePicture {
  const urls = objectUrls();
  const stop = new AbortController();
  let shown: Shown | null = null;
  const element = h("div", { class: "capture", testid: "capture" }, placeholder("Loading…", label));

  const load = async (): Promise<void> => {
    if (stop.signal.aborted) return;
    fill(element, placeholder("Loading…", label));
    try {
      const response = await fetchPicture(client, orderId, capture, stop.signal);
      const src = urls.make(await response.blob());
      const image = h("img", { src, alt: "", testid: "capture-picture" });
      await image.decode().catch(() => {
        throw new Error("The file is not a picture.");
      });
      if (stop.signal.aborted) return;
      shown = { label, src };
      fill(
        element,
        h(
          "button",
          { type: "button", class: "thumbnail", "aria-label": `Enlarge the capture of ${label}`, onclick: onEnlarge },
          image,
          h("span", { class: "small" }, label),
        ),
      );
    } catch (error) {
      if (stop.signal.aborted || isAbort(stop.signal, error)) return;
      urls.revoke();
      const { summary } = describe(error);
      const again = (): void => enqueue(load);
      fill(
        element,
        h(
          "div",
          { class: "thumbnail thumbnail-failed", testid: "capture-error" },
          h("p", { class: "small" }, summary),
          h("button", { type: "button", class: "button button-small", onclick: again }, "Try again"),
          h("span", { class: "muted small" }, label),
        ),
      );
    }
  };

  const visibility = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      visibility.disconnect();
      enqueue(load);
    },
    { root: document.getElementById("page"), rootMargin: "200px" },
  );
  visibility.observe(element);

  return {
    element,
    shown: () => shown,
    dispose: () => {
      visibility.disconnect();
      stop.abort();
      urls.revoke();
    },
  };
}

/** Uses the listed link (§4.9.2). If it leads to another server, the capture is fetched from the API by its id. */
async function fetchPicture(
  client: DpmsClient,
  orderId: number,
  capture: Capture,
  signal: AbortSignal,
): Promise<Response> {
  const { captureId, fileUrl } = capture;
  const byId = (id: string): Promise<Response> => client.downloadScreenCapture(orderId, id, { signal });
  if (fileUrl === null) {
    if (captureId === null) throw new Error("The API returned neither a link nor an id for it.");
    return byId(captureId);
  }
  try {
    const response = await client.downloadLink(fileUrl, { signal });
    if (response === null) throw new Error("It no longer exists.");
    return response;
  } catch (error) {
    if (isDpmsError(error) && error.kind === "untrusted-link" && captureId !== null) return byId(captureId);
    throw error;
  }
}

function enqueue(load: () => Promise<void>): void {
  waiting.push(load);
  if (running < AT_A_TIME) void drain();
}

async function drain(): Promise<void> {
  running += 1;
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await next();
  running -= 1;
}

function placeholder(words: string, label: string): HTMLElement {
  return h(
    "div",
    { class: "thumbnail thumbnail-loading" },
    h("span", { class: "thumbnail-space" }, words),
    h("span", { class: "small" }, label),
  );
}
