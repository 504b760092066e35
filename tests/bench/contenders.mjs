// Ways to turn a response's bytes into objects, in Node and in Chromium. `fetch` is a stub without a network.
import { createClient } from "itero-dpms";
import * as valibot from "valibot";

import { camelCased, toOrdersPage, valibotPage, zodPage } from "./orders-page.mjs";

const BASE_URL = "https://dpms.invalid";
const RX_ID = "a09292aa-8b06-45f9-a73c-350538bb32f3";
const CALLS = 200;

/** A contender that is timed reading the page of 1,024 orders. */
const reads = (read) => async (origin) => {
  const fetch = await stub(origin, "orders.json");
  return () => timed(() => read(fetch));
};

const json = async (fetch) => JSON.parse(await (await fetch(`${BASE_URL}/orders`)).text());

/** @type {Record<string, import("./lanes.mjs").Contender>} */
export const contenders = {
  "JSON.parse": reads(json),
  "JSON.parse + valibot": reads(async (fetch) => valibot.parse(valibotPage, await json(fetch))),
  "JSON.parse + zod": reads(async (fetch) => zodPage.parse(await json(fetch))),
  "JSON.parse + zod + mapping by hand": reads(async (fetch) => toOrdersPage(zodPage.parse(await json(fetch)))),
  "JSON.parse + zod + camelCase": reads(async (fetch) => camelCased(zodPage.parse(await json(fetch)))),
  "itero-dpms listOrders": async (origin) => {
    const client = await clientOf(await stub(origin, "orders.json"));
    return () => timed(() => client.listOrders({ pageSize: 1024 }));
  },

  "fetch + JSON.parse": async (origin) => {
    const fetch = await stub(origin, "order.json");
    return () => timed(() => json(fetch), CALLS);
  },
  "itero-dpms getOrder": async (origin) => {
    const client = await clientOf(await stub(origin, "order.json"));
    return () => timed(() => client.getOrder(RX_ID), CALLS);
  },
};

const clientOf = (fetch) => createClient({ endpoints: { baseUrl: BASE_URL }, accessToken: "token", fetch });

/** A `fetch` with the cost of the platform's own, except for the network: a Request and a Response. */
async function stub(origin, file) {
  const bytes = new Uint8Array(await (await fetch(`${origin}/${file}`)).arrayBuffer());
  return async (input, init) => {
    void new Request(input, init);
    return new Response(bytes, { headers: { "content-type": "application/json" } });
  };
}

/** Returns the milliseconds that one run takes. */
async function timed(run, times = 1) {
  const started = performance.now();
  for (let at = 0; at < times; at++) await run();
  return (performance.now() - started) / times;
}
