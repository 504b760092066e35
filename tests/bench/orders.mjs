// Reading 1,024 orders, and the cost of a call, compared with what a portal would write itself, in Node and in Chromium.
import { launchChromium } from "../js/support/chromium.mjs";
import { bundle } from "./bundle.mjs";
import { chromiumLane, interleave, nodeLane, withServer } from "./lanes.mjs";
import { version } from "./machine.mjs";
import { isMain, print, ratio } from "./table.mjs";

const CONTENDERS = new URL("contenders.mjs", import.meta.url);
const [PARSE, MAPPED, OURS] = ["JSON.parse", "JSON.parse + zod + camelCase", "itero-dpms listOrders"];
const READERS = [PARSE, "JSON.parse + valibot", "JSON.parse + zod", "JSON.parse + zod + mapping by hand", MAPPED, OURS];
const CALLERS = ["fetch + JSON.parse", "itero-dpms getOrder"];

/** @returns {Promise<import("./table.mjs").Row[]>} */
export const run = () =>
  withServer(async (origin) => {
    const inNode = (name) => nodeLane(CONTENDERS.href, name, origin);
    const rows = await compare(`Node ${process.versions.node}`, inNode);
    await bundle("contenders", CONTENDERS);
    const browser = await launchChromium();
    try {
      const inChromium = (name) => chromiumLane(browser, "contenders/contenders.js", name, origin);
      rows.push(...(await compare(`Chromium ${browser.version()}`, inChromium)));
    } finally {
      await browser.close();
    }
    return rows;
  });

async function compare(runtime, open) {
  const pages = `bytes of 1,024 orders to objects (zod ${version("zod")}, valibot ${version("valibot")}), ${runtime}`;
  const readers = rowsOf(pages, await interleave(READERS, open, { starts: 4, warmUp: 15, rounds: 30 }));
  const of = (name) => readers.find(({ who }) => who === name);

  const calls = `a call without its network, ${runtime}`;
  const [bare, ours] = rowsOf(calls, await interleave(CALLERS, open, { starts: 4, warmUp: 10, rounds: 20 }));
  const overhead = ours.samples.map((ms, round) => ms - bare.samples[round]);

  return [
    ...readers,
    ratio(pages, of(OURS), of(PARSE), { atMost: 0.9 }),
    ratio(pages, of(OURS), of(MAPPED), { atMost: 0.5 }),
    bare,
    ours,
    { what: calls, who: "what the client adds", unit: "ms", samples: overhead, budget: { atMost: 0.15 } },
  ];
}

const rowsOf = (what, figures) => Object.entries(figures).map(([who, samples]) => ({ what, who, unit: "ms", samples }));

if (isMain(import.meta)) print(await run());
