// Logs, states and events hold no secret and nothing about a patient, whatever fails.
import assert from "node:assert/strict";
import { ADMIN_KEY, OLD_SECRET, SECRET, startEdge } from "../support/edge.mjs";
import { startConsumer } from "../support/event-consumer.mjs";
import { json, text } from "../support/faulty-server.mjs";
import { PRIVATE, startOrdersService } from "../support/orders-service.mjs";
import { test } from "../support/test.mjs";
import { RX_ID, guid } from "../support/wire.mjs";

/** Runs everything that can happen and returns the log and what callers received. */
async function everything(t) {
  const edge = await startEdge(t, { testWorker: true });
  const service = await startOrdersService(t);
  const consumer = await startConsumer(t);
  const deliverTo = { url: `${consumer.url}?key=QUERY-SECRET`, secret: consumer.secret };
  const shown = [];
  const register = async () =>
    shown.push(await edge.register(77, service.registration(77, service.refreshing({ deliverTo }))));

  await edge.post(`{"Id":"${PRIVATE[0]}","CompanyId":"${PRIVATE[1]}"}`);
  await edge.post(PRIVATE[0], "WRONG-SECRET");
  await edge.admin("PUT", "77", { accessToken: 7, [PRIVATE[0]]: PRIVATE[1] });
  await edge.admin("GET", `77/events?after=${PRIVATE[0]}`);
  await edge.notify(RX_ID, 77);
  service.setOrder(77, RX_ID);
  await register();
  await edge.eventsOf(77, 1);
  // A token expires, and a refresh is refused. The service and the consumer echo what they were sent.
  service.accessToken = "ANOTHER-TOKEN";
  const quote = ({ headers, body, url }) => text(400, JSON.stringify([headers, body, url, PRIVATE]));
  const refuse = ({ headers, body }) =>
    json(400, { error: "invalid_grant", error_description: [headers, body, PRIVATE] });
  service.intercept = (request) => (request.path === "/token" ? refuse(request) : undefined);
  consumer.respond = (response, request) => quote(request)(response, request);
  service.setOrder(77, guid(1));
  await edge.notify(guid(1), 77);
  shown.push(await edge.stateWhen(77, ({ attention }) => attention !== null));
  await register();
  for (const step of [json(500, PRIVATE), json(200, PRIVATE), quote]) {
    service.intercept = (request) => (step === quote ? quote(request) : step);
    await edge.notify(guid(2), 77);
    await edge.advance(77, 600_000);
  }
  service.intercept = () => undefined;
  await edge.advance(77, 3_600_000);
  await edge.control(77, "fail");
  await edge.notify(guid(3), 77);
  await edge.control(77, "heal");
  shown.push(await edge.state(77), await edge.events(77));
  await edge.admin("DELETE", "77");
  return { output: edge.output(), shown: JSON.stringify(shown), secret: consumer.secret };
}

test("neither a log line, nor a state, nor an event holds a secret or a patient", async (t) => {
  const { output, shown, secret } = await everything(t);
  const secrets = [
    ...["ACCESS-TOKEN", "ANOTHER-TOKEN", "REFRESH-TOKEN", "CLIENT-SECRET", "QUERY-SECRET", "WRONG-SECRET"],
    ...[SECRET, OLD_SECRET, ADMIN_KEY, secret.slice("whsec_".length), btoa("client-id:CLIENT-SECRET")],
    ...["Bearer ", "Basic ", "access_token", "v1,"],
  ];
  for (const [name, content] of Object.entries({ output, shown })) {
    for (const word of [...secrets, ...PRIVATE]) assert.ok(!content.includes(word), `${name} holds ${word}`);
  }
});

test("a log has one JSON object per line, with an event and a practice's companyId", async (t) => {
  const { output } = await everything(t);
  // workerd itself warns of alarms that are set again while they run.
  const lines = output.split("\n").filter((line) => line !== "" && !line.startsWith("workerd/"));
  const entries = lines.map((line) => JSON.parse(line));
  const events = new Set(entries.map(({ event }) => event));
  for (const event of [
    "practice.registered",
    "notification.parked",
    "event.recorded",
    "api.paused",
    "request.failed",
  ]) {
    assert.ok(events.has(event), `${event} is not among ${[...events].join(", ")}`);
  }
  for (const { event, companyId } of entries) {
    assert.match(event, /^[a-z]+\.[a-z-]+$/);
    if (!event.endsWith(".failed") || companyId !== undefined) assert.equal(companyId, 77);
  }
});
