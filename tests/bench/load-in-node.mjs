// Milliseconds until an entry's first client is made, in a new process.
const started = performance.now();
const { make } = await import(process.argv[2]);
await make();
process.send(performance.now() - started);
