// Runs a contender in its own process, a round for each message.
const [module, name, origin] = process.argv.slice(2);
const { contenders } = await import(module);
const round = await contenders[name](origin);
process.on("message", async () => process.send(await round()));
process.send("ready");
