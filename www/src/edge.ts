// The edge function's events, read through the portal's own server, which adds the admin key (edge-proxy.ts).

import type { OrderEvent, PracticeState } from "itero-dpms/webhook";

export interface EdgePractice extends PracticeState {
  /** The server that it watches, where that is a sandbox on this machine. */
  sandboxUrl: string | null;
}

/** Why the edge function does not tell what happens. */
export class EdgeError extends Error {
  constructor(
    readonly trouble: "stopped" | "refused" | "failing",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const PAGE_SIZE = 200;

/** A server without the way to an edge function will not get one while it runs. */
let noWay = false;

/** The practice at the edge function; null when none runs here, or when it does not know the practice. */
export async function findEdgePractice(companyId: number, signal: AbortSignal): Promise<EdgePractice | null> {
  if (noWay) return null;
  const response = await fetch("/edge/", { signal }).catch(() => null);
  signal.throwIfAborted();
  // Some answer what they do not have with their start page.
  noWay = response?.status === 404 || (response?.status === 200 && !isJson(response));
  if (noWay || response?.status !== 200) return null;
  const { sandboxUrl } = await json<{ sandboxUrl: string | null }>(response);
  const state = await read<PracticeState>(`practices/${companyId}`, signal);
  return state?.registered ? { ...state, sandboxUrl } : null;
}

/** The events after `seq`, oldest first; null when the edge function has stopped. */
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
  if (!ok) throw new EdgeError("failing", `It answered with status ${status}.`);
  return json<T>(response);
}

async function json<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch (cause) {
    throw new EdgeError("failing", "Its answer could not be read.", { cause });
  }
}

function isJson(response: Response): boolean {
  return response.headers.get("Content-Type")?.includes("json") ?? false;
}
