// Structured logs: one JSON object a line. What the core logs has no secrets and no patient data; of an error, only its kind
// goes in, since messages may quote what was being worked on.

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
