// A walk over a list asks for nothing that nobody wants, and a list that does not end is no endless call.
import assert from "node:assert/strict";
import { createClient } from "itero-dpms";
import { hang, json } from "../support/faulty-server.mjs";
import { rejection, settled, test } from "../support/test.mjs";
import {
  TOKEN,
  endpointsOf,
  guid,
  patientGuid,
  scripted,
  wireOrder,
  wirePage,
  wirePatient,
  wirePatients,
} from "../support/wire.mjs";

const LISTS = [
  {
    name: "orders",
    page: (number) => wirePage([wireOrder({ RxId: guid(number) })], { hasMore: true }),
  },
  {
    name: "patients",
    page: (number) => wirePatients([wirePatient({ Id: patientGuid(number) })], { total: 9 }),
  },
];

for (const { name, page } of LISTS) {
  test(`${name}: leaving the loop lets the page go that is on its way`, async (t) => {
    const { client, server } = await scripted(t, (_, index) => (index === 0 ? json(200, page(1)) : hang()));
    for await (const row of client[name]()) {
      assert.ok(row);
      await server.seen(2);
      break;
    }
    await server.requests[1].closed;
    assert.equal(server.requests.length, 2);
  });

  test(`${name}: an error of the loop's own lets it go, too`, async (t) => {
    const { client, server } = await scripted(t, (_, index) => (index === 0 ? json(200, page(1)) : hang()));
    const looping = async () => {
      for await (const row of client[name]()) {
        await server.seen(2);
        throw new Error(`of ${row.firstName}`);
      }
    };
    await assert.rejects(looping);
    await server.requests[1].closed;
  });

  test(`${name}: return() ends the walk while it waits for a page`, async (t) => {
    const { client, server } = await scripted(t, () => hang());
    const walk = client[name]();
    const waiting = settled(walk.next());
    await server.seen(1);
    assert.deepEqual(await walk.return("value"), { value: "value", done: true });
    assert.deepEqual(await waiting, { value: { value: undefined, done: true } });
    await server.requests[0].closed;
    assert.deepEqual(await walk.next(), { value: undefined, done: true });
  });

  test(`${name}: a walk that is left before it began asks for nothing`, async (t) => {
    const { client, server } = await scripted(t, () => hang());
    const walk = client[name]();
    assert.deepEqual(await walk.return(), { value: undefined, done: true });
    assert.deepEqual(await walk.next(), { value: undefined, done: true });
    assert.equal(server.requests.length, 0);
  });

  test(`${name}: a signal goes on to work, and keeps no listener of a walk that was left`, async (t) => {
    const { client } = await scripted(t, (_, index) => (index === 0 ? json(200, page(1)) : hang()));
    const { signal } = new AbortController();
    const listeners = new Set();
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (type, listener) => (listeners.add(listener), add(type, listener));
    signal.removeEventListener = (type, listener) => (listeners.delete(listener), remove(type, listener));
    for await (const row of client[name](null, { signal })) {
      assert.ok(row);
      break;
    }
    await new Promise(setImmediate);
    assert.equal(listeners.size, 0);
  });
}

/** A client of an API whose list of orders has no end, in pages of so many rows. */
async function endless(rowsPerPage) {
  const seen = { pages: 0 };
  const client = await createClient({
    endpoints: endpointsOf("https://dpms.invalid"),
    accessToken: TOKEN,
    fetch: async () => {
      const first = seen.pages * rowsPerPage;
      seen.pages += 1;
      const rows = Array.from({ length: rowsPerPage }, (_, at) => ({ RxId: guid(first + at), OrderId: first + at }));
      return Response.json(wirePage(rows, { hasMore: true }));
    },
  });
  return { client, seen };
}

for (const rowsPerPage of [1, 20_000]) {
  test(`pollOrders over a list without an end says so, in pages of ${rowsPerPage}`, async () => {
    const { client, seen } = await endless(rowsPerPage);
    const error = await rejection(client.pollOrders(), 60_000);
    assert.deepEqual([error.kind, error.retryable], ["too-large", false]);
    assert.match(error.message, /250000 rows/);
    assert.ok(seen.pages <= 10_001, `${seen.pages} pages`);
  });
}
