// The connection panel below the header: which practice the page works with, and how to change it.
import { isDpmsError } from "itero-dpms";
import type { ActivityLog } from "../activity";
import { fill, h, setAttribute } from "../dom";
import { describe, errorNotice, type Problem } from "../errors";
import { text } from "../format";
import { SignedOut, signIn } from "../portal-session";
import { connectEdge, connectOwn, connectSandbox, isThisMachine, type Credentials, type Session } from "../session";
import { ownPracticeForm } from "./own-practice-form";

export interface ConnectionPanel {
  connectSandbox: () => void;
  /** Opens the form for the user's own practice. */
  enterAddress: () => void;
  /** Connects to the practice of the user who is signed in, through the edge function. */
  connectToEdge: () => void;
}

/** `onSession` is called with every new connection. The old connection stays in use until a new one works. */
export function connectionPanel(
  panel: HTMLElement,
  activity: ActivityLog,
  onSession: (session: Session) => void,
): ConnectionPanel {
  let session: Session | null = null;
  /** What the page is connecting to, for display. */
  let trying: string | null = null;
  let attempt = new AbortController();

  const status = h("p", { class: "connection-status", testid: "connection-status", role: "status" });
  const note = h("p", { class: "muted small" });
  const failure = h("div", {});
  const useSandbox = h(
    "button",
    { type: "button", class: "segment", testid: "use-sandbox", onclick: () => void toSandbox() },
    "Sandbox",
  );
  const useOwn = h(
    "button",
    {
      type: "button",
      class: "segment",
      testid: "connect-own",
      "aria-controls": "own-practice",
      onclick: () => openForm(form.element.hasAttribute("hidden")),
    },
    "Own practice",
  );
  const useEdge = h(
    "button",
    { type: "button", class: "segment", testid: "use-edge", onclick: () => void toEdge() },
    "Edge function",
  );
  const form = ownPracticeForm(
    () => void toOwn(),
    () => {
      cancel();
      useOwn.focus();
    },
  );

  const draw = (): void => {
    const state = trying !== null ? "busy" : session === null ? "off" : "on";
    fill(
      status,
      h("span", { class: "status-dot", "data-state": state }),
      trying ?? (session === null ? "Not connected" : statusText(session)),
    );
    note.textContent = session?.note ?? "";
    setAttribute(useSandbox, "aria-pressed", session?.kind === "sandbox");
    setAttribute(useOwn, "aria-pressed", session?.kind === "own");
    setAttribute(useEdge, "aria-pressed", session?.kind === "edge");
    setAttribute(useOwn, "aria-expanded", !form.element.hasAttribute("hidden"));
  };

  const openForm = (open: boolean): void => {
    form.element.hidden = !open;
    draw();
    if (open) form.focus();
  };

  /** Tries to connect; a newer attempt aborts it. Resolves with the error, or null. */
  const connect = async (words: string, open: (signal: AbortSignal) => Promise<Session>): Promise<unknown> => {
    attempt.abort();
    const { signal } = (attempt = new AbortController());
    trying = words;
    fill(failure);
    draw();
    const outcome = await open(signal).then(
      (opened) => ({ opened, error: null }),
      (error: unknown) => ({ opened: null, error }),
    );
    if (signal.aborted) return null;
    trying = null;
    if (outcome.opened !== null) {
      session = outcome.opened;
      if (session.kind === "own") form.element.hidden = true;
      onSession(session);
    }
    draw();
    return outcome.error;
  };

  /** Returns to the current connection; the form keeps what was typed. */
  const cancel = (): void => {
    if (session === null) return void toSandbox();
    attempt.abort();
    trying = null;
    form.setBusy(false);
    form.showProblem(null);
    openForm(false);
  };

  const toSandbox = async (): Promise<void> => {
    if (session?.kind === "sandbox") return cancel();
    form.setBusy(false);
    form.showProblem(null);
    openForm(false);
    const error = await connect("Starting the sandbox…", (signal) => connectSandbox(signal, activity));
    if (error === null) return;
    fill(failure, errorNotice(describe(error), { title: "The sandbox did not start.", retry: () => void toSandbox() }));
  };

  const toEdge = async (): Promise<void> => {
    if (session?.kind === "edge") return cancel();
    form.setBusy(false);
    form.showProblem(null);
    openForm(false);
    const error = await connect("Asking for a session…", (signal) => connectEdge(signal, activity));
    if (error === null) return;
    fill(
      failure,
      errorNotice(describe(error), {
        testid: "edge-failure",
        title: error instanceof SignedOut ? "Sign in first." : "The edge function could not be reached.",
        retry: () => void (error instanceof SignedOut ? signIn().then(toEdge, toEdge) : toEdge()),
        ...(error instanceof SignedOut && { retryLabel: "Sign in" }),
      }),
    );
  };

  const toOwn = async (): Promise<void> => {
    const credentials = form.read();
    form.showProblem(null);
    form.setBusy(true);
    const error = await connect("Connecting…", (signal) => connectOwn(credentials, signal, activity));
    form.setBusy(false);
    if (error === null) return;
    const faults = isDpmsError(error) ? error.fieldErrors : [];
    form.showProblem(withAddressHint(describe(error), credentials.endpoints), faults);
  };

  draw();
  fill(
    panel,
    h(
      "div",
      { class: "connection-bar" },
      h("div", {}, status, note),
      h(
        "div",
        { class: "segments", role: "group", "aria-label": "Practice to work with" },
        useSandbox,
        useEdge,
        useOwn,
      ),
    ),
    failure,
    form.element,
  );
  return {
    connectSandbox: () => void toSandbox(),
    enterAddress: () => openForm(true),
    connectToEdge: () => void toEdge(),
  };
}

const KINDS: Record<Session["kind"], string> = {
  sandbox: "Sandbox",
  edge: "Through the edge function",
  own: "Own practice",
};

function statusText({ kind, practice }: Session): string {
  return `${KINDS[kind]}: ${text(practice.companyName)}`;
}

/** The page's policy allows plain http only to this machine; the browser reports a violation like any network failure. */
function withAddressHint(problem: Problem, endpoints: Credentials["endpoints"]): Problem {
  const address = "baseUrl" in endpoints ? endpoints.baseUrl : (endpoints.v2?.domain ?? "");
  return /^http:/i.test(address) && !isThisMachine(address)
    ? { ...problem, detail: "This page sends plain http only to localhost. Use an address that begins with https." }
    : problem;
}
