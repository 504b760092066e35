// What a first client costs: the bytes to download, and the time until it is created.
import { fork } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { launchChromium } from "../js/support/chromium.mjs";
import { bundle } from "./bundle.mjs";
import { nextMessage, takeTurns, withServer } from "./lanes.mjs";
import { version } from "./machine.mjs";
import { isMain, print, ratio } from "./table.mjs";

const ROUNDS = 15;
const ENTRIES = {
  "itero-dpms": "itero-dpms",
  [`stripe ${version("stripe")}`]: "stripe",
  [`@supabase/supabase-js ${version("@supabase/supabase-js")}`]: "supabase-js",
  [`openapi-fetch ${version("openapi-fetch")} + zod ${version("zod")}, one call`]: "openapi-fetch-zod",
};
const NAMES = Object.keys(ENTRIES);

const fileOf = (name) => new URL(`entries/${ENTRIES[name]}.mjs`, import.meta.url);

/** @returns {Promise<import("./table.mjs").Row[]>} */
export const run = async () => [...(await sizes()), ...webhookSize(), ...(await inChromium()), ...(await inNode())];

async function sizes() {
  const what = `client entry, bundled and minified by Vite ${version("vite")}, gzip -9`;
  const rows = [];
  for (const name of NAMES) {
    const files = await bundle(ENTRIES[name], fileOf(name));
    const row = (who, files) => ({ what, who, unit: "KB", samples: [kilobytes(files)] });
    rows.push(row(name, files));
    const wasm = files.filter(({ file }) => file.endsWith(".wasm"));
    if (wasm.length > 0) {
      rows.at(-1).budget = { atMost: 72 };
      rows.push(row(`${name}: of it .wasm`, wasm));
    }
  }
  return rows;
}

const kilobytes = (files) => files.reduce((sum, { gzipped }) => sum + gzipped, 0) / 1000;

/** The edge function's module and its JavaScript. Bundlers for browsers do not apply to it. */
function webhookSize() {
  const folder = fileURLToPath(new URL("../../pkg/wasm/webhook", import.meta.url));
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder)
    .filter((file) => /\.(wasm|js)$/.test(file))
    .map((file) => ({ gzipped: gzipSync(readFileSync(join(folder, file)), { level: 9 }).length }));
  const row = { what: "webhook entry's .wasm and .js, gzip -9", who: "itero-dpms/webhook", unit: "KB" };
  return [{ ...row, samples: [kilobytes(files)], budget: { atMost: 160 } }];
}

/** Each time in a new profile with an empty cache. */
const inChromium = () =>
  withServer(async (origin) => {
    const browser = await launchChromium();
    try {
      const load = async (inPage, name) => {
        const context = await browser.newContext();
        const page = await context.newPage();
        await page.goto(`${origin}/page.html`);
        const ms = await page.evaluate(inPage, `${origin}/${ENTRIES[name]}/${ENTRIES[name]}.js`);
        await context.close();
        return ms;
      };
      const loads = await takeTurns(NAMES, ROUNDS, (name) => load(loadInPage, name));
      const wasm = [];
      for (let n = 0; n < ROUNDS; n++) wasm.push(await load(compileInPage, NAMES[0]));
      if (wasm.includes(0)) throw new Error("the client's module was loaded in a way that is not measured");
      const runtime = `Chromium ${browser.version()}`;
      const what = `import, from 127.0.0.1, and first client, ${runtime}`;
      const rows = NAMES.map((who) => ({ what, who, unit: "ms", samples: loads[who] }));
      const compiled = {
        ...rows[0],
        what: `WebAssembly compiled and instantiated, ${runtime}`,
        samples: wasm,
        budget: { atMost: 15 },
      };
      // What a user feels of the client's size.
      return [compiled, ...rows, ratio(rows[0].what, rows[0], rows[1], { atMost: 1 })];
    } finally {
      await browser.close();
    }
  });

/** Runs in the page. */
async function loadInPage(bundle) {
  const started = performance.now();
  const { make } = await import(bundle);
  await make();
  return performance.now() - started;
}

/**
 * Runs in the page, and returns how long the module took. Not part of the other measurement, since the module is not compiled
 * while it arrives.
 */
async function compileInPage(bundle) {
  let wasmMs = 0;
  const timed =
    (original) =>
    async (...given) => {
      const started = performance.now();
      const result = await original(...given);
      wasmMs += performance.now() - started;
      return result;
    };
  const timedConstructor = (original) =>
    new Proxy(original, {
      construct(target, given) {
        const started = performance.now();
        const result = new target(...given);
        wasmMs += performance.now() - started;
        return result;
      },
    });
  // Whichever way the package compiles. Streaming would include the network's time, so compilation waits for the bytes.
  for (const name of ["compile", "instantiate"]) {
    WebAssembly[name] = timed(WebAssembly[name]);
    WebAssembly[`${name}Streaming`] = async (response, imports) =>
      WebAssembly[name](await (await response).arrayBuffer(), imports);
  }
  for (const name of ["Module", "Instance"]) WebAssembly[name] = timedConstructor(WebAssembly[name]);

  const { make } = await import(bundle);
  await make();
  return wasmMs;
}

/** Each time in a new process, from node_modules. */
async function inNode() {
  const what = `import, from node_modules, and first client, Node ${process.versions.node}`;
  const loads = await takeTurns(NAMES, ROUNDS, async (name) => {
    const child = fork(new URL("load-in-node.mjs", import.meta.url), [fileOf(name).href], {
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    const ms = await nextMessage(child);
    child.kill();
    return ms;
  });
  return NAMES.map((who) => ({ what, who, unit: "ms", samples: loads[who] }));
}

if (isMain(import.meta)) print(await run());
