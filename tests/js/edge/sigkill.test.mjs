// Kills the process twenty times under load and restarts it on the same storage.
import assert from "node:assert/strict";
import { eventually, startEdge, temporaryFolder } from "../support/edge.mjs";
import { startConsumer } from "../support/event-consumer.mjs";
import { startOrdersService } from "../support/orders-service.mjs";
import { test } from "../support/test.mjs";
import { guid } from "../support/wire.mjs";

const KILLS = 20;
const COMPANIES = [71, 72, 73, 74];
const SENDERS = 8;

test(
  "twenty SIGKILLs under load: every acknowledged notification becomes exactly one event",
  { timeout: 90_000 },
  async (t) => {
    const storage = temporaryFolder(t);
    const service = await startOrdersService(t);
    const consumer = await startConsumer(t);
    /** Per practice, the RXs whose notifications were acknowledged. */
    const acknowledged = new Map(COMPANIES.map((companyId) => [companyId, new Set()]));
    let sent = 0;
    const notifyOnce = async (edge) => {
      const companyId = COMPANIES[sent % COMPANIES.length];
      const rxId = guid(sent++);
      // Too old to be listed: only the notification leads to it.
      service.setOrder(companyId, rxId, "Completed", { ScanningDate: "2020-01-01T00:00:00Z" });
      const { status } = await edge.notify(rxId, companyId);
      if (status === 202) acknowledged.get(companyId).add(rxId);
    };
    const count = () => [...acknowledged.values()].reduce((sum, rxIds) => sum + rxIds.size, 0);

    for (let kill = 0; kill < KILLS; kill++) {
      const edge = await startEdge(t, { storage });
      if (kill === 0) {
        const deliverTo = { url: consumer.url, secret: consumer.secret };
        for (const companyId of COMPANIES)
          await edge.register(companyId, service.registration(companyId, { deliverTo }));
      }
      let isAlive = true;
      const senders = Array.from({ length: SENDERS }, async () => {
        while (isAlive) await notifyOnce(edge).catch(() => {});
      });
      // Kill at varying times, while earlier notifications are being fetched and delivered.
      const enough = count() + 5 + ((kill * 7) % 40);
      await eventually(count, (now) => now >= enough);
      await edge.kill();
      isAlive = false;
      await Promise.all(senders);
    }

    const edge = await startEdge(t, { storage });
    // One more for each practice, which also wakes those whose alarm was interrupted.
    for (const _ of COMPANIES) await notifyOnce(edge);
    for (const companyId of COMPANIES) {
      const isQuiet = ({ pending, pendingDeliveries }) => pending === 0 && pendingDeliveries === 0;
      await edge.stateWhen(companyId, isQuiet, 60_000);
      const events = await allEvents(edge, companyId);
      const rxIds = events.map(({ rxId }) => rxId);
      assert.equal(new Set(rxIds).size, rxIds.length, "duplicates");
      const lost = [...acknowledged.get(companyId)].filter((rxId) => !rxIds.includes(rxId));
      assert.deepEqual(lost, []);
      assert.deepEqual(
        events.map(({ seq }) => seq),
        events.map((_, at) => at + 1),
      );
      const undelivered = events.filter(({ id }) => !consumer.attempts.includes(id));
      assert.deepEqual(undelivered, []);
    }
    t.diagnostic(`${count()} notifications acknowledged of ${sent} sent`);
  },
);

async function allEvents(edge, companyId) {
  const all = [];
  for (let size = -1; size < all.length;) {
    size = all.length;
    all.push(...(await edge.events(companyId, `?limit=1000&after=${all.at(-1)?.seq ?? 0}`)));
  }
  return all;
}
