// The feed over plain HTTP, for networks that block WebSockets.
import { LATE } from "./waits.js";
import { isWhole } from "./socket.js";

/** @typedef {{ events: unknown[], feed: number, reset: boolean }} Page */

const PAGE_MS = 15_000;
export const PAGE_SIZE = 100;

/** The largest page to read, in bytes: a hundred times what the edge function sends. */
const MOST_BYTES = 4 << 20;

/**
 * Returns a page, or the status of a refusal. Rejects if there is no response, or none of an edge function.
 * @param {import("./platform.js").Platform} platform
 * @param {import("./waits.js").Waits} waits
 * @param {string} url
 * @param {string} token
 * @param {AbortSignal} signal
 * @returns {Promise<number | Page>}
 */
export async function pageOf(platform, waits, url, token, signal) {
  const attempt = new AbortController();
  const abort = () => attempt.abort();
  signal.addEventListener("abort", abort);
  try {
    return await waits.within(read(platform, url, token, attempt.signal), PAGE_MS);
  } finally {
    signal.removeEventListener("abort", abort);
    abort();
  }
}

/**
 * @param {import("./platform.js").Platform} platform
 * @param {string} url
 * @param {string} token
 * @param {AbortSignal} signal
 * @returns {Promise<number | Page>}
 */
async function read(platform, url, token, signal) {
  // A redirect would take the token along.
  const response = await platform.fetch(url, {
    headers: { Authorization: `Bearer ${token}` },
    redirect: "manual",
    signal,
  });
  if (!response.ok) {
    void response.body?.cancel().catch(() => {});
    return response.status;
  }
  const page = JSON.parse(await textOf(response));
  if (!Array.isArray(page?.events) || !isWhole(page.feed)) throw new TypeError("That is no page of events.");
  return { events: page.events, feed: page.feed, reset: page.reset === true };
}

/** @param {Response} response */
async function textOf(response) {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (let size = 0; reader;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > MOST_BYTES) {
      void reader.cancel().catch(() => {});
      throw LATE;
    }
    text += decoder.decode(value, { stream: true });
  }
  return text + decoder.decode();
}
