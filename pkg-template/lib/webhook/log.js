// Structured logs: one JSON object a line. What the core logs has no secrets and no patient data; of an error, only its kind
// goes in, since messages may quote what was being worked on.

/** @param {object} entry */
export const log = (entry) => console.log(JSON.stringify(entry));

/**
 * @param {string} event
 * @param {unknown} error
 */
export function logFailure(event, error) {
  const trap = error instanceof WebAssembly.RuntimeError ? error.message : undefined;
  console.error(JSON.stringify({ event, error: error instanceof Error ? error.name : typeof error, trap }));
}
