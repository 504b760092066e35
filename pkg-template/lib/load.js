// How an entry loads its WebAssembly module: when it is first needed, once for all callers, and with one error.

/** @typedef {WebAssembly.Module | BufferSource} Source */

/**
 * Returns the function that loads a module. If a bundler does not ship the file, loading fails in different ways, with ENOENT
 * or "Invalid URL" for example; the one error says what helps. After a failure the next caller tries again.
 *
 * @param {string} inline the entry that has this module inside
 * @param {(init: { module: Source }) => unknown} initSync
 * @param {() => Source | Promise<Source>} source
 * @returns {() => Promise<void>}
 */
export function moduleLoad(inline, initSync, source) {
  return once(async () => {
    try {
      initSync({ module: await source() });
    } catch (cause) {
      const message =
        `itero-dpms could not load its WebAssembly module (${cause}). In a bundle, keep it external or import "${inline}": ` +
        `see "Runtimes and bundlers" in the README`;
      throw new Error(message, { cause });
    }
  });
}

/**
 * @param {() => Promise<void>} load
 * @returns {() => Promise<void>}
 */
function once(load) {
  /** @type {Promise<void> | undefined} */
  let loading;
  return () =>
    (loading ??= load().catch((error) => {
      loading = undefined;
      throw error;
    }));
}
