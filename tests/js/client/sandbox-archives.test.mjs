// The sandbox's 3D archives (§4.7.4–4.7.7), unzipped: names, manifest and meshes for each export setting.
import assert from "node:assert/strict";
import { unzipSync } from "fflate";
import { rejection, test } from "../support/test.mjs";
import { openSandbox } from "../support/sandbox-practice.mjs";

/** Few enough to be drawn in no time. */
const SMALL = { triangles: 20_000 };

/** The files of an archive, the oldest order's by default, by their names with `<id>` for the order's number. */
async function archive(settings, sandbox, order) {
  const { control, get, firstOrder } = sandbox ?? (await openSandbox());
  await control.setExportSettings(settings);
  const { OrderId, PatientLastName } = order ?? (await firstOrder());
  const response = await get(`/order/${OrderId}/download/IDE`);
  assert.equal(response.status, 200);
  const files = Object.entries(unzipSync(new Uint8Array(await response.arrayBuffer())));
  return {
    files: new Map(files.map(([name, bytes]) => [name.replace(String(OrderId), "<id>"), bytes])),
    lastName: PatientLastName,
  };
}

/** The corners of each triangle in a binary STL. */
function readStl(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(80, true);
  assert.equal(bytes.byteLength, 84 + 50 * count);
  const position = new Float32Array(9 * count);
  for (let at = 0; at < position.length; at += 1)
    position[at] = view.getFloat32(84 + 50 * Math.floor(at / 9) + 12 + 4 * (at % 9), true);
  return { count, position };
}

/** Positions and colours of the vertices in one of the sandbox's PLY files. */
function readPly(bytes) {
  const header = Buffer.from(bytes.subarray(0, 1_000)).toString("latin1").split("end_header\n")[0];
  assert.match(header, /^ply\nformat binary_little_endian 1\.0\n/);
  const vertices = Number(/element vertex (\d+)/.exec(header)[1]);
  const count = Number(/element face (\d+)/.exec(header)[1]);
  const start = header.length + "end_header\n".length;
  assert.equal(bytes.byteLength, start + 15 * vertices + 13 * count);
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  const position = Float32Array.from({ length: 3 * vertices }, (_, at) =>
    view.getFloat32(15 * Math.floor(at / 3) + 4 * (at % 3), true),
  );
  const colours = new Set();
  for (let at = 0; at < vertices; at += 1) colours.add(view.getUint32(15 * at + 11, true) >>> 8);
  return { count, position, colours };
}

/** The least and the greatest coordinate along an axis. */
function extent({ position }, axis) {
  let [low, high] = [Infinity, -Infinity];
  for (let at = axis; at < position.length; at += 3) {
    low = Math.min(low, position[at]);
    high = Math.max(high, position[at]);
  }
  return { low, high, middle: (low + high) / 2 };
}

const scansOf = ({ files }) => [...files.keys()].filter((name) => name.includes("_shell_"));

test("by default an archive is one STL per arch with its teeth up, a manifest, the RX and six pictures", async () => {
  const { files, lastName } = await archive({});
  assert.deepEqual([...files.keys()].sort(), [
    "<id>_rx.pdf",
    "<id>_shell_teethup_l.stl",
    "<id>_shell_teethup_u.stl",
    "gallery_#<id>.jpg",
    "gallery_#<id>_penta_front_m.jpg",
    "gallery_#<id>_penta_left_m.jpg",
    "gallery_#<id>_penta_lower_m.jpg",
    "gallery_#<id>_penta_right_m.jpg",
    "gallery_#<id>_penta_upper_m.jpg",
    "itero_export_#<id>_v1.xml",
  ]);
  const manifest = Buffer.from(files.get("itero_export_#<id>_v1.xml")).toString("utf8");
  assert.ok(manifest.includes(`<LastName>${lastName}</LastName>`), manifest.slice(0, 1_000));
  for (const name of files.keys()) {
    if (!/\.(?:stl|jpg)$/.test(name)) continue;
    assert.ok(manifest.replace(/\d{8,}/g, "<id>").includes(`FileName="${name}"`), name);
  }
  assert.equal(manifest.match(/<Transform JawId="(?:Upper|Lower)">(?:-?[\d.]+ ){15}1<\/Transform>/g)?.length, 2);
});

for (const [settings, names] of [
  [{ arrangement: "teeth-up", fileType: "ply" }, ["teethup_u.ply", "teethup_l.ply"]],
  [
    { arrangement: "occlusion", fileType: "both" },
    ["occlusion_u.stl", "occlusion_l.stl", "occlusion_u.ply", "occlusion_l.ply"],
  ],
  [{ arrangement: "locked-occlusion" }, ["lockedocclusion_ul.stl"]],
  [{ arrangement: "locked-occlusion", fileType: "ply" }, ["lockedocclusion_ul.ply"]],
]) {
  test(`the scans of ${JSON.stringify(settings)} are ${names.join(", ")}`, async () => {
    assert.deepEqual(
      scansOf(await archive({ ...SMALL, ...settings })),
      names.map((name) => `<id>_shell_${name}`),
    );
  });
}

test("teeth up, each arch stands on an origin of its own; in occlusion the arches meet", async () => {
  const sandbox = await openSandbox();
  const arches = async (kind, arrangement) => {
    const { files } = await archive({ ...SMALL, arrangement }, sandbox);
    return ["u", "l"].map((jaw) => readStl(files.get(`<id>_shell_${kind}_${jaw}.stl`)));
  };
  for (const arch of await arches("teethup", "teeth-up")) {
    assert.ok(Math.abs(extent(arch, 2).low) < 1e-3, "on the ground");
    for (const axis of [0, 1]) assert.ok(Math.abs(extent(arch, axis).middle) < 1e-3, "in the middle");
  }
  const [upper, lower] = await arches("occlusion", "occlusion");
  assert.ok(extent(upper, 2).middle > extent(lower, 2).middle, "the upper arch lies above");
  const overlap = extent(lower, 2).high - extent(upper, 2).low;
  assert.ok(overlap > 0 && overlap < 6, `${overlap} mm between the highest lower and the lowest upper tooth`);
});

test("a PLY has colours, and as many triangles as the STL beside it", async () => {
  const { files } = await archive({ ...SMALL, arrangement: "locked-occlusion", fileType: "both" });
  const stl = readStl(files.get("<id>_shell_lockedocclusion_ul.stl"));
  const ply = readPly(files.get("<id>_shell_lockedocclusion_ul.ply"));
  assert.equal(ply.count, stl.count);
  for (const axis of [0, 1, 2]) assert.deepEqual(extent(ply, axis), extent(stl, axis));
  assert.ok(ply.colours.size > 100, `${ply.colours.size} colours`);
});

test("a million triangles are drawn when they are ordered, within a tenth", { timeout: 60_000 }, async () => {
  const { files } = await archive({ triangles: 1_000_000 });
  const count = ["u", "l"].reduce((sum, jaw) => sum + readStl(files.get(`<id>_shell_teethup_${jaw}.stl`)).count, 0);
  assert.ok(count > 900_000 && count < 1_100_000, `${count}`);
});

test("a hidden patient name is nowhere in the archive", async () => {
  const sandbox = await openSandbox({ generationMs: 0 });
  const { orderId } = await sandbox.control.completeScan(await sandbox.push());
  await sandbox.get(`/order/${orderId}/download/IDE`); // has it generated
  const holders = async (settings) => {
    const { files } = await archive({ ...SMALL, fileType: "both", ...settings }, sandbox, { OrderId: orderId });
    const holds = ([name, bytes]) =>
      ["Maria", "Jansen"].some((word) => name.includes(word) || Buffer.from(bytes).includes(word));
    return [...files].filter(holds).map(([name]) => name);
  };
  assert.deepEqual(await holders({}), ["itero_export_#<id>_v1.xml", "<id>_rx.pdf"]);
  assert.deepEqual(await holders({ hidePatientName: true }), []);
});

test("wrong export settings are a TypeError that names them, an unknown doctor a RangeError", async () => {
  const { control } = await openSandbox();
  for (const [settings, pattern] of [
    [{ arrangement: "bite" }, /setExportSettings: arrangement/],
    [{ fileType: "STL" }, /setExportSettings: fileType/],
    [{ triangles: 5 }, /setExportSettings: triangles/],
    [{ triangles: 1e9 }, /setExportSettings: triangles/],
    [{ hidePatientName: "yes" }, /setExportSettings: hidePatientName/],
    [{ format: "stl" }, /setExportSettings: format/],
    [null, /setExportSettings: settings must be an object/],
  ]) {
    const error = await rejection(control.setExportSettings(settings));
    assert.ok(error instanceof TypeError, String(error));
    assert.match(error.message, pattern);
  }
  const error = await rejection(control.setExportSettings({ doctorId: 1 }));
  assert.ok(error instanceof RangeError, String(error));
});
