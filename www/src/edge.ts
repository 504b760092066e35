// The edge function's events, read through the portal's own server, which adds the admin key (edge-proxy.ts).

import type { OrderEvent, PracticeState } from "itero-dpms/webhook";

export interface EdgePractice extends PracticeState {
  /** The sandbox on this machine that the edge function watches, if any. */
  sandboxUrl: string | null;
}

/** Why the edge function's events could not be read. */
export class EdgeError extends Error {
  constructor(
    readonly problem: "stopped" | "refused" | "failing",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const PAGE_SIZE = 200;

/** A server without the edge proxy will not get one while it runs. */
let hasNoProxy = false;

/** Returns the practice's state at the edge function; null if none runs here or it does not know the practice. */
export async function findEdgePractice(companyId: number, signal: AbortSignal): Promise<EdgePractice | null> {
  if (hasNoProxy) return null;
  const response = await fetch("/edge/", { signal }).catch(() => null);
  signal.throwIfAborted();
  // Some servers respond with their start page instead of 404.
  hasNoProxy = response?.status === 404 || (response?.status === 200 && !isJson(response));
  if (hasNoProxy || response?.status !== 200) return null;
  const { sandboxUrl } = await json<{ sandboxUrl: string | null }>(response);
  const state = await read<PracticeState>(`practices/${companyId}`, signal);
  return state?.registered ? { ...state, sandboxUrl } : null;
}

/** Returns the events after `seq`, oldest first; null if the edge function has stopped. */
export async function edgeEventsAfter(
  companyId: number,
  seq: number,
  signal: AbortSignal,
): Promise<{ events: OrderEvent[]; next: number } | null> {
  return read(`practices/${companyId}/events?after=${seq}&limit=${PAGE_SIZE}`, signal);
}

async function read<T>(path: string, signal: AbortSignal): Promise<T | null> {
  const response = await fetch(`/edge/${path}`, { signal }).catch(() => null);
  signal.throwIfAborted();
  if (response === null || response.status === 204 || response.status === 404) return null;
  const { status, ok } = response;
  if (status === 401 || status === 403) throw new EdgeError("refused", "It does not accept the portal's admin key.");
  if (!ok) throw new EdgeError("failing", `It responded with status ${status}.`);
  return json<T>(response);
}

async function json<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch (cause) {
    throw new EdgeError("failing", "Its response could not be read.", { cause });
  }
}

function isJson(response: Response): boolean {
  return response.headers.get("Content-Type")?.includes("json") ?? false;
}
