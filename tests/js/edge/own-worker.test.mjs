// The package in a user's own Worker, and the two configurations that it ships.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SECRET, startEdge } from "../support/edge.mjs";
import { ROOT, test } from "../support/test.mjs";
import { RX_ID } from "../support/wire.mjs";

const shipped = (name) => readFileSync(join(ROOT, "pkg", name), "utf8");

test("a user's own Worker adds routes and extends the class", async (t) => {
  const edge = await startEdge(t, { testWorker: true });
  assert.equal(await (await fetch(`${edge.url}/hello`)).text(), "a route of the user's own");
  assert.equal((await fetch(`${edge.url}/callback/wrong`)).status, 404);
  assert.equal((await edge.notify(RX_ID, 77)).status, 202);
  assert.ok((await edge.control(77, "rows")).some(({ key }) => key.endsWith(RX_ID)));
});

test("the class and the receiver work under workerd too", async (t) => {
  const edge = await startEdge(t, { testWorker: true });
  const body = JSON.stringify({ Id: RX_ID, CompanyId: 77 });
  const response = await fetch(`${edge.url}/receiver/callback/${SECRET}`, { method: "POST", body });
  assert.equal(response.status, 202);
  assert.deepEqual(JSON.parse(response.headers.get("stored")), { rxId: RX_ID, companyId: 77 });
});

test("wrangler.jsonc and workerd.capnp configure the same Worker", () => {
  const wrangler = JSON.parse(
    shipped("wrangler.jsonc")
      .replace(/^\s*\/\/.*$/gm, "")
      .replace(/,(?=\s*[}\]])/g, ""),
  );
  const capnp = shipped("workerd.capnp");
  assert.ok(existsSync(join(ROOT, "pkg", wrangler.main)));
  const [{ name, class_name }] = wrangler.durable_objects.bindings;
  assert.deepEqual([name, class_name], ["PRACTICES", "PracticeInbox"]);
  assert.deepEqual(wrangler.migrations[0].new_sqlite_classes, [class_name]);
  assert.match(capnp, new RegExp(`name = "${name}", durableObjectNamespace = "${class_name}"`));
  assert.match(capnp, new RegExp(`compatibilityDate = "${wrangler.compatibility_date}"`));
  assert.match(capnp, new RegExp(`esModule = embed "${wrangler.main}"`));
  for (const variable of Object.keys(wrangler.vars)) assert.match(capnp, new RegExp(`fromEnvironment = "${variable}"`));
  for (const secret of ["CALLBACK_SECRETS", "ADMIN_KEY"]) {
    assert.match(capnp, new RegExp(`fromEnvironment = "${secret}"`));
    assert.match(shipped("wrangler.jsonc"), new RegExp(`//   ${secret} `));
    assert.ok(!(secret in wrangler.vars), "a secret is not a variable");
  }
});

test("stored data, registrations and alarms survive a restart", async (t) => {
  const first = await startEdge(t);
  assert.equal((await first.notify(RX_ID, 77)).status, 202);
  await first.kill();
  const second = await startEdge(t, { storage: first.storage });
  assert.equal((await second.state(77)).parked, 1);
  assert.equal((await second.admin("DELETE", "77")).status, 200);
  assert.equal((await second.state(77)).parked, 0);
});
