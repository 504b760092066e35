// Runs contenders in lanes: each has its own process or page, so that none pays for another's garbage or compiled code, and
// they take turns, so that other load on the machine affects all alike.
import { fork } from "node:child_process";

/**
 * @typedef {(origin: string) => (() => Promise<any>) | Promise<() => Promise<any>>} Contender takes the server's origin and
 *   returns a function that runs one round and returns its figure
 * @typedef {{ round: () => Promise<any>, close: () => Promise<unknown> }} Lane
 */

/** Runs `use` with the origin of the benchmark's server, which runs in its own process. */
export async function withServer(use) {
  const server = fork(new URL("server.mjs", import.meta.url));
  try {
    return await use(await nextMessage(server));
  } finally {
    server.kill();
  }
}

/** A lane in Node. @returns {Promise<Lane>} */
export async function nodeLane(module, name, origin) {
  const child = fork(new URL("lane.mjs", import.meta.url), [module, name, origin], { execArgv: ["--expose-gc"] });
  await nextMessage(child);
  return {
    round() {
      child.send("round");
      return nextMessage(child);
    },
    close: async () => child.kill(),
  };
}

/** A lane in a page of `browser`, with its own profile. @returns {Promise<Lane>} */
export async function chromiumLane(browser, bundle, name, origin) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${origin}/page.html`);
  await page.evaluate(
    async ([bundle, name, origin]) => {
      const { contenders } = await import(bundle);
      globalThis.round = await contenders[name](origin);
    },
    [`${origin}/${bundle}`, name, origin],
  );
  return { round: () => page.evaluate(() => globalThis.round()), close: () => context.close() };
}

/**
 * Returns the figures of each contender's rounds. Each is started `starts` times, since the speed of processes varies.
 * @template T
 * @param {string[]} names
 * @param {(name: string) => Promise<Lane>} open
 * @returns {Promise<Record<string, T[]>>}
 */
export async function interleave(names, open, { starts, warmUp, rounds }) {
  const figures = Object.fromEntries(names.map((name) => [name, []]));
  for (let start = 0; start < starts; start++) {
    const opened = await Promise.all(names.map(open));
    const round = (name) => opened[names.indexOf(name)].round();
    try {
      await takeTurns(names, warmUp, round);
      const taken = await takeTurns(names, rounds, round);
      for (const name of names) figures[name].push(...taken[name]);
    } finally {
      await Promise.all(opened.map((lane) => lane.close()));
    }
  }
  return figures;
}

/** Runs `round` for each of the names in turn and returns the results. Each round starts with another name. */
export async function takeTurns(names, rounds, round) {
  const figures = Object.fromEntries(names.map((name) => [name, []]));
  const order = [...names];
  for (let at = 0; at < rounds; at++) {
    for (const name of order) figures[name].push(await round(name));
    order.push(order.shift());
  }
  return figures;
}

/** Resolves with the next message of a child process. */
export const nextMessage = (child) =>
  new Promise((resolve, reject) => {
    const ended = (code) => reject(new Error(`${child.spawnargs.slice(1).join(" ")} ended with ${code}`));
    child.once("exit", ended);
    child.once("message", (message) => {
      child.off("exit", ended);
      resolve(message);
    });
  });
