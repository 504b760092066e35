// Structured logs: one JSON object a line. What the core logs holds no secrets and no patient data; of an error, only what kind
// it is goes in, since messages may quote what was being worked on.

export const log = (entry) => console.log(JSON.stringify(entry));

export function logFailure(event, error) {
  const trap = error instanceof WebAssembly.RuntimeError ? error.message : undefined;
  console.error(JSON.stringify({ event, error: error instanceof Error ? error.name : typeof error, trap }));
}
