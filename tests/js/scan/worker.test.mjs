// Where a scan is read: in a worker that starts, does not start, dies or hangs, or in the caller's thread. The workers here are
// played; tests/js/runtimes has those of browsers.
import assert from "node:assert/strict";
import { openScan, readMesh } from "itero-dpms/scan";
import { Engine } from "../../../pkg/lib/scan/engine.js";
import { SOLID, binaryStl, surface, zip } from "../support/awkward-scans.mjs";
import { collect, rejection, test } from "../support/test.mjs";
import { streamOf } from "./support.mjs";

const archive = zip([{ name: "a.stl", data: binaryStl(SOLID) }]);
const LARGE = zip([{ name: "a.stl", data: binaryStl(surface(300)), method: "stored" }]);

/** Binary STL of four million triangles, from few. */
function hugeStl() {
  const body = binaryStl(surface(100)).subarray(84);
  const head = Buffer.alloc(84);
  head.writeUInt32LE(200 * 20_000, 80);
  return Buffer.concat([head, ...Array.from({ length: 200 }, () => body)]);
}

/** A worker with the package's engine in it, and of what passed. */
class PlayedWorker extends EventTarget {
  requests = [];
  terminated = 0;
  /** Reports that are held back while this says so. */
  held = [];
  holds = () => false;
  #engine = new Engine((report, transfer) => {
    const data = structuredClone(report, { transfer });
    if (this.holds(data)) this.held.push(data);
    else this.#tell(data);
  });

  postMessage(request, transfer = []) {
    const data = structuredClone(request, { transfer });
    this.requests.push({ type: data.type, bytes: data.bytes?.length ?? 0, transferred: transfer.length });
    setImmediate(() => this.terminated === 0 && this.#engine.handle(data));
  }

  terminate() {
    this.terminated += 1;
    this.#engine.close();
  }

  release() {
    this.holds = () => false;
    for (const data of this.held.splice(0)) this.#tell(data);
  }

  die() {
    this.dispatchEvent(new Event("error", { cancelable: true }));
  }

  #tell(data) {
    setImmediate(() => this.dispatchEvent(new MessageEvent("message", { data })));
  }
}

/** A worker that does nothing but this. */
function deadWorker(start) {
  const worker = new EventTarget();
  worker.terminated = 0;
  worker.terminate = () => void (worker.terminated += 1);
  worker.postMessage = () => start(worker);
  return worker;
}

test("a worker reads the scan: pieces are transferred in, and closing ends it", async () => {
  const worker = new PlayedWorker();
  const scan = openScan(new Response(streamOf(LARGE, { piece: 200_000 })), { worker: () => worker });
  const [mesh] = await collect(scan);
  assert.equal(mesh.index.length / 3, 180_000);
  assert.equal((await scan.read("a.stl")).size, binaryStl(surface(300)).length);
  const chunks = worker.requests.filter(({ type }) => type === "chunk");
  assert.ok(chunks.length > 10 && chunks.every(({ transferred }) => transferred === 1));
  assert.equal(worker.terminated, 0);
  scan.close();
  assert.equal(worker.terminated, 1);
});

test("readMesh, and a scan of which nothing is kept, end their worker by themselves", async () => {
  const worker = new PlayedWorker();
  assert.equal((await readMesh(binaryStl(SOLID), { worker: () => worker })).index.length, 12);
  assert.equal(worker.terminated, 1);
  const other = new PlayedWorker();
  assert.equal((await collect(openScan(archive, { worker: () => other, keep: false }))).length, 1);
  await new Promise(setImmediate);
  assert.equal(other.terminated, 1);
});

test("each scan has a worker of its own", async () => {
  const workers = [];
  const worker = () => (workers[workers.length] = new PlayedWorker());
  const scans = [openScan(archive, { worker }), openScan(archive, { worker })];
  for (const scan of scans) assert.equal((await collect(scan)).length, 1);
  assert.equal(workers.length, 2);
  for (const scan of scans) scan.close();
});

test("a worker that does not keep up slows the download: at most 4 MiB are on their way to it", async () => {
  const worker = new PlayedWorker();
  worker.holds = ({ type }) => type === "read";
  const watch = { read: 0, cancelled: undefined };
  const scan = openScan(streamOf(LARGE, { watch }), { worker: () => worker });
  const meshes = collect(scan);
  let before = -1;
  while (watch.read === 0 || before !== watch.read) {
    before = watch.read;
    await new Promise((done) => setTimeout(done, 20));
  }
  assert.ok(watch.read > 2 ** 21 && watch.read <= 2 ** 22, `${watch.read} bytes were read`);
  worker.release();
  assert.equal((await meshes)[0].index.length / 3, 180_000);
  scan.close();
});

for (const [name, worker] of Object.entries({
  "throws when it is made": () => {
    throw new DOMException("another origin", "SecurityError");
  },
  "fails to load": () => deadWorker((worker) => worker.dispatchEvent(new Event("error"))),
  "cannot read its first message": () => deadWorker((worker) => worker.dispatchEvent(new Event("messageerror"))),
  "says that it cannot": () =>
    deadWorker((worker) => worker.dispatchEvent(new MessageEvent("message", { data: { type: "unready" } }))),
  "is another program": () =>
    deadWorker((worker) => worker.dispatchEvent(new MessageEvent("message", { data: "hello" }))),
  "takes no module": () =>
    deadWorker(() => {
      throw new DOMException("a module", "DataCloneError");
    }),
  "is no worker": () => ({}),
  "is nothing": () => null,
})) {
  test(`a worker of the caller's that ${name} is an error, and no byte of the source is taken`, async () => {
    const watch = { read: 0, cancelled: undefined };
    let made;
    const scan = openScan(streamOf(archive, { watch }), { worker: () => (made = worker()) });
    for (const call of [scan.files(), scan.manifest(), scan.zip(), scan.read("a"), collect(scan)]) {
      const error = await rejection(call);
      assert.deepEqual([error.name, error.kind, error.retryable], ["ScanError", "worker", true]);
    }
    assert.equal(watch.read, 0);
    assert.equal(watch.cancelled.kind, "worker");
    if (typeof made?.terminate === "function") assert.equal(made.terminated, 1);
  });
}

test("a worker that says nothing is given up after 15 seconds", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const worker = deadWorker(() => {});
  const files = openScan(archive, { worker: () => worker }).files();
  files.catch(() => {});
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  t.mock.timers.tick(14_999);
  assert.equal(worker.terminated, 0);
  t.mock.timers.tick(1);
  t.mock.timers.reset();
  assert.equal((await rejection(files)).kind, "worker");
  assert.equal(worker.terminated, 1);
});

test("an abort while a worker starts ends it and rejects with the signal's own reason", async () => {
  const worker = deadWorker(() => {});
  const controller = new AbortController();
  const files = openScan(archive, { worker: () => worker, signal: controller.signal }).files();
  files.catch(() => {});
  await new Promise((done) => setTimeout(done, 10));
  controller.abort("enough");
  assert.equal(await rejection(files), "enough");
  assert.equal(worker.terminated, 1);
});

test("a worker that dies rejects what waits, once the scan was under way", async () => {
  const worker = new PlayedWorker();
  worker.holds = ({ type }) => type === "read";
  const watch = { read: 0, cancelled: undefined };
  const scan = openScan(streamOf(LARGE, { watch }), { worker: () => worker });
  const waiting = [scan.files(), collect(scan), scan.zip()];
  while (watch.read === 0) await new Promise(setImmediate);
  worker.die();
  for (const call of waiting) assert.equal((await rejection(call)).kind, "worker");
  assert.equal(watch.cancelled.kind, "worker");
  assert.equal(worker.terminated, 1);
});

test("with worker: false it is read in this thread, which others get turns of", async () => {
  let turns = 0;
  const timer = setInterval(() => (turns += 1));
  const scan = openScan(zip([{ name: "a.stl", data: hugeStl(), method: "stored" }]), { worker: false });
  assert.equal((await collect(scan))[0].index.length / 3, 4_000_000);
  clearInterval(timer);
  assert.ok(turns > 0);
  scan.close();
});

test("a trap ends the scans of its instance as worker errors, and the next scan gets another one", async (t) => {
  const { ArchiveReader } = await import("../../../pkg/wasm/scan/itero_dpms.js");
  const { feed } = ArchiveReader.prototype;
  let calls = 0;
  t.mock.method(ArchiveReader.prototype, "feed", function (bytes) {
    calls += 1;
    if (calls === 3) throw new WebAssembly.RuntimeError("unreachable");
    return feed.call(this, bytes);
  });
  const scans = [openScan(streamOf(LARGE)), openScan(streamOf(LARGE))];
  const kinds = await Promise.all(scans.map(async (scan) => (await rejection(collect(scan))).kind));
  assert.deepEqual(kinds, ["worker", "worker"]);
  for (const scan of scans) scan.close();
  const scan = openScan(LARGE);
  assert.equal((await collect(scan))[0].index.length / 3, 180_000);
  scan.close();
});

test("an instance that has grown is given back when no scan needs it", async () => {
  const { initSync } = await import("../../../pkg/wasm/scan/itero_dpms.js");
  const memory = () => initSync(undefined).memory.buffer.byteLength;
  const first = openScan(archive);
  await collect(first);
  await readMesh(hugeStl());
  assert.ok(memory() > 2 ** 26, "the other scan still needs it");
  assert.equal((await first.read("a.stl")).size, 284);
  first.close();
  assert.ok(memory() < 2 ** 24, `${memory()} bytes`);
});

test("the memory of the module is half the unzipped bytes at most", async () => {
  const { initSync } = await import("../../../pkg/wasm/scan/itero_dpms.js");
  const memory = () => initSync(undefined).memory.buffer.byteLength;
  const data = binaryStl(surface(450));
  await readMesh(hugeStl()); // leaves a fresh instance behind
  const scan = openScan(zip(["a.stl", "b.stl", "c.stl"].map((name) => ({ name, data, method: "stored" }))));
  assert.equal((await collect(scan)).length, 3);
  assert.ok(memory() <= 1.5 * data.length, `${memory()} bytes for ${3 * data.length}`);
  scan.close();
});

test("where there is no simd128, a scan is unsupported", async (t) => {
  t.mock.method(WebAssembly, "validate", () => false);
  const { openScan } = await import("../../../pkg/lib/scan/node.js?another");
  const error = await rejection(openScan(archive).files());
  assert.deepEqual([error.kind, error.retryable], ["unsupported", false]);
});
