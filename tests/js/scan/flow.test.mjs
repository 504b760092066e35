// How a scan travels: every kind of source, aborts, progress, previews, limits on memory, options.
import assert from "node:assert/strict";
import { isScanError, load, openScan, readMesh } from "itero-dpms/scan";
import { BROKEN, ODD_MESHES, SOLID, binaryStl, ply, surface, zip } from "../support/awkward-scans.mjs";
import { collect, deferred, rejection, test } from "../support/test.mjs";
import { streamOf } from "./support.mjs";

const good = { name: "1_shell_teethup_u.stl", data: binaryStl(SOLID) };
const archive = zip([good]);
/** Two megabytes that do not compress. */
const LARGE = zip([{ name: "1_shell_occlusion_u.stl", data: binaryStl(surface(140)), method: "stored" }]);

const SOURCES = {
  Response: (bytes) => new Response(bytes),
  "Response of a stream": (bytes) => new Response(streamOf(bytes)),
  Blob: (bytes) => new Blob([bytes]),
  File: (bytes) => new File([bytes], "x"),
  ReadableStream: (bytes) => streamOf(bytes),
  "ReadableStream of bytes": (bytes) => new Blob([bytes]).stream(),
  Buffer: (bytes) => bytes,
  Uint8Array: (bytes) => new Uint8Array(bytes),
  "part of an ArrayBuffer": (bytes) => new Uint8Array([9, ...bytes, 9]).subarray(1, -1),
  ArrayBuffer: (bytes) => new Uint8Array(bytes).buffer,
  SharedArrayBuffer: (bytes) => {
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    return shared.buffer;
  },
  "one of another realm": (bytes) => structuredClone(new Uint8Array(bytes)),
};

for (const [name, source] of Object.entries(SOURCES)) {
  test(`a ${name} is read, and memory of the caller is left to it`, async () => {
    const given = source(archive);
    const scan = openScan(given);
    const [mesh] = await collect(scan);
    assert.equal(mesh.index.length, 12);
    assert.equal((await scan.zip()).size, archive.length);
    assert.equal((await readMesh(source(good.data))).index.length, 12);
    if (ArrayBuffer.isView(given)) assert.ok(given.length > 0);
    scan.close();
  });
}

test("what is kept stays as it was read, if its source changes", async () => {
  const given = new Uint8Array(LARGE);
  let isRead = false;
  const onProgress = ({ receivedBytes }) => {
    if (!isRead) given.fill(0, 0, receivedBytes);
    isRead = true;
  };
  const scan = openScan(given, { onProgress });
  assert.equal((await collect(scan)).length, 1);
  assert.ok(isRead && given[0] === 0);
  assert.ok(LARGE.equals(new Uint8Array(await (await scan.zip()).arrayBuffer())));
  scan.close();
});

test("what is no source rejects what is awaited, with a TypeError, and throws nothing", async () => {
  const used = new Response("x");
  await used.text();
  const locked = new ReadableStream();
  locked.getReader();
  for (const source of [null, undefined, "zip", 7, {}, [], used, locked]) {
    const scan = openScan(source);
    for (const call of [scan.files(), scan.manifest(), scan.zip(), scan.read("x"), collect(scan), readMesh(source)]) {
      assert.equal((await rejection(call)).name, "TypeError");
    }
    scan.close();
  }
  const words = new ReadableStream({ start: (controller) => controller.enqueue("text") });
  assert.equal((await rejection(openScan(words).files())).name, "TypeError");
});

test("what is no option rejects what is awaited, with a TypeError that names it", async () => {
  for (const [options, name] of [
    [7, "options"],
    [{ signal: {} }, "signal"],
    [{ onProgress: 1 }, "onProgress"],
    [{ meshes: "some" }, "meshes"],
    [{ keep: 1 }, "keep"],
    [{ worker: true }, "worker"],
    [{ preview: true }, "preview"],
    [{ preview: { triangles: 0 } }, "preview.triangles"],
    [{ limits: { fileBytes: 1.5 } }, "limits.fileBytes"],
    [{ limits: { entries: "9" } }, "limits.entries"],
  ]) {
    const error = await rejection(openScan(archive, options).files());
    assert.equal(error.name, "TypeError");
    assert.ok(error.message.includes(`${name} must be`), error.message);
  }
  const thrown = new Error("a getter");
  const options = {
    get signal() {
      throw thrown;
    },
  };
  assert.equal(await rejection(openScan(archive, options).files()), thrown);
  assert.equal(await rejection(readMesh(archive, options)), thrown);
  const nothing = {
    signal: null,
    onProgress: null,
    meshes: null,
    preview: null,
    keep: null,
    limits: null,
    worker: null,
  };
  assert.equal((await collect(openScan(archive, nothing))).length, 1);
});

test("a download that fails rejects with its own error", async () => {
  const failure = new Error("the connection was lost");
  for (const bytes of [archive.subarray(0, 0), archive.subarray(0, 100), archive]) {
    const scan = openScan(streamOf(bytes, { endsIn: failure }));
    for (const call of [scan.files(), scan.manifest(), scan.zip(), scan.read("x"), collect(scan)]) {
      assert.equal(await rejection(call), failure);
    }
    assert.equal(await rejection(readMesh(streamOf(bytes, { endsIn: failure }))), failure);
  }
});

test("an abort at any moment rejects with the signal's own reason and ends the download", async () => {
  const reason = new Error("the signal's own reason");
  for (const chunks of [0, 1, 2, 5]) {
    const controller = new AbortController();
    const watch = { read: 0, cancelled: undefined };
    const source = streamOf(LARGE, { piece: 10_000, watch });
    const scan = openScan(source, { signal: controller.signal });
    const waiting = [scan.files(), scan.manifest(), scan.zip(), scan.read("x"), collect(scan)];
    while (watch.read < chunks * 10_000) await new Promise(setImmediate);
    controller.abort(reason);
    for (const call of waiting) assert.equal(await rejection(call), reason);
    for (const call of [scan.files(), scan.zip(), scan.read("x"), collect(scan)]) {
      assert.equal(await rejection(call), reason);
    }
    assert.equal(watch.cancelled, reason);
    const read = watch.read;
    await new Promise((done) => setTimeout(done, 20));
    assert.equal(watch.read, read);
  }
  const watch = { read: 0, cancelled: undefined };
  const aborted = AbortSignal.abort(reason);
  assert.equal(await rejection(openScan(streamOf(archive, { watch }), { signal: aborted }).files()), reason);
  assert.deepEqual([watch.read, watch.cancelled], [0, reason]);
  assert.equal(await rejection(readMesh(streamOf(good.data), { signal: aborted })), reason);
});

test("an abort after the last byte ends what is left to do, and leaves alone what was given", async () => {
  const controller = new AbortController();
  const scan = openScan(archive, { signal: controller.signal });
  const files = await scan.files();
  const blob = await scan.zip();
  controller.abort("later");
  assert.equal(await scan.files(), files);
  assert.equal(await scan.zip(), blob);
  assert.equal(await rejection(scan.read(files[0])), "later");
});

test("one call of read can be aborted alone", async () => {
  const scan = openScan(archive);
  const controller = new AbortController();
  const read = scan.read(good.name, { signal: controller.signal });
  controller.abort("enough");
  assert.equal(await rejection(read), "enough");
  assert.equal(await rejection(scan.read(good.name, { signal: AbortSignal.abort("before") })), "before");
  assert.equal((await scan.read(good.name, { signal: new AbortController().signal })).size, good.data.length);
  scan.close();
});

test("close ends the download, rejects what waits with an AbortError, and can be called again", async () => {
  const watch = { read: 0, cancelled: undefined };
  const scan = openScan(streamOf(LARGE, { piece: 1_000, watch }));
  const waiting = [scan.files(), collect(scan)];
  while (watch.read === 0) await new Promise(setImmediate);
  scan.close();
  scan.close();
  for (const call of [...waiting, scan.zip(), scan.read("x")]) assert.equal((await rejection(call)).name, "AbortError");
  assert.equal(watch.cancelled.name, "AbortError");
  const { dispose } = Symbol;
  if (dispose !== undefined) assert.equal(typeof scan[dispose], "function");
});

test("a caller that waits for nothing gets no unhandled rejection", async () => {
  for (const [, bytes] of Object.values(BROKEN)) openScan(bytes);
  openScan(7);
  openScan(archive, { signal: AbortSignal.abort() });
  openScan(archive).close();
  await new Promise((done) => setTimeout(done, 50)); // node:test fails for unhandled rejections
});

test("progress is reported at once, then once in 50 ms, and to its end", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const seen = [];
  const scan = openScan(new Blob([LARGE]), { onProgress: (progress) => seen.push(progress) });
  await scan.files();
  assert.equal(seen.length, 1, "no time has passed");
  t.mock.timers.tick(49);
  assert.equal(seen.length, 1);
  t.mock.timers.tick(1);
  assert.equal(seen.length, 2);
  t.mock.timers.tick(500);
  assert.equal(seen.length, 2, "nothing is new");
  const { receivedBytes, totalBytes, file, triangles } = seen[1];
  assert.deepEqual([receivedBytes, totalBytes, file, triangles], [LARGE.length, LARGE.length, null, 2 * 140 * 140]);
  assert.equal(seen[0].file, "1_shell_occlusion_u.stl");
  scan.close();
});

test("what onProgress throws or rejects with ends the scan", async () => {
  const thrown = new Error("a callback's");
  for (const onProgress of [
    () => Promise.reject(thrown),
    () => {
      throw thrown;
    },
  ]) {
    // prettier-ignore
    const watch = { read: 0, cancelled: undefined };
    const scan = openScan(streamOf(LARGE, { watch }), { onProgress });
    assert.equal(await rejection(scan.files()), thrown);
    assert.equal(watch.cancelled, thrown);
    assert.equal(await rejection(readMesh(good.data, { onProgress })), thrown);
  }
});

test("totalBytes is what the headers say, unless the bytes are compressed", async () => {
  const total = async (headers) => {
    let seen;
    const source = new Response(archive, { headers });
    await openScan(source, { onProgress: ({ totalBytes }) => (seen = totalBytes) }).files();
    return seen;
  };
  assert.equal(await total({}), null);
  assert.equal(await total({ "Content-Length": `${archive.length}` }), archive.length);
  assert.equal(await total({ "Content-Length": "9", "Content-Encoding": "gzip" }), null);
  assert.equal(await total({ "Content-Length": "many" }), null);
});

test("a growing mesh comes while the file does, is simplified, and gives way to the complete one", async () => {
  const release = deferred();
  const head = LARGE.subarray(0, 1_500_000);
  const source = new ReadableStream({
    async start(controller) {
      controller.enqueue(head);
      await release.promise;
      controller.enqueue(LARGE.subarray(head.length));
      controller.close();
    },
  });
  const scan = openScan(source, { preview: { triangles: 2_000, everyMs: 1 } });
  const iterator = scan[Symbol.asyncIterator]();
  const { value: growing } = await iterator.next();
  assert.equal(growing.complete, false);
  assert.ok(growing.index.length / 3 <= 2_000 && growing.index.length > 0);
  assert.deepEqual(
    [growing.file.path, growing.role, growing.arrangement],
    ["1_shell_occlusion_u.stl", "upper", "occlusion"],
  );
  release.resolve();
  const rest = [];
  for await (const mesh of { [Symbol.asyncIterator]: () => iterator }) rest.push(mesh);
  const complete = rest.at(-1);
  assert.equal(complete.complete, true);
  assert.equal(complete.index.length / 3, 2 * 140 * 140);
  assert.equal(complete.file, (await scan.files())[0]);
  scan.close();
});

test("a consumer that takes no growing meshes has one of them waiting at most, and is given every complete one", async () => {
  const files = ["u", "l"].map((jaw) => ({ name: `1_shell_occlusion_${jaw}.stl`, data: binaryStl(surface(100)) }));
  const scan = openScan(streamOf(zip(files), { piece: 5_000 }), { preview: { triangles: 500, everyMs: 1 } });
  await scan.files();
  const meshes = await collect(scan);
  assert.ok(meshes.filter(({ complete }) => !complete).length <= 1);
  assert.equal(meshes.filter(({ complete }) => complete).length, 2);
  scan.close();
});

test("without anyone iterating, the files and the zip come all the same", async () => {
  const scan = openScan(streamOf(LARGE));
  assert.equal((await scan.files()).length, 1);
  assert.equal((await scan.zip()).size, LARGE.length);
  scan.close();
});

test("a loop that is left early leaves the rest of the scan as it is", async () => {
  const scan = openScan(zip([good, { ...good, name: "b.stl" }]));
  for await (const mesh of scan) {
    assert.equal(mesh.file.path, good.name);
    break;
  }
  const rest = await collect(scan);
  assert.deepEqual(rest.map(({ file }) => file.path), ["b.stl"]); // prettier-ignore
  assert.equal((await scan.read("b.stl")).size, good.data.length);
  scan.close();
});

test("each array of a mesh has a buffer of its own, so that it can be transferred", async () => {
  const mesh = await readMesh(ply(surface(5)));
  const buffers = [mesh.position, mesh.normal, mesh.color, mesh.index].map(({ buffer }) => buffer);
  assert.equal(new Set(buffers).size, 4);
  const moved = structuredClone(mesh, { transfer: buffers });
  assert.equal(moved.position.length, 36 * 3);
  assert.equal(mesh.position.length, 0);
});

for (const [name, [warnings, bytes]] of Object.entries(ODD_MESHES)) {
  test(`${name} is a tetrahedron`, async () => {
    const mesh = await readMesh(bytes);
    assert.equal(mesh.index.length, 12);
    assert.equal(mesh.position.length, 12);
    assert.deepEqual(mesh.warnings.map(({ code }) => code), warnings); // prettier-ignore
    assert.deepEqual(mesh.bounds, { min: [0, 0, 0], max: [1, 1, 1] });
    assert.equal(mesh.color?.length ?? null, name.includes("PLY") ? 16 : null);
    assert.deepEqual([mesh.file, mesh.role, mesh.complete], [null, null, true]);
  });
}

test("readMesh refuses what is no mesh, what is too large and what is cut in its header", async () => {
  const kind = async (source, options) => (await rejection(readMesh(source, options))).kind;
  assert.equal(await kind(Buffer.from("<!doctype html>")), "not-a-mesh");
  assert.equal(await kind(archive), "not-a-mesh");
  assert.equal(await kind(ply(SOLID).subarray(0, 50)), "truncated");
  assert.equal(await kind(good.data, { limits: { triangles: 3 } }), "too-large");
  assert.equal(await kind(good.data, { limits: { fileBytes: 283 } }), "too-large");
});

test("isScanError knows errors of another realm, and no others", async () => {
  const { runInNewContext } = await import("node:vm");
  const error = await rejection(readMesh(Buffer.from("x")));
  assert.ok(isScanError(error) && error instanceof Error);
  assert.ok(isScanError(runInNewContext("Object.assign(new Error(), { name: 'ScanError', kind: 'corrupt' })")));
  for (const other of [null, undefined, 7, {}, new Error(), { name: "ScanError", kind: "corrupt" }]) {
    assert.equal(isScanError(other), false);
  }
});

test("load can be called beforehand, and refuses what is no module", async () => {
  await load();
  await load(null);
});
