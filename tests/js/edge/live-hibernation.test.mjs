// A practice with open sockets hibernates, which workerd has it do ten seconds after the last of its calls could have taken too long.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually, startEdge } from "../support/edge.mjs";
import { env, openSocket, session } from "../support/live-readers.mjs";
import { startOrdersService } from "../support/orders-service.mjs";
import { test } from "../support/test.mjs";
import { guid } from "../support/wire.mjs";

test("sockets outlive their object: readers get what comes next, once", { timeout: 120_000 }, async (t) => {
  const edge = await startEdge(t, { env, testWorker: true });
  const service = await startOrdersService(t);
  await edge.register(77, service.registration(77));
  await edge.stateWhen(77, ({ lastReconcile }) => lastReconcile !== null);
  const token = await session(77, { ttlSeconds: 3_600 });
  const [quick, slow] = [openSocket(edge, 77, token), openSocket(edge, 77, token)];
  let count = 0;
  const scan = async () => {
    const rxId = guid(count++);
    service.setOrder(77, rxId, "Completed", { ScanningDate: "2020-01-01T00:00:00Z" });
    assert.equal((await edge.notify(rxId, 77)).status, 202);
    await eventually(
      () => [quick, slow].map(({ seqs }) => seqs.length),
      (counts) => counts.every((seen) => seen === count),
    );
    quick.acknowledge();
  };
  await scan();
  const constructed = () => edge.control(77, "constructed");
  const before = await constructed();
  // Nobody can see that it has gone to sleep but by waking it.
  for (let tries = 0; tries < 6 && (await constructed()) === before; tries++) {
    await sleep(14_000);
    quick.socket.send("ping"); // does not wake it
    await scan();
  }
  assert.ok((await constructed()) > before, "it has slept");
  await scan();
  const expected = Array.from({ length: count }, (_, at) => at + 1);
  assert.deepEqual([quick.seqs, slow.seqs, quick.closed, slow.closed], [expected, expected, undefined, undefined]);
});
