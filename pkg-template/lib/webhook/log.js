// Structured logs: one JSON object per line. What the core logs has no secrets and no patient data. Of an error, only the
// kind is logged, since its message may quote data.

/**
 * @param {object} entry
 * @param {(line: string) => void} [write]
 */
export const log = (entry, write = console.log) => write(JSON.stringify(entry));

/**
 * @param {string} event
 * @param {unknown} error
 */
export function logFailure(event, error) {
  const trap = error instanceof WebAssembly.RuntimeError ? error.message : undefined;
  log({ event, error: error instanceof Error ? error.name : typeof error, trap }, console.error);
}
