// Runs examples/worker under workerd as its start script does, against the sandbox over HTTP, which calls it back.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { unzipSync } from "fflate";
import { createClient } from "itero-dpms";
import { startWorker } from "../../../examples/worker/local/workerd.mjs";
import { ADMIN_KEY, SECRET, callsOf, eventually, temporaryFolder } from "../support/edge.mjs";
import { startSandbox } from "../support/sandbox-cli.mjs";
import { ROOT, test } from "../support/test.mjs";

const SESSION_SECRET = "session-secret-of-thirty-two-byte";
const EVENTS = /"event":"(scan|feed)\./;

/** A practice whose scans a Worker stores. `between` starts what stands before the API; it returns where that is. */
async function startPractice(t, between = async (baseUrl) => baseUrl) {
  const folder = temporaryFolder(t);
  const sandbox = await startSandbox(["--generation-ms", "0"]);
  t.after(() => sandbox.stop());
  await sandbox.control("export-settings", { triangles: 10_000 });
  const { baseUrl, accessToken } = sandbox;
  const client = await createClient({ endpoints: { baseUrl }, accessToken });
  const { companyId, doctors } = await client.practiceConfiguration();
  const endpoints = { baseUrl: await between(baseUrl) };
  let [output, scans, worker] = ["", 0, undefined];
  const stop = async () => {
    if (worker.child.exitCode !== null || worker.child.signalCode !== null) return;
    const exited = once(worker.child, "exit");
    worker.child.kill("SIGKILL");
    await exited;
  };
  const it = {
    sandbox,
    stop,
    /** Starts a process, which goes on with what an earlier one has stored. */
    async start(variables = {}) {
      const secrets = { CALLBACK_SECRETS: SECRET, ADMIN_KEY, SESSION_SECRETS: SESSION_SECRET };
      const env = { COMPANY_IDS: String(companyId), RECONCILE_DAYS: "1", GIVE_UP_DAYS: "3", ...secrets, ...variables };
      worker = await startWorker(folder, env);
      for (const stream of [worker.child.stdout, worker.child.stderr]) {
        stream.setEncoding("utf8").on("data", (text) => (output += text));
      }
      await callsOf(worker.url).register(companyId, { endpoints, accessToken });
      await sandbox.control("callback-url", { url: `${worker.url}/callback/${SECRET}` });
    },
    /** Scans a patient; the order's id and RX, once the feed has them. */
    async scan() {
      const patient = { patientFirstName: "Ada", patientLastName: "Example", patientChartNumber: "A-1" };
      const rxId = await client.createScanRequest({ companyId, doctorId: doctors[0].id, ...patient });
      const { orderId } = await sandbox.completeScan(rxId);
      scans += 1;
      await it.recorded(scans);
      return { orderId, rxId };
    },
    recorded: (count) => callsOf(worker.url).eventsOf(companyId, count),
    /** Runs the cron trigger; the status, 500 if it rejected. */
    run: async () => (await worker.runCron()).status,
    /** What it has logged of scans since the last call, once that are so many. */
    async logged(count) {
      const all = () =>
        output
          .split("\n")
          .slice(0, -1)
          .filter((line) => EVENTS.test(line));
      const lines = await eventually(all, (lines) => lines.length >= it.seen + count);
      const fresh = lines.slice(it.seen).map((line) => JSON.parse(line));
      it.seen = lines.length;
      return fresh.map(({ event, orderId }) => [event, orderId]);
    },
    seen: 0,
    file: (orderId) => join(folder, "bucket/scans", String(companyId), `${orderId}.zip`),
    cursor: () => {
      const path = join(folder, "bucket/cursors", `${companyId}.json`);
      return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).after : 0;
    },
  };
  t.after(async () => {
    await stop();
    const secrets = [accessToken, SECRET, ADMIN_KEY, SESSION_SECRET, "eyJ", "Bearer", "Ada"];
    for (const secret of secrets) assert.ok(!output.includes(secret), `${secret} is in the output`);
  });
  await it.start();
  return it;
}

/** Stands before the API: `handle(url, answer, outgoing)` gets each request, and `answer()` is the API's. It returns where that is. */
async function startProxy(t, baseUrl, handle) {
  const server = createServer(({ method, url, headers: { authorization } }, outgoing) =>
    handle(url, () => fetch(baseUrl + url, { method, headers: { authorization } }), outgoing),
  );
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${server.address().port}`;
}

/** Passes on what the API answered, compressed if `headers` say so. */
async function passOn(response, outgoing, headers = {}) {
  const body = Buffer.from(await response.arrayBuffer());
  outgoing.writeHead(response.status, { "content-type": response.headers.get("content-type"), ...headers });
  outgoing.end(headers["content-encoding"] ? gzipSync(body) : body);
}

/** The description of a stored archive, which is whole. */
function whole(file) {
  const bytes = readFileSync(file);
  assert.equal(bytes.toString("latin1", 0, 2), "PK");
  assert.ok(Object.keys(unzipSync(bytes)).length > 0);
  const description = JSON.parse(readFileSync(`${file}.json`, "utf8"));
  assert.equal(description.size, bytes.length);
  return description;
}

test("the Worker stores each scan's archive whole and once, and again when it has changed", async (t) => {
  const practice = await startPractice(t);
  const first = await practice.scan();
  const second = await practice.scan();
  assert.equal(await practice.run(), 200);
  const both = [first, second].map(({ orderId }) => ["scan.stored", orderId]);
  assert.deepEqual(await practice.logged(2), both);
  const { version } = whole(practice.file(first.orderId));
  whole(practice.file(second.orderId));
  assert.equal(practice.cursor(), 2);

  assert.equal(await practice.run(), 200);
  await practice.sandbox.control("order-status", { rxId: second.rxId, status: "Lab Review" });
  await practice.recorded(3);
  assert.equal(await practice.run(), 200);
  assert.deepEqual(await practice.logged(1), [["scan.stored", second.orderId]]);
  assert.equal(whole(practice.file(first.orderId)).version, version);
  assert.equal(practice.cursor(), 3);
});

test("an archive that cannot be stored leaves the cursor, and the next run stores it alone", async (t) => {
  const practice = await startPractice(t);
  const [first, second] = [await practice.scan(), await practice.scan()];
  const folder = dirname(practice.file(first.orderId));
  mkdirSync(dirname(folder), { recursive: true });
  writeFileSync(folder, "where a folder should be");
  assert.equal(await practice.run(), 500);
  const both = [first, second].map(({ orderId }) => ["scan.failed", orderId]);
  assert.deepEqual(await practice.logged(2), both);
  assert.equal(practice.cursor(), 0);

  rmSync(folder);
  await practice.sandbox.control("fault", { endpoint: `order/${first.orderId}/`, truncateAfterBytes: 1_000 });
  assert.equal(await practice.run(), 500);
  assert.deepEqual(await practice.logged(2), [
    ["scan.failed", first.orderId],
    ["scan.stored", second.orderId],
  ]);
  assert.ok(!existsSync(practice.file(first.orderId)), "half an archive is none");
  assert.equal(practice.cursor(), 0);

  const { version } = whole(practice.file(second.orderId));
  assert.equal(await practice.run(), 200);
  assert.deepEqual(await practice.logged(1), [["scan.stored", first.orderId]]);
  whole(practice.file(first.orderId));
  assert.equal(whole(practice.file(second.orderId)).version, version);
  assert.equal(practice.cursor(), 2);
});

test("a run that is killed is taken up by the next process where it ended", async (t) => {
  const asked = new EventEmitter();
  let hung;
  const practice = await startPractice(t, (baseUrl) =>
    startProxy(t, baseUrl, async (url, answer, outgoing) => {
      if (hung && url.includes(hung)) return asked.emit("hung");
      await passOn(await answer(), outgoing);
    }),
  );
  const [first, second] = [await practice.scan(), await practice.scan()];
  hung = `/order/${second.orderId}`;
  const hangs = once(asked, "hung");
  const run = practice.run().catch(() => "killed");
  assert.deepEqual(await practice.logged(1), [["scan.stored", first.orderId]]);
  await hangs;
  await practice.stop();
  assert.equal(await run, "killed");
  assert.equal(practice.cursor(), 0);

  hung = undefined;
  await practice.start();
  assert.equal(await practice.run(), 200);
  assert.deepEqual(await practice.logged(1), [["scan.stored", second.orderId]]);
  assert.equal(practice.cursor(), 2);
});

test("an archive that the API refuses for days holds the cursor no longer", async (t) => {
  const practice = await startPractice(t);
  const { orderId } = await practice.scan();
  await practice.sandbox.control("fault", { endpoint: `order/${orderId}/`, status: 400, times: 2 });
  assert.equal(await practice.run(), 500);
  assert.deepEqual(await practice.logged(1), [["scan.failed", orderId]]);
  assert.equal(practice.cursor(), 0);
  await practice.stop();

  await practice.start({ GIVE_UP_DAYS: "0" });
  assert.equal(await practice.run(), 200);
  assert.deepEqual(await practice.logged(1), [["scan.given-up", orderId]]);
  assert.equal(practice.cursor(), 1);
});

test("archives whose length the API does not say are stored whole as well", async (t) => {
  // One comes in chunks, the next compressed although nobody asked for that.
  const encodings = [{}, { "content-encoding": "gzip" }];
  const practice = await startPractice(t, (baseUrl) =>
    startProxy(t, baseUrl, async (url, answer, outgoing) => {
      const response = await answer();
      await passOn(response, outgoing, response.ok && url.includes("/order/") ? encodings.shift() : {});
    }),
  );
  const scans = [await practice.scan(), await practice.scan()];
  assert.equal(await practice.run(), 200);
  for (const { orderId } of scans) whole(practice.file(orderId));
  assert.deepEqual(encodings, []);
});

test("npm start shows three archives being stored, and ends", { timeout: 60_000 }, async (t) => {
  const folder = temporaryFolder(t);
  const start = join(ROOT, "examples/worker/start.mjs");
  const { stdout } = await promisify(execFile)(process.execPath, [start], { cwd: folder, timeout: 50_000 });
  assert.match(stdout, /\n3 archives stored in practice\/bucket\.\n$/);
  const names = readdirSync(join(folder, "practice/bucket/scans"), { recursive: true });
  assert.equal(names.filter((name) => name.endsWith(".zip")).length, 3);
});
