// Errors are shown in place, no input is lost, and the page stays usable.
import assert from "node:assert/strict";
import { zipSync } from "fflate";
import { after, before } from "node:test";
import { BAD_FILES, BROKEN, withBadFile } from "../support/awkward-scans.mjs";
import { cutShort, html, json, raw, stall, startFaultyServer } from "../support/faulty-server.mjs";
import { portalForThisFile } from "../support/portal.mjs";
import { startSandbox } from "../support/sandbox-cli.mjs";
import { openScriptedOrder, order, page, scriptedPractice } from "../support/scripted-practice.mjs";
import { closedPort, test } from "../support/test.mjs";
import { RX_ID, envelope, wirePage, wirePractice } from "../support/wire.mjs";

const portals = portalForThisFile();

/** @type {Awaited<ReturnType<typeof startSandbox>>} */
let sandbox;
before(async () => {
  sandbox = await startSandbox(["--generation-ms", "200"]);
});
after(() => sandbox?.stop());

/** Asserts that the page still works: the list opens and the form sends an RX. */
async function assertUsable(portal) {
  await portal.$("nav-orders").click();
  await portal.$("orders-table").waitFor();
  assert.ok((await portal.$("order-row").count()) > 0);
  await portal.pushScanRequest({ chart: "E2E-USABLE" });
  assert.deepEqual(
    portal.problems.filter((line) => line.startsWith("page error") || line.startsWith("policy")),
    [],
  );
  portal.assertOnlyLocalRequests();
}

/** Asserts that the connection form shows an error and keeps its input, and that the old connection is still in use. */
async function assertRefusedConnection(portal, baseUrl, token, expected) {
  await portal.connectTo(baseUrl, token);
  const problem = portal.$("connect-error");
  await problem.waitFor();
  assert.match(await problem.innerText(), expected);
  assert.equal(await portal.$("base-url").inputValue(), baseUrl);
  assert.equal(await portal.$("access-token").inputValue(), token);
  assert.doesNotMatch(await problem.innerText(), new RegExp(token), "the token is not repeated");
  await portal.connected("Sandbox");
}

test(
  "a wrong token is shown next to the form, and after correction the portal connects",
  { timeout: 90_000 },
  async (t) => {
    const portal = await portals.open(t);
    await assertRefusedConnection(portal, sandbox.baseUrl, "WRONG-TOKEN", /token/i);
    await portal.$("access-token").fill(sandbox.accessToken);
    await portal.$("connect-button").click();
    await portal.connected("Own practice");
    assert.equal(await portal.$("connect-error").count(), 0);
    await assertUsable(portal);
  },
);

test("a sandbox that allows no page to control it is told how to", { timeout: 90_000 }, async (t) => {
  const portal = await portals.open(t);
  await portal.connectTo(sandbox.baseUrl, sandbox.accessToken);
  await portal.connected("Own practice");
  const rxId = await portal.pushScanRequest({ firstName: "Rosalind", lastName: "Okafor", chart: "E2E-CONTROL" });
  await portal.pendingScan(rxId).getByTestId("complete-scan").click();
  await portal.page.getByText(`--allow-origin ${new URL(portals.url).origin}`).waitFor();
  assert.equal(await portal.pendingScan(rxId).count(), 1);
});

test("an unreachable host is shown next to the form, with what to check", { timeout: 90_000 }, async (t) => {
  const portal = await portals.open(t);
  await assertRefusedConnection(
    portal,
    `http://127.0.0.1:${await closedPort()}`,
    "SOME-TOKEN",
    /address|connection|reach/i,
  );
  await assertUsable(portal);
});

test("an invalid address is shown next to the form", { timeout: 90_000 }, async (t) => {
  const portal = await portals.open(t);
  for (const address of ["not an address", "ftp://example.invalid"])
    await assertRefusedConnection(portal, address, "SOME-TOKEN", /base ?URL|address/i);
  await assertUsable(portal);
});

test("HTML instead of JSON is shown next to the form", { timeout: 90_000 }, async (t) => {
  const server = await startFaultyServer(() => html(200));
  t.after(() => server.close());
  const portal = await portals.open(t);
  await assertRefusedConnection(portal, server.baseUrl, "SOME-TOKEN", /JSON|web page|base URL/i);
  await assertUsable(portal);
});

test("a body cut short while connecting is shown next to the form", { timeout: 90_000 }, async (t) => {
  const server = await startFaultyServer(() => cutShort(JSON.stringify(envelope(wirePractice()))));
  t.after(() => server.close());
  const portal = await portals.open(t);
  await assertRefusedConnection(portal, server.baseUrl, "SOME-TOKEN", /cut|broke|incomplete|whole|connection/i);
  await assertUsable(portal);
});

test("a user can return to the sandbox from a server that stopped responding", { timeout: 90_000 }, async (t) => {
  const server = await startFaultyServer((request) =>
    request.path.endsWith("/practice-configuration") ? json(200, envelope(wirePractice())) : html(200),
  );
  t.after(() => server.close());
  const portal = await portals.open(t);
  await portal.connectTo(server.baseUrl, "SOME-TOKEN");
  await portal.connected("Own practice");
  await portal.$("orders-error").waitFor();
  await portal.$("use-sandbox").click();
  await portal.connected("Sandbox");
  await portal.$("order-row").first().waitFor();
  await assertUsable(portal);
});

test(
  "a list that is cut short shows an error above the table, and a retry loads it",
  { timeout: 90_000 },
  async (t) => {
    let broken = true;
    const server = await scriptedPractice(t, {
      orders: () => (broken ? cutShort(JSON.stringify(wirePage([order]))) : page),
    });
    const portal = await portals.open(t);
    await portal.connectTo(server.baseUrl, "SOME-TOKEN");
    const problem = portal.$("orders-error");
    await problem.waitFor();
    assert.match(await problem.innerText(), /cut|broke|incomplete|whole|before/i);
    broken = false;
    await problem.getByRole("button").click();
    await portal.orderRow(RX_ID).waitFor();
    assert.equal(await problem.count(), 0);
  },
);

test("a failing server shows an error above the table, and a retry loads the list", { timeout: 90_000 }, async (t) => {
  let broken = true;
  const server = await scriptedPractice(t, { orders: () => (broken ? raw(503, "", { "Retry-After": "600" }) : page) });
  const portal = await portals.open(t);
  await portal.connectTo(server.baseUrl, "SOME-TOKEN");
  await portal.$("orders-error").waitFor();
  assert.match(await portal.$("orders-error").innerText(), /server|again/i);
  broken = false;
  await portal.$("orders-error").getByRole("button").click();
  await portal.orderRow(RX_ID).waitFor();
});

test("HTML instead of the list shows an error above the table", { timeout: 90_000 }, async (t) => {
  const server = await scriptedPractice(t, { orders: (index) => (index === 0 ? html(200) : page) });
  const portal = await portals.open(t);
  await portal.connectTo(server.baseUrl, "SOME-TOKEN");
  await portal.$("orders-error").waitFor();
  await portal.$("orders-error").getByRole("button").click();
  await portal.orderRow(RX_ID).waitFor();
});

test(
  "an RX that the server refuses shows an error at the form, and no input is lost",
  { timeout: 90_000 },
  async (t) => {
    const server = await scriptedPractice(t, {
      create: (index) => (index === 0 ? json(409, "[]") : json(200, envelope(RX_ID))),
    });
    const portal = await portals.open(t);
    await portal.connectTo(server.baseUrl, "SOME-TOKEN");
    await portal.connected("Own practice");
    await portal.$("nav-new-scan").click();
    await portal.fillScanRequest({ chart: "E2E-409" });
    await portal.field("notes").fill("keep me");
    await portal.$("rx-submit").click();
    await portal.$("rx-form-error").waitFor();
    assert.match(await portal.$("rx-form-error").innerText(), /chart number/i);
    assert.equal(await portal.field("notes").inputValue(), "keep me");
    assert.equal(await portal.field("patientFirstName").inputValue(), "Maria");
    await portal.$("rx-submit").click();
    await portal.$("rx-created").waitFor();
    assert.equal(await portal.$("rx-form-error").count(), 0);
  },
);

const archive = Buffer.from(
  zipSync(
    { "upper.stl": new Uint8Array(200_000), "scan.xml": Buffer.from("<?xml version='1.0'?><scan/>") },
    { level: 0 },
  ),
);
const zip = raw(200, archive, { "Content-Type": "application/zip" });

/** Opens the only order of a scripted practice. */
const openOrder = (t, download) => openScriptedOrder(t, portals, download);

/** What became of the latest download, as the activity panel has it. */
async function lastDownload(portal) {
  await portal.$("activity-toggle").click();
  const call = portal.$("call").filter({ hasText: "/download/" }).first();
  const outcome = await call.locator(".step-outcome").first().innerText();
  await portal.$("activity-toggle").click();
  return outcome;
}

test(
  "a download cancelled midway says so, stops the transfer, and can be restarted",
  { timeout: 90_000 },
  async (t) => {
    const { portal, server } = await openOrder(t, (index) =>
      index === 0
        ? stall(archive.subarray(0, 60_000), { length: archive.length, contentType: "application/zip" })
        : zip,
    );
    await portal.$("download-scan").click();
    await portal
      .$("download-state")
      .filter({ hasText: /downloading/i })
      .waitFor();
    await portal.$("download-cancel").click();
    await portal.$("download-error").waitFor();
    assert.match(await portal.$("download-error").innerText(), /cancel/i);
    const [transfer] = server.requests.filter((request) => request.path.includes("/download/"));
    await transfer.closed;
    assert.match(await lastDownload(portal), /^cancelled in /);
    assert.equal(await portal.$("archive-entries").count(), 0);
    await portal.$("download-retry").click();
    await portal.$("archive-entries").waitFor();
    assert.equal(await portal.$("archive-entry").count(), 2);
    assert.equal(await portal.$("download-error").count(), 0);
  },
);

test("a download that is cut short says so and can be retried", { timeout: 90_000 }, async (t) => {
  // Once its beginning has arrived: before that, it is asked for again.
  let cut;
  const when = new Promise((resolve) => (cut = resolve));
  const { portal } = await openOrder(t, (index) =>
    index === 0 ? cutShort(archive, { sent: 60_000, contentType: "application/zip", when }) : zip,
  );
  await portal.$("download-scan").click();
  await portal.$("download-state").filter({ hasText: /60/ }).waitFor();
  cut();
  await portal.$("download-error").waitFor();
  assert.match(await portal.$("download-error").innerText(), /cut|broke|incomplete|whole|before/i);
  assert.match(await lastDownload(portal), /^failed in /);
  await portal.$("download-retry").click();
  await portal.$("archive-entries").waitFor();
  assert.equal(await portal.$("archive-entry").count(), 2);
});

for (const [what, response, message] of [
  ["a file that is not a zip archive", () => raw(200, "not a zip", { "Content-Type": "application/zip" }), /zip/i],
  ["a web page in place of a file", () => html(200), /web page/],
]) {
  test(`${what} shows an error in place`, { timeout: 90_000 }, async (t) => {
    const { portal } = await openOrder(t, response);
    await portal.$("download-scan").click();
    await portal.$("download-error").waitFor();
    assert.match(await portal.$("download-error").innerText(), message);
  });
}

const noise = (length) => {
  let state = 1;
  return Uint8Array.from({ length }, () => (state = (state * 48_271) % 2_147_483_647) & 255);
};
const zeros = new Uint8Array(20_000_000);
const zipped = (files) => () => Buffer.from(zipSync(files, { level: 9 }));
const pictures = (count, data) =>
  Object.fromEntries(Array.from({ length: count }, (_, nth) => [`picture-${nth + 10_000}.png`, data]));

/** A zip whose directory has an entry `count` times, so that all of them share one file's bytes. */
function sharedBytes(count, data) {
  const one = zipped(pictures(1, data))();
  const end = one.subarray(-22);
  const start = end.readUInt32LE(16);
  const entry = one.subarray(start, -22);
  const directory = Array.from({ length: count }, (_, nth) => {
    const copy = Buffer.from(entry);
    copy.write(`picture-${nth + 10_000}.png`, 46);
    return copy;
  });
  for (const at of [8, 10]) end.writeUInt16LE(count, at);
  end.writeUInt32LE(count * entry.length, 12);
  return Buffer.concat([one.subarray(0, start), ...directory, end]);
}

for (const [what, archive, reason] of [
  ["pictures that unpack to too much", zipped({ ...pictures(11, zeros), "upper.stl": noise(3_000_000) }), /200 MB/],
  ["pictures that are compressed too well", zipped(pictures(2, zeros)), /compressed more/],
  ["pictures that share their bytes", () => sharedBytes(900, noise(100_000)), /compressed more/],
  ["more files than a real one has", zipped(pictures(5_000, new Uint8Array(1))), /more than 1000 files/],
]) {
  test(`an archive with ${what} is not opened, says so in place, and can be saved`, { timeout: 90_000 }, async (t) => {
    const file = archive();
    const { portal } = await openOrder(t, () => raw(200, file, { "Content-Type": "application/zip" }));
    await portal.$("download-scan").click();
    await portal.$("download-error").waitFor();
    assert.match(await portal.$("download-error").innerText(), reason);
    assert.equal(await portal.$("archive-picture").count(), 0);
    const saving = portal.page.waitForEvent("download");
    await portal.$("download-save").click();
    const chunks = [];
    for await (const chunk of await (await saving).createReadStream()) chunks.push(chunk);
    assert.ok(Buffer.concat(chunks).equals(file), "the file as it came");
    await assertUsable(portal);
  });
}

test("what is wrong with a file is said beside it, and the others are shown", { timeout: 90_000 }, async (t) => {
  const bad = Object.values(BAD_FILES);
  const { portal } = await openOrder(t, (index) =>
    raw(200, withBadFile(bad[index][1]), { "Content-Type": "application/zip" }),
  );
  for (const [kind] of bad) {
    await portal.$("download-scan").click();
    await portal.$("archive-problem").last().waitFor();
    assert.equal(await portal.$("archive-entry").count(), 2);
    assert.match(await portal.$("archive-problem").last().innerText(), PROBLEMS[kind], kind);
    await portal.$("download-save").waitFor();
  }
  portal.assertNoProblems();
});
const PROBLEMS = {
  encrypted: /encrypted/,
  unsupported: /compressed in a way/,
  corrupt: /damaged/,
  "too-large": /far more than a real/,
  "not-a-mesh": /not a 3D mesh/,
  truncated: /incomplete/,
};

test("an archive that cannot be read says why in place, and can be saved", { timeout: 90_000 }, async (t) => {
  // The client itself refuses a response without a body, or with a web page or JSON.
  const broken = Object.values(BROKEN).filter(([kind]) => kind !== "not-a-zip");
  broken.push(["not-a-zip", Buffer.from("not a zip")]);
  const { portal } = await openOrder(t, (index) => raw(200, broken[index][1], { "Content-Type": "application/zip" }));
  for (const [kind] of broken) {
    await portal.$("download-scan").click();
    await portal.$("download-error").waitFor();
    assert.match(await portal.$("download-error").innerText(), REASONS[kind]);
    assert.equal(await portal.$("download-retry").count(), kind === "truncated" ? 1 : 0);
    await portal.$("download-save").waitFor();
    assert.equal(await portal.$("archive-entries").count(), 0);
  }
  portal.assertNoProblems();
});
const REASONS = { "not-a-zip": /not a readable zip/, truncated: /incomplete/, corrupt: /damaged/ };

test("a download that is refused says why", { timeout: 90_000 }, async (t) => {
  const { portal } = await openOrder(t, () => json(401, ""));
  await portal.$("download-scan").click();
  await portal.$("download-error").waitFor();
  assert.match(await portal.$("download-error").innerText(), /token/i);
});

test("leaving an order during its download ends the transfer", { timeout: 90_000 }, async (t) => {
  const { portal, server } = await openOrder(t, () =>
    stall(archive.subarray(0, 60_000), { length: archive.length, contentType: "application/zip" }),
  );
  await portal.$("download-scan").click();
  await portal
    .$("download-state")
    .filter({ hasText: /downloading/i })
    .waitFor();
  await portal.$("nav-orders").click();
  const [transfer] = server.requests.filter((request) => request.path.includes("/download/"));
  await transfer.closed;
  await portal.orderRow(RX_ID).waitFor();
});

for (const [what, id] of [
  ["an unknown order", RX_ID],
  ["a link without an RX id", "not-an-id"],
  ["a broken link", "%"],
]) {
  test(`${what} as a deep link shows an error, and the page still works`, { timeout: 90_000 }, async (t) => {
    const portal = await portals.open(t, { path: `#/orders/${id}` });
    const alert = portal.$("order-detail").getByRole("alert");
    await alert.waitFor();
    assert.match(await alert.innerText(), /RX/i);
    await assertUsable(portal);
  });
}
