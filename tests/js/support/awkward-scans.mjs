// Writes zips and meshes, with all that can be odd about them. `node tests/js/support/awkward-scans.mjs <folder>` leaves them as files.
import { writeFileSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";
import { crc32, deflateRawSync } from "node:zlib";

/** @typedef {[number, number, number]} Vertex */

/** A tetrahedron. @type {Vertex[][]} */
export const SOLID = (() => {
  const [o, x, y, z] = [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]; // prettier-ignore
  return [[o, y, x], [o, x, z], [o, z, y], [x, y, z]]; // prettier-ignore
})();

/** A wavy square of `side` by `side` cells, two triangles each. @returns {Vertex[][]} */
export function surface(side) {
  const vertex = (x, y) => [x / 10, y / 10, Math.sin(x / 7) * Math.cos(y / 5)];
  const triangles = [];
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const [a, b, c, d] = [vertex(x, y), vertex(x + 1, y), vertex(x, y + 1), vertex(x + 1, y + 1)];
      triangles.push([a, b, c], [b, d, c]);
    }
  }
  return triangles;
}

/** Binary STL. @param {{ header?: string, count?: number }} [odd] */
export function binaryStl(triangles, { header = "", count = triangles.length } = {}) {
  const bytes = Buffer.alloc(84 + 50 * triangles.length);
  bytes.write(header, 0, 80, "latin1");
  bytes.writeUInt32LE(count, 80);
  triangles.flat(2).forEach((number, at) => {
    bytes.writeFloatLE(number, 84 + 50 * Math.floor(at / 9) + 12 + 4 * (at % 9));
  });
  return bytes;
}

/** ASCII STL, one solid. */
export function asciiStl(triangles, name = "a name", newline = "\n") {
  const facet = (corners) =>
    ["facet normal 0 0 0", "outer loop", ...corners.map((corner) => `vertex ${corner.join(" ")}`), "endloop", "endfacet"]; // prettier-ignore
  return Buffer.from([`solid ${name}`, ...triangles.flatMap(facet), `endsolid ${name}`, ""].join(newline));
}

/** PLY with a colour for each vertex. @param {"ascii" | "binary_little_endian" | "binary_big_endian"} format */
export function ply(triangles, format = "binary_little_endian", extra = []) {
  const vertices = new Map();
  const faces = triangles.map((corners) =>
    corners.map((corner) => {
      const key = corner.join();
      if (!vertices.has(key)) vertices.set(key, { corner, number: vertices.size });
      return vertices.get(key).number;
    }),
  );
  const header = [
    ...["ply", `format ${format} 1.0`, ...extra, `element vertex ${vertices.size}`],
    ...["x", "y", "z"].map((axis) => `property float ${axis}`),
    ...["red", "green", "blue"].map((channel) => `property uchar ${channel}`),
    ...[`element face ${faces.length}`, "property list uchar int vertex_indices", "end_header", ""],
  ].join("\n");
  const rows = [...vertices.values()].map(({ corner, number }) => ({ corner, color: [number % 256, 100, 200] }));
  if (format === "ascii") {
    const lines = [...rows.map(({ corner, color }) => [...corner, ...color].join(" ")), ...faces.map((face) => `3 ${face.join(" ")}`)]; // prettier-ignore
    return Buffer.from(`${header}${lines.join("\n")}\n`);
  }
  const isLittle = format === "binary_little_endian";
  const body = new DataView(new ArrayBuffer(rows.length * 15 + faces.length * 13));
  let at = 0;
  for (const { corner, color } of rows) {
    for (const number of corner) body.setFloat32((at += 4) - 4, number, isLittle);
    for (const channel of color) body.setUint8((at += 1) - 1, channel);
  }
  for (const face of faces) {
    body.setUint8((at += 1) - 1, 3);
    for (const number of face) body.setInt32((at += 4) - 4, number, isLittle);
  }
  return Buffer.concat([Buffer.from(header), Buffer.from(body.buffer)]);
}

/**
 * @typedef {object} Entry
 * @property {string | Buffer} name
 * @property {Buffer} data
 * @property {"stored" | "deflate"} [method]
 * @property {boolean} [descriptor] whether sizes and CRC follow the data
 * @property {boolean} [utf8]
 * @property {Partial<Record<"flags" | "method" | "crc" | "compressed" | "size", number>>} [local] other than it is
 * @property {Partial<Record<"flags" | "method" | "crc" | "compressed" | "size", number>>} [central] other than it is
 * @property {string} [centralName]
 * @property {number} [offset] other than it is
 * @property {Buffer} [body] the data as it is in the archive
 */

/** @param {Entry[]} entries @param {{ prefix?: Buffer, comment?: string, trailing?: Buffer, count?: number }} [odd] */
export function zip(entries, { prefix = Buffer.alloc(0), comment = "", trailing = Buffer.alloc(0), count } = {}) {
  const files = [];
  const directory = [];
  let offset = 0;
  for (const entry of entries) {
    const { data, method = "deflate", descriptor = false, utf8 = true } = entry;
    const name = Buffer.from(entry.name);
    const body = entry.body ?? (method === "deflate" ? deflateRawSync(data) : data);
    const truth = {
      flags: (utf8 ? 1 << 11 : 0) | (descriptor ? 1 << 3 : 0),
      method: method === "deflate" ? 8 : 0,
      crc: crc32(data),
      compressed: body.length,
      size: data.length,
    };
    const unknown = descriptor ? { crc: 0, compressed: 0, size: 0 } : {};
    const local = { ...truth, ...unknown, ...entry.local };
    const central = { ...truth, ...entry.central };
    const header = Buffer.alloc(30);
    header.write("PK\x03\x04\x14\0", "latin1");
    describe(header, 6, local, name.length);
    const after = Buffer.alloc(descriptor ? 16 : 0);
    if (descriptor) {
      after.write("PK\x07\x08", "latin1");
      [truth.crc, truth.compressed, truth.size].forEach((value, at) => after.writeUInt32LE(value, 4 + 4 * at));
    }
    files.push(header, name, body, after);
    const row = Buffer.alloc(46);
    const centralName = Buffer.from(entry.centralName ?? name);
    row.write("PK\x01\x02\x14\0\x14\0", "latin1");
    describe(row, 8, central, centralName.length);
    row.writeUInt32LE(entry.offset ?? offset, 42);
    directory.push(row, centralName);
    offset += header.length + name.length + body.length + after.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  for (const at of [8, 10]) end.writeUInt16LE(count ?? entries.length, at);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([prefix, ...files, ...directory, end, Buffer.from(comment, "latin1"), trailing]);
}

/** 2 January 2025, 03:04:06. */
const MODIFIED = [(3 << 11) | (4 << 5) | 3, (45 << 9) | (1 << 5) | 2];

function describe(header, at, { flags, method, crc, compressed, size }, nameLength) {
  [flags, method, ...MODIFIED].forEach((value, number) => header.writeUInt16LE(value, at + 2 * number));
  [crc, compressed, size].forEach((value, number) => header.writeUInt32LE(value >>> 0, at + 8 + 4 * number));
  header.writeUInt16LE(nameLength, at + 20);
}

const mesh = binaryStl(SOLID);
const good = { name: "1_shell_occlusion_l.stl", data: mesh };
const NULLS = Buffer.alloc(64 << 20);

/** Archives of which one file is bad, with what it is refused as; `good` is in each, and is read. @type {Record<string, [kind: string, entry: Entry]>} */
export const BAD_FILES = {
  "is encrypted": ["encrypted", { name: "x.stl", data: mesh, local: { flags: 1 }, central: { flags: 1 } }],
  "is encrypted, of unknown length": ["encrypted", { name: "x.stl", data: mesh, descriptor: true, local: { flags: 9 }, central: { flags: 9 } }], // prettier-ignore
  "is compressed by LZMA": [
    "unsupported",
    { name: "x.stl", data: mesh, local: { method: 14 }, central: { method: 14 } },
  ],
  "has a wrong CRC": ["corrupt", { name: "x.stl", data: mesh, local: { crc: 1 }, central: { crc: 1 } }],
  "has another CRC in the directory": ["corrupt", { name: "x.stl", data: mesh, central: { crc: 1 } }],
  "has another name in the directory": ["corrupt", { name: "x.stl", data: mesh, centralName: "y.stl" }],
  "is longer than it says": ["corrupt", { name: "x.stl", data: mesh, local: { size: 9 }, central: { size: 9 } }],
  "has broken deflate": ["corrupt", { name: "x.stl", data: mesh, body: Buffer.from("no deflate at all") }],
  "is a bomb": ["too-large", { name: "x.stl", data: NULLS }],
  "is a bomb that says nothing": ["too-large", { name: "x.stl", data: NULLS, descriptor: true }],
  "has the bytes of another": ["too-large", { name: "x.stl", data: mesh, offset: 0 }],
  "is a web page": ["not-a-mesh", { name: "x.stl", data: Buffer.from("<!doctype html><p>Sign in") }],
  "is empty": ["not-a-mesh", { name: "x.stl", data: Buffer.alloc(0), method: "stored" }],
  "ends in its PLY header": ["truncated", { name: "x.ply", data: ply(SOLID).subarray(0, 60) }],
};

export const withBadFile = (entry, isFirst = false) =>
  zip(isFirst && entry.offset === undefined ? [entry, good] : [good, entry]);

/** Archives that are no archive, with what they are refused as. @type {Record<string, [kind: string, bytes: Buffer]>} */
export const BROKEN = {
  "is empty": ["not-a-zip", Buffer.alloc(0)],
  "is a web page": ["not-a-zip", Buffer.from(`<!doctype html><title>Sign in</title>${" ".repeat(5_000)}`)],
  "is JSON": ["not-a-zip", Buffer.from('{"Status":-1}')],
  "is cut within a file": ["truncated", zip([good]).subarray(0, 100)],
  "is cut before its directory": ["truncated", zip([good]).subarray(0, -100)],
  "is cut within its end": ["truncated", zip([good]).subarray(0, -1)],
  "has a file fewer than it says": ["corrupt", zip([good], { count: 2 })],
  "has two ends": ["corrupt", zip([good], { trailing: zip([]) })],
};

/** Meshes that are odd but right, with their warnings. @type {Record<string, [warnings: string[], bytes: Buffer, triangles?: number]>} */
export const ODD_MESHES = {
  "binary STL": [[], mesh],
  "binary STL that begins with solid": [[], binaryStl(SOLID, { header: "solid exported" })],
  "binary STL of unknown length": [["count-mismatch"], binaryStl(SOLID, { count: 0xffffffff })],
  "binary STL with bytes behind": [["trailing-bytes"], Buffer.concat([mesh, Buffer.from("signature")])],
  "binary STL with NaN": [["non-finite"], binaryStl([...SOLID, [[NaN, 0, 0], [0, 1, 0], [0, 0, 1]]])], // prettier-ignore
  "ASCII STL": [[], asciiStl(SOLID)],
  "ASCII STL of CR": [[], asciiStl(SOLID, "x", "\r")],
  "ASCII STL of CRLF with a BOM": [[], Buffer.concat([Buffer.from("\ufeff"), asciiStl(SOLID, "x", "\r\n")])],
  "ASCII STL in capitals": [[], Buffer.from(asciiStl(SOLID).toString().toUpperCase())],
  "ASCII STL in UTF-16": [[], Buffer.from(`\ufeff${asciiStl(SOLID)}`, "utf16le")],
  "ASCII STL with decimal commas": [["decimal-comma"], Buffer.from(asciiStl(SOLID).toString().replaceAll("1", "1,0"))],
  "ASCII STL without an end": [
    [],
    Buffer.from(
      asciiStl(SOLID)
        .toString()
        .replace(/endsolid[^]*/, ""),
    ),
  ],
  "ASCII PLY": [[], ply(SOLID, "ascii")],
  "little-endian PLY": [[], ply(SOLID)],
  "big-endian PLY": [[], ply(SOLID, "binary_big_endian")],
  "PLY with comments": [[], ply(SOLID, "ascii", ["comment element vertex 9", "obj_info x"])],
};

if (argv[1] !== undefined && resolve(argv[1]) === fileURLToPath(import.meta.url)) {
  const folder = argv[2] ?? ".";
  mkdirSync(folder, { recursive: true });
  const write = (name, bytes) => writeFileSync(join(folder, name.replaceAll(/\W+/g, "-")), bytes);
  for (const [name, [, entry]] of Object.entries(BAD_FILES)) write(`file-${name}`, withBadFile(entry));
  for (const [name, [, bytes]] of Object.entries(BROKEN)) write(`archive-${name}`, bytes);
  for (const [name, [, bytes]] of Object.entries(ODD_MESHES)) write(`mesh-${name}`, bytes);
}
