// A consumer that receives events and verifies them with the Standard Webhooks library, as any consumer would.
import { Webhook } from "standardwebhooks";
import { json, startFaultyServer, text } from "./faulty-server.mjs";

export const WEBHOOK_SECRET = `whsec_${Buffer.from("a secret of thirty-two bytes, ok").toString("base64")}`;

export async function startConsumer(t, { secret = WEBHOOK_SECRET } = {}) {
  const webhook = new Webhook(secret);
  const consumer = {
    /** The accepted events, in order. @type {object[]} */
    events: [],
    /** Each attempt's `webhook-id`. @type {string[]} */
    attempts: [],
    /** How to respond instead of with 200. @type {import("./faulty-server.mjs").Step | undefined} */
    respond: undefined,
    /** How far the edge function's clock was advanced, since the library accepts only recent timestamps. */
    ahead: 0,
  };
  const { now } = Date;
  const server = await startFaultyServer(({ headers, body }) => {
    consumer.attempts.push(headers["webhook-id"]);
    if (consumer.respond) return consumer.respond;
    Date.now = () => now() + consumer.ahead;
    try {
      consumer.events.push(webhook.verify(body, headers));
    } catch (error) {
      return text(401, String(error));
    } finally {
      Date.now = now;
    }
    return json(200, {});
  });
  t.after(() => server.close());
  return Object.assign(consumer, { url: `${server.baseUrl}/events`, requests: server.requests, secret });
}
