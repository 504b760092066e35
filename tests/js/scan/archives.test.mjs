// Archives: what is read, what is refused as what, and that nothing depends on how the bytes are cut.
import assert from "node:assert/strict";
import { openScan } from "itero-dpms/scan";
import {
  BAD_FILES,
  BROKEN,
  SOLID,
  asciiStl,
  binaryStl,
  ply,
  surface,
  withBadFile,
  zip,
} from "../support/awkward-scans.mjs";
import { collect, rejection, test } from "../support/test.mjs";
import { outcomeOf, streamOf } from "./support.mjs";

const good = { name: "a.stl", data: binaryStl(SOLID) };

for (const [name, [kind, entry]] of Object.entries(BAD_FILES)) {
  test(`a file that ${name} is ${kind}, before and behind one that is read`, async () => {
    for (const isFirst of [true, false]) {
      const scan = openScan(withBadFile(entry, isFirst));
      const meshes = await collect(scan);
      const files = await scan.files();
      const bad = files.find(({ path }) => /^[xy]\./.test(path));
      assert.equal(bad?.error?.kind, kind);
      assert.equal(bad.error.file, bad.path);
      // Nobody knows which of two files with the same bytes is meant.
      if (name === "has the bytes of another") assert.deepEqual(meshes, []);
      else {
        assert.deepEqual(meshes.map(({ file }) => file), files.filter(({ error }) => error === null)); // prettier-ignore
        assert.equal(meshes.length, 1);
        assert.equal(meshes[0].index.length, 12);
      }
      scan.close();
    }
  });
}

for (const [name, [kind, bytes]] of Object.entries(BROKEN)) {
  test(`an archive that ${name} is ${kind}, and can still be saved`, async () => {
    const scan = openScan(bytes);
    const errors = [await rejection(scan.files()), await rejection(scan.manifest()), await rejection(collect(scan))];
    for (const error of errors) {
      assert.equal(error.name, "ScanError");
      assert.equal(error.kind, kind);
      assert.equal(error.file, null);
      assert.equal(error.retryable, kind === "truncated");
    }
    assert.deepEqual(Buffer.from(await (await scan.zip()).arrayBuffer()), bytes);
    assert.equal((await rejection(scan.read("a"))).kind, kind);
    scan.close();
  });
}

test("the outcome is the same however the bytes are cut", async () => {
  const archives = [
    zip([
      { name: "1_shell_occlusion_u.stl", data: binaryStl(surface(9)), descriptor: true },
      { name: "1_shell_occlusion_u.ply", data: ply(surface(9)) },
      { name: "1_shell_occlusion_l.stl", data: asciiStl(surface(5)), method: "stored" },
      { name: "b.jpg", data: Buffer.from("\xff\xd8\xff\xe0", "latin1"), method: "stored", descriptor: true },
    ]),
    ...Object.values(BAD_FILES)
      .map(([, entry]) => withBadFile(entry))
      .filter(({ length }) => length < 10_000),
    ...Object.values(BROKEN).map(([, bytes]) => bytes),
  ];
  for (const bytes of archives) {
    const whole = await outcomeOf(openScan(bytes, { meshes: "all" }));
    for (const piece of [1, 7, 64, 1000]) {
      const cut = openScan(streamOf(bytes, { piece }), { meshes: "all" });
      assert.deepEqual(await outcomeOf(cut), whole, `in pieces of ${piece}`);
    }
  }
});

test("a prefix, a comment and bytes behind are no part of the archive", async () => {
  const bytes = zip([good], {
    prefix: Buffer.alloc(3_000_000, "#!"),
    comment: "comment",
    trailing: Buffer.from("\n\n"),
  });
  const scan = openScan(bytes);
  assert.equal((await collect(scan)).length, 1);
  assert.equal((await scan.read("a.stl")).size, good.data.length);
  scan.close();
});

test("a directory of two million files costs no more than its bytes, and a header of four billion triangles neither", async () => {
  assert.equal((await rejection(openScan(zip([good], { count: 65_535 })).files())).kind, "corrupt");
  const claims = { name: "a.stl", data: binaryStl(SOLID, { count: 0xfffffffe }) };
  const [mesh] = await collect(openScan(zip([claims])));
  assert.equal(mesh.index.length, 12);
  assert.deepEqual(mesh.warnings, [{ code: "count-mismatch", count: 1 }]);
});

for (const [limit, entries, isArchive] of [
  [{ entries: 1 }, [good, { ...good, name: "b.stl" }], true],
  [{ fileBytes: 200 }, [good], false],
  [{ totalBytes: 600 }, [good, { ...good, name: "b.stl" }, { ...good, name: "c.stl" }], true],
  [{ triangles: 3 }, [good], false],
]) {
  test(`limits.${Object.keys(limit)[0]} ends ${isArchive ? "the archive" : "the file"} as too-large`, async () => {
    const scan = openScan(zip(entries), { limits: limit });
    if (isArchive) assert.equal((await rejection(scan.files())).kind, "too-large");
    else assert.equal((await scan.files())[0].error.kind, "too-large");
    scan.close();
  });
}

test("a download longer than limits.totalBytes ends, even if nothing is to be had of it", async () => {
  let isCancelled = false;
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(100_000)),
    cancel: () => void (isCancelled = true),
  });
  const scan = openScan(endless, { limits: { totalBytes: 50_000_000 } });
  assert.equal((await rejection(scan.zip())).kind, "too-large");
  assert.ok(isCancelled);
});

test("of an arch that comes as STL and PLY the best is given: the PLY, unless that is bad", async () => {
  const u = "1_shell_occlusion_u";
  const stl = { name: `${u}.stl`, data: binaryStl(SOLID) };
  const colored = { name: `${u}.PLY`, data: ply(SOLID) };
  const broken = { ...colored, local: { crc: 1 }, central: { crc: 1 } };
  const paths = async (entries, meshes) =>
    (await collect(openScan(zip(entries), { meshes }))).map(({ file }) => file.path);
  assert.deepEqual(await paths([stl, colored]), [colored.name]);
  assert.deepEqual(await paths([colored, stl], "best"), [colored.name]);
  assert.deepEqual(await paths([stl, broken], "best"), [stl.name]);
  assert.deepEqual(await paths([stl, colored], "all"), [stl.name, colored.name]);
  assert.deepEqual(await paths([stl, colored], "none"), []);
});

test("names are shown as they are and paths lead nowhere but down; of two of a name both are there, and read finds the last", async () => {
  const text = (data) => ({ data: Buffer.from(data) });
  const scan = openScan(
    zip([
      { name: "../../etc/passwd", ...text("1") },
      { name: "C:\\scans\\ä.stl", data: binaryStl(SOLID) },
      { name: Buffer.from([0x81, 0x2e, 0x74, 0x78, 0x74]), utf8: false, ...text("2") },
      { name: "twice", ...text("first") },
      { name: "twice", ...text("second") },
      { name: "folder/", ...text("") },
      { name: "__MACOSX/._a.stl", ...text("4") },
    ]),
  );
  const files = await scan.files();
  assert.deepEqual(
    files.map(({ name, path, kind }) => [name, path, kind]),
    [
      ["../../etc/passwd", "etc/passwd", "other"],
      ["C:\\scans\\ä.stl", "scans/ä.stl", "mesh"],
      ["ü.txt", "ü.txt", "document"],
      ["twice", "twice", "other"],
      ["twice", "twice", "other"],
      ["__MACOSX/._a.stl", "__MACOSX/._a.stl", "other"],
    ],
  );
  const content = async (file) => (await scan.read(file)).text();
  assert.equal(await content("twice"), "second");
  assert.equal(await content(files[3]), "first");
  assert.equal(await content("etc/passwd"), "1");
  assert.equal(files[0].modified, "2025-01-02T03:04:06");
  scan.close();
});

test("no error says how a file or a patient is called, and consoles do not print it", async () => {
  const { inspect } = await import("node:util");
  const name = "Zoe Patient_u.stl";
  for (const [, entry] of Object.values(BAD_FILES)) {
    const scan = openScan(zip([{ ...good }, { ...entry, name, centralName: entry.centralName ?? name }]));
    const { error } = (await scan.files())[1];
    assert.ok(error);
    assert.doesNotMatch(inspect(error) + String(error) + JSON.stringify(error), /Patient/);
    scan.close();
  }
});

test("the content of a file has a type by its first bytes, and none that a browser would run", async () => {
  const contents = {
    "a.bin": ["\xff\xd8\xff\xe0", "image/jpeg"],
    "b.bin": ["\x89PNG\r\n\x1a\n", "image/png"],
    "c.bin": ["%PDF-1.7", "application/pdf"],
    "d.jpg": ["<svg onload=alert(1)>", "text/plain"],
    "e.xml": ["\xef\xbb\xbf <?xml version='1.0'?>", "text/plain"],
    "f.html": ["plain", "application/octet-stream"],
    "g.txt": ["", "application/octet-stream"],
  };
  const entries = Object.entries(contents).map(([name, [text]]) => ({ name, data: Buffer.from(text, "latin1") }));
  const scan = openScan(zip(entries));
  for (const [name, [text, type]] of Object.entries(contents)) {
    const blob = await scan.read(name);
    assert.equal(blob.type, type, name);
    assert.equal(Buffer.from(await blob.arrayBuffer()).toString("latin1"), text);
  }
  scan.close();
});

test("what is no mesh can be read as a file; what is corrupt, missing or not kept cannot", async () => {
  const page = { name: "page.stl", data: Buffer.from("<p>") };
  const corrupt = { ...good, name: "bad.stl", local: { crc: 1 }, central: { crc: 1 } };
  const bytes = zip([good, page, corrupt]);
  const scan = openScan(bytes);
  assert.equal(await (await scan.read("page.stl")).text(), "<p>");
  const error = await rejection(scan.read("bad.stl"));
  assert.deepEqual([error.kind, error.file], ["corrupt", "bad.stl"]);
  assert.equal((await rejection(scan.read("nothing"))).name, "TypeError");
  scan.close();
  const unkept = openScan(bytes, { keep: false });
  assert.equal((await collect(unkept)).length, 1);
  for (const call of [unkept.zip(), unkept.read("a.stl")]) assert.equal((await rejection(call)).name, "TypeError");
});

test("roles come from the manifest of the highest version that is whole, or else from names; who the patient is does not come", async () => {
  const manifest = (upper) =>
    Buffer.from(`<?xml version="1.0"?><iTeroExport><RxInfo><Patient><LastName>Zoe</LastName></Patient></RxInfo><ExportedObjects>
      <Object ObjectType="Surface" SubType="${upper}" JawId="Upper" FileName="a.stl"/></ExportedObjects></iTeroExport>`);
  const file = (version, upper, odd) => ({ name: `itero_export_#1_v${version}.xml`, data: manifest(upper), ...odd });
  const [first, tenth] = [file(2, "Jaw"), file(10, "PreTreatment_Jaw")];
  const named = { name: "1_shell_teethup_l.stl", data: binaryStl(SOLID) };
  const opened = async (...manifests) => {
    const scan = openScan(zip([...manifests, good, named]));
    const roles = (await collect(scan)).map(({ role }) => role);
    return { roles, manifest: await scan.manifest() };
  };
  const { roles, manifest: read } = await opened(tenth, first);
  assert.deepEqual(roles, ["pretreatment-upper", "lower"]);
  assert.deepEqual(read, {
    version: 10,
    arrangement: null,
    objects: [{ name: "a.stl", kind: "surface", role: "pretreatment-upper", tooth: null }],
    transforms: [],
  });
  const corrupt = file(11, "PreTreatment_Jaw", { local: { crc: 1 }, central: { crc: 1 } });
  const other = { ...file(12, ""), data: Buffer.from("<svg/>") };
  assert.deepEqual((await opened(first, corrupt, other)).roles, ["upper", "lower"]);
  assert.deepEqual(await opened(), { roles: [null, "lower"], manifest: null });
});
