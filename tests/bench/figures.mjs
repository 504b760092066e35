// Numbers that the server and the contenders share.

/** The client's default. */
export const PAGE_ROWS = 100;
export const ROWS = 100 * PAGE_ROWS;
export const LATENCY_MS = 50;
export const DOWNLOAD_BYTES = 200_000_000;
