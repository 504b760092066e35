// A contender in a process of its own: runs a round whenever it is told to.
const [module, name, origin] = process.argv.slice(2);
const { contenders } = await import(module);
const round = await contenders[name](origin);
process.on("message", async () => process.send(await round()));
process.send("ready");
