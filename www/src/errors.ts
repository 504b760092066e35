// Error messages that users can act on, shown where the error happened.
import { isDpmsError, type ErrorKind } from "itero-dpms";
import { isScanError, type ScanError } from "itero-dpms/scan";
import { h } from "./dom";

/** A plain summary of each kind. The error's own message has the details and the advice. */
const summaries: Record<ErrorKind, string> = {
  "invalid-argument": "Something that was entered is not allowed.",
  network: "No response: check the address and your connection.",
  timeout: "The server took too long to respond.",
  unauthorized: "The access token was not accepted.",
  "bad-request": "The server refused the request.",
  "not-found": "The server could not find it.",
  conflict: "Several patients share this chart number.",
  "not-ready": "The 3D file is not ready yet.",
  "rate-limited": "Too many requests in a short time.",
  server: "The server has a problem.",
  decode: "The response is not from the API.",
  "untrusted-link": "The file is on a server that this connection does not trust.",
  truncated: "The file arrived incomplete.",
  "too-large": "The server sent more than this page can take.",
  internal: "This page's own software failed.",
};

const scanSummaries: Record<ScanError["kind"], string> = {
  "not-a-zip": "The downloaded file is not a readable zip archive.",
  truncated: "The archive arrived incomplete.",
  corrupt: "The archive is damaged.",
  encrypted: "The archive is encrypted.",
  unsupported: "This browser cannot read the archive.",
  "too-large": "The archive is not opened here: it has or unpacks to more than a real one does.",
  "not-a-mesh": "The file is not a 3D mesh.",
  worker: "This page's own software failed.",
};

/** Returns a summary in words that a practice understands. */
export function summaryOf({ kind, status }: { kind: ErrorKind; status: number | null }): string {
  return status === 403 ? "This is not allowed for the practice." : summaries[kind];
}

export interface Problem {
  summary: string;
  detail: string | null;
  /** Caused by the user, such as a cancelled download: shown without alarm. */
  calm?: boolean;
}

export function describe(error: unknown): Problem {
  if (isDpmsError(error)) return { summary: summaryOf(error), detail: error.message };
  if (isScanError(error)) return { summary: scanSummaries[error.kind], detail: `${error.message}.` };
  if (error instanceof Error && error.message !== "") return { summary: error.message, detail: null };
  return { summary: "Something went wrong.", detail: "Try again, or reload the page." };
}

/** Whether a promise failed only because its own signal was aborted. */
export function isAbort(signal: AbortSignal, error: unknown): boolean {
  return signal.aborted && (error === signal.reason || (error instanceof DOMException && error.name === "AbortError"));
}

export interface NoticeOptions {
  testid?: string;
  title?: string;
  retry?: () => void;
  retryTestid?: string;
  /** The label of the retry button, if "Try again" is not clear. */
  retryLabel?: string;
  /** Where the problem can be fixed; `onFollow` prepares that view. */
  link?: { href: string; label: string; onFollow: () => void };
}

/** An error shown in place: announced at once, with a retry button if there is a retry. */
export function errorNotice(problem: Problem, options: NoticeOptions = {}): HTMLElement {
  return h(
    "div",
    { class: problem.calm ? "notice notice-calm" : "notice", role: "alert", testid: options.testid },
    h(
      "div",
      { class: "notice-text" },
      h("p", {}, options.title && [h("strong", {}, options.title), " "], problem.summary),
      problem.detail && h("p", { class: "muted small" }, problem.detail),
      options.link &&
        h(
          "p",
          { class: "small" },
          h("a", { href: options.link.href, onclick: options.link.onFollow }, options.link.label),
        ),
    ),
    options.retry &&
      h(
        "button",
        {
          type: "button",
          class: "button",
          testid: options.retryTestid,
          onclick: options.retry,
        },
        options.retryLabel ?? "Try again",
      ),
  );
}
