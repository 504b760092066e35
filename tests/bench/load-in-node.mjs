// Measures the milliseconds until an entry has created its first client, in a new process.
const started = performance.now();
const { make } = await import(process.argv[2]);
await make();
process.send(performance.now() - started);
