// Who may use the sandbox's server: its token is public, so any page that the user opens could try.
import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { createClient } from "itero-dpms";
import { startReceiver } from "../support/callback-receiver.mjs";
import { startSandbox } from "../support/sandbox-cli.mjs";
import { test } from "../support/test.mjs";

const V2 = "/api/third-party/v2";
const PAGE = "http://page.invalid";

async function started(t, args) {
  const sandbox = await startSandbox(args);
  t.after(() => sandbox.stop());
  return sandbox;
}

/** Sends a request as it is, whatever its Host and Origin, and returns the response with its text. */
async function send(sandbox, path, { method = "GET", body = "", ...headers } = {}) {
  const { port } = new URL(sandbox.baseUrl);
  const authorization = `Bearer ${sandbox.accessToken}`;
  const outgoing = request({ host: "127.0.0.1", port, path, method, headers: { authorization, ...headers } });
  outgoing.end(body);
  const [response] = await once(outgoing, "response");
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += chunk;
  return { status: response.statusCode, headers: response.headers, text };
}

for (const host of ["localhost", "127.0.0.1", "sandbox.localhost"]) {
  test(`a client that reaches it as ${host} trusts every link that it gets`, async (t) => {
    const sandbox = await started(t, ["--generation-ms", "0"]);
    const { port } = new URL(sandbox.baseUrl);
    const baseUrl = `http://${host}:${port}`;
    // Not every system resolves names below localhost, as browsers do.
    const local = (url, init) => fetch(String(url.url ?? url).replace(baseUrl, sandbox.baseUrl), init ?? url);
    const links = [];
    const seen = async (path, init) => {
      const { text } = await send(sandbox, path, { host: `${host}:${port}`, ...init });
      links.push(...text.matchAll(/"(http[^"]*)"/g));
      return JSON.parse(text);
    };
    const { Data } = await seen(`${V2}/orders/practice?Offset=0&pageSize=1`);
    const [{ OrderId: orderId, RxId }] = Data.Results;
    await seen(`${V2}/orders/${RxId}`);
    const added = await seen("/sandbox/screen-capture", { method: "POST", body: JSON.stringify({ orderId }) });
    await seen(`${V2}/latest-files`);
    assert.ok(links.length >= 18, `${links.length} links`);
    for (const [, link] of links) assert.equal(new URL(link).origin, baseUrl);

    const client = await createClient({ endpoints: { baseUrl }, accessToken: sandbox.accessToken, fetch: local });
    const picture = await client.downloadLink(added.fileUrl);
    assert.ok((await picture.arrayBuffer()).byteLength > 1_000);
  });
}

test("--host localhost is the address that the first line names", async (t) => {
  const sandbox = await started(t, ["--host", "localhost"]);
  assert.match(sandbox.firstLine, /http:\/\/localhost:\d+ /);
});

test("a Host that is no loopback name, address or --host is refused with the flag that allows it", async (t) => {
  const sandbox = await started(t);
  const { port } = new URL(sandbox.baseUrl);
  const status = async (host, path = `${V2}/practice-configuration`) => (await send(sandbox, path, { host })).status;
  for (const right of [`localhost:${port}`, "LOCALHOST", "[::1]:80", "10.0.0.7:8080", "a.localhost"]) {
    assert.equal(await status(right), 200, right);
  }
  for (const wrong of [
    "page.invalid",
    `page.invalid:${port}`,
    "localhost.page.invalid",
    "127.0.0.1.page.invalid",
    "notlocalhost",
    "localhost@page.invalid",
    "page.invalid/localhost",
    "localhost:port",
    "[::1",
  ]) {
    for (const path of [`${V2}/practice-configuration`, "/sandbox/viewer/1", "/"]) {
      assert.equal(await status(wrong, path), 403, `${wrong} ${path}`);
    }
  }
  const { text, headers } = await send(sandbox, "/", { host: "page.invalid", origin: "http://page.invalid" });
  assert.match(text, /--allow-host <name>/);
  assert.equal(headers["access-control-allow-origin"], undefined);
  const { stderr } = await sandbox.stop();
  assert.equal(stderr.match(/--allow-host/g).length, 1, "the terminal says it once");
  assert.doesNotMatch(stderr, /page/, "and nothing that the request sent");
});

test("--allow-host and a --host that is a name are accepted as Host", async (t) => {
  const sandbox = await started(t, [
    "--host",
    "localhost",
    "--allow-host",
    "sandbox",
    "--allow-host",
    "Dental.invalid",
  ]);
  for (const host of ["sandbox:4010", "dental.invalid"]) {
    assert.equal((await send(sandbox, `${V2}/practice-configuration`, { host })).status, 200, host);
  }
  assert.equal((await send(sandbox, "/", { host: "other" })).status, 403);
});

test("a page of another origin may call the API, not the control operations", async (t) => {
  const sandbox = await started(t);
  const api = await send(sandbox, `${V2}/practice-configuration`, { origin: PAGE });
  assert.deepEqual([api.status, api.headers["access-control-allow-origin"]], [200, "*"]);

  const operations = ["complete-scan", "callback-url", "fault", "expire-token", "viewer/1", "x"];
  for (const path of [
    ...operations.map((operation) => `/sandbox/${operation}`),
    "/sandbox/",
    "/x/../sandbox/expire-token",
    "/%2e/sandbox/expire-token",
  ]) {
    for (const origin of [PAGE, "null", "http://localhost"]) {
      for (const method of ["OPTIONS", "POST"]) {
        const { status, headers, text } = await send(sandbox, path, { method, origin });
        assert.equal(status, 403, `${method} ${path} ${origin}`);
        assert.equal(headers["access-control-allow-origin"], undefined);
        assert.match(text, /--allow-origin <origin>/);
      }
    }
  }
  assert.equal((await send(sandbox, `${V2}/practice-configuration`)).status, 200, "the token has not expired");
  assert.equal((await send(sandbox, "/sandbox/expire-token", { method: "POST", origin: sandbox.baseUrl })).status, 200);
});

test("--no-cors allows the API to no page of another origin, and the control operations as before", async (t) => {
  const sandbox = await started(t, ["--no-cors", "--allow-origin", PAGE]);
  for (const method of ["OPTIONS", "GET"]) {
    const { headers } = await send(sandbox, `${V2}/practice-configuration`, { method, origin: PAGE });
    assert.equal(headers["access-control-allow-origin"], undefined, method);
    assert.equal(headers["access-control-expose-headers"], undefined, method);
  }
  const control = await send(sandbox, "/sandbox/clear-faults", { method: "POST", origin: PAGE });
  assert.deepEqual([control.status, control.headers["access-control-allow-origin"]], [200, PAGE]);
});

test("--allow-origin allows the control operations to pages of that origin, and * to all", async (t) => {
  const ask = async (sandbox, origin, method) => {
    const { status, headers } = await send(sandbox, "/sandbox/clear-faults", { method, origin });
    return [status, headers["access-control-allow-origin"]];
  };
  const one = await started(t, ["--allow-origin", `${PAGE}/`, "--allow-origin", "http://localhost:5173"]);
  for (const origin of [PAGE, "http://localhost:5173"]) {
    assert.deepEqual(await ask(one, origin, "OPTIONS"), [204, origin]);
    assert.deepEqual(await ask(one, origin, "POST"), [200, origin]);
  }
  assert.deepEqual(await ask(one, "http://localhost:5174", "OPTIONS"), [403, undefined]);
  const all = await started(t, ["--allow-origin", "*"]);
  for (const method of ["OPTIONS", "POST"]) assert.equal((await ask(all, PAGE, method))[1], "*");
});

test("callbacks go to this machine only, unless --allow-callbacks names an origin", async (t) => {
  const receiver = await startReceiver(t);
  const closed = await started(t);
  const status = async (sandbox, url) => (await sandbox.operate("callback-url", { url })).status;
  for (const url of ["http://192.168.1.1/", "http://169.254.169.254/", "https://hook.invalid/x"]) {
    const response = await closed.operate("callback-url", { url });
    assert.equal(response.status, 400, url);
    assert.match((await response.json()).Message, /--allow-callbacks/);
  }
  assert.equal(await status(closed, receiver.url), 200);

  const open = await started(t, [
    "--allow-callbacks",
    "https://hook.invalid",
    "--callback-url",
    "HTTP://Hook2.invalid:80/x",
  ]);
  for (const url of ["https://hook.invalid/x", "http://hook2.invalid/y"]) assert.equal(await status(open, url), 200);
  assert.equal(await status(open, "http://hook.invalid/x"), 400);
});

test("a request that is no path of this server is 400", async (t) => {
  const sandbox = await started(t);
  for (const path of ["*", "http://page.invalid/", "@page.invalid/"]) {
    assert.equal((await send(sandbox, path, { method: "OPTIONS" })).status, 400, path);
  }
});
