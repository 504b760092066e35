// The parts of the platform that are used, in one place, so that tests can replace them.

/**
 * @typedef {object} Platform
 * @property {() => number} now milliseconds
 * @property {() => number} random from 0 up to but excluding 1
 * @property {(run: () => void, ms: number) => unknown} setTimeout
 * @property {(timer: any) => void} clearTimeout
 * @property {typeof globalThis.fetch} fetch
 * @property {(new (url: string, protocols: string[]) => WebSocket) | undefined} WebSocket where there is one
 * @property {(wake: () => void) => () => void} onWake calls `wake` when the network or the page is back; returns how to end that
 */

/** @returns {Platform} */
export const platform = () => ({
  now: () => Date.now(),
  random: Math.random,
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer),
  fetch: (...request) => fetch(...request),
  WebSocket: globalThis.WebSocket,
  onWake(wake) {
    const { document } = globalThis;
    const shown = () => {
      if (document.visibilityState === "visible") wake();
    };
    globalThis.addEventListener?.("online", wake);
    document?.addEventListener("visibilitychange", shown);
    return () => {
      globalThis.removeEventListener?.("online", wake);
      document?.removeEventListener("visibilitychange", shown);
    };
  },
});
