// Kills the process under load, with readers of live events, and restarts it on the same storage. KILLS and READERS make it longer:
// KILLS=20 READERS=50 node --test tests/js/edge/live-sigkill.test.mjs
import assert from "node:assert/strict";
import { eventually, startEdge, temporaryFolder } from "../support/edge.mjs";
import { assertWhole, env, follow } from "../support/live-readers.mjs";
import { startOrdersService } from "../support/orders-service.mjs";
import { test } from "../support/test.mjs";
import { guid } from "../support/wire.mjs";

const KILLS = Number(process.env.KILLS ?? 5);
const READERS = Number(process.env.READERS ?? 10);
const SENDERS = 4;

test(
  `${KILLS} SIGKILLs under load: each of ${READERS} readers has every event once, in order`,
  { timeout: 30_000 + KILLS * 10_000 },
  async (t) => {
    const storage = temporaryFolder(t);
    const service = await startOrdersService(t);
    let url = "http://127.0.0.1:1";
    let sent = 0;
    const notifyOnce = async (edge) => {
      const rxId = guid(sent++);
      service.setOrder(77, rxId, "Completed", { ScanningDate: "2020-01-01T00:00:00Z" });
      await edge.notify(rxId, 77);
    };
    /** @type {ReturnType<typeof follow>[]} */
    const readers = [];
    const most = () => Math.max(0, ...readers.map(({ events }) => events.length));

    for (let kill = 0; kill < KILLS; kill++) {
      const edge = await startEdge(t, { storage, env });
      ({ url } = edge);
      if (kill === 0) await edge.register(77, service.registration(77));
      // Some are there from the beginning, others come later and begin at the first event.
      while (readers.length < (READERS * (kill + 1)) / KILLS) readers.push(follow(t, () => url, 77));
      let isAlive = true;
      const senders = Array.from({ length: SENDERS }, async () => {
        while (isAlive) await notifyOnce(edge).catch(() => {});
      });
      // Kill at varying times, while events are on their way to readers.
      const enough = most() + 5 + ((kill * 7) % 20);
      await eventually(most, (now) => now >= enough, 30_000);
      await edge.kill();
      isAlive = false;
      await Promise.all(senders);
    }

    const edge = await startEdge(t, { storage, env });
    ({ url } = edge);
    // Also wakes the practice if its alarm was interrupted.
    await notifyOnce(edge);
    const { lastSeq } = await edge.stateWhen(77, ({ pending }) => pending === 0, 60_000);
    await eventually(
      () => readers.filter(({ events, error }) => events.length < lastSeq && error === undefined).length,
      (late) => late === 0,
      60_000,
    );
    for (const reader of readers) assertWhole(reader, 1, lastSeq);
    const recorded = [];
    while (recorded.length < lastSeq) {
      recorded.push(...(await edge.events(77, `?limit=1000&after=${recorded.length}`)).map(({ id }) => id));
    }
    for (const { events } of readers)
      assert.deepEqual(
        events.map(({ id }) => id),
        recorded,
      );
    const lines = readers.flatMap(({ states }) => states).filter(({ type }) => type === "live").length;
    t.diagnostic(`${lastSeq} events to each of ${READERS} readers over ${lines} lines`);
  },
);
