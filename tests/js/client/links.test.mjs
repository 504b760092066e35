// An order's links (§4.4.3) are downloaded unchanged, and the token is sent only to trusted origins.
import assert from "node:assert/strict";
import { createClient } from "itero-dpms";
import { json, raw, startFaultyServer, text } from "../support/faulty-server.mjs";
import { rejection, test } from "../support/test.mjs";
import { RX_ID, TOKEN, envelope, scripted, wireOrder } from "../support/wire.mjs";

const zip = raw(200, "zip bytes", { "Content-Type": "application/zip" });

test("an order's scan link downloads with the token, used unchanged (R66)", async (t) => {
  const { client, server } = await scripted(t, (request) =>
    request.path.includes("/orders/")
      ? json(200, envelope(wireOrder({ Urls: { IDEFileUrl: `${server.baseUrl}/files/IDE?sig=a%2Fb&x=1` } })))
      : zip,
  );
  const { links } = await client.getOrder(RX_ID);
  const response = await client.downloadLink(links.scan);
  assert.equal(await response.text(), "zip bytes");
  assert.equal(server.requests[1].url, "/files/IDE?sig=a%2Fb&x=1");
  assert.equal(server.requests[1].headers.authorization, `Bearer ${TOKEN}`);
});

test("a link to another origin is untrusted-link, and nothing is sent", async (t) => {
  const elsewhere = await startFaultyServer(() => zip);
  t.after(() => elsewhere.close());
  const { client, server } = await scripted(t, () => zip);
  for (const link of [
    `${elsewhere.baseUrl}/IDE`,
    server.baseUrl.replace("http:", "https:"),
    server.baseUrl.replace("127.0.0.1", "localhost"),
  ]) {
    const error = await rejection(client.downloadLink(link));
    assert.equal(error.kind, "untrusted-link", link);
    assert.equal(error.attempts, 0);
    assert.ok(!error.message.includes(link), "the link is not repeated");
  }
  assert.equal(elsewhere.requests.length + server.requests.length, 0);
});

test("trustedOrigins lets a link's origin receive the token", async (t) => {
  const elsewhere = await startFaultyServer(() => zip);
  t.after(() => elsewhere.close());
  const { server } = await scripted(t, () => zip);
  const client = await createClient({
    endpoints: { baseUrl: server.baseUrl },
    accessToken: TOKEN,
    trustedOrigins: [elsewhere.baseUrl],
  });
  assert.equal(await (await client.downloadLink(`${elsewhere.baseUrl}/IDE`)).text(), "zip bytes");
  assert.equal(elsewhere.requests[0].headers.authorization, `Bearer ${TOKEN}`);
});

test("a link to a 3D file waits as downloadScan does", { timeout: 60_000 }, async (t) => {
  const states = [];
  const { client, server } = await scripted(t, [text(404, ""), zip]);
  const response = await client.downloadLink(`${server.baseUrl}/api/third-party/v2/order/1/download/IDE`, {
    onProgress: ({ state }) => states.push(state),
  });
  assert.equal(await response.text(), "zip bytes");
  assert.equal(states[0], "waiting");
});

test("what is no http(s) link, or has a user, is refused by name", async (t) => {
  const { client, server } = await scripted(t, () => zip);
  const { host } = new URL(server.baseUrl);
  for (const link of [
    ...["", 7, null, undefined, {}, "https://", "http://[::1"],
    ...[`http://user:pass@${host}/IDE`, `http://user@${host}/IDE`, `http://:pass@${host}/IDE`, `//user@${host}/IDE`],
    ...[`blob:${server.baseUrl}/6f1c`, `ftp://${host}/IDE`, "data:application/zip,PK", "javascript:1", "mailto:a@b.c"],
  ]) {
    const error = await rejection(() => client.downloadLink(link));
    assert.equal(error.kind, "invalid-argument");
    assert.match(error.message, /url must be/);
    assert.doesNotMatch(error.message, /user@|pass/);
  }
  assert.equal(server.requests.length, 0);
});
