// A server on 127.0.0.1 that receives and records callbacks.
import { createServer } from "node:http";

/**
 * @param {import("node:test").TestContext} t closes the server when it ends
 * @param {(response: import("node:http").ServerResponse) => void} [respond] responds with 200 by default
 */
export async function startReceiver(t, respond = (response) => response.end()) {
  /** The requests, in order. */
  const received = [];
  let open = 0;
  const receiver = { received, mostAtOnce: 0 };
  const server = createServer(async (request, response) => {
    open += 1;
    receiver.mostAtOnce = Math.max(receiver.mostAtOnce, open);
    response.once("close", () => (open -= 1));
    let body = "";
    for await (const chunk of request) body += chunk;
    received.push({ method: request.method, url: request.url, type: request.headers["content-type"], body });
    respond(response);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((closed) => server.close(closed));
  });
  receiver.url = `http://127.0.0.1:${server.address().port}/callback?practice=1`;
  return receiver;
}
