// Ways to read a scan, in Node and in Chromium. Each round reads bytes that are in memory already.
import { parseSync } from "@loaders.gl/core";
import { PLYLoader as LoadersPly } from "@loaders.gl/ply";
import { unzipSync } from "fflate";
import { openScan, readMesh } from "itero-dpms/scan";
import { BufferAttribute, BufferGeometry } from "three";
import { PLYLoader } from "three/addons/loaders/PLYLoader.js";
import { STLLoader } from "three/addons/loaders/STLLoader.js";
import { mergeVertices } from "three/addons/utils/BufferGeometryUtils.js";
import { inflated, weldedByHand } from "./scan-by-hand.mjs";

/** The files that `scan.mjs` writes. */
const FILES = ["binary.stl", "ascii.stl", "binary.ply", "ascii.ply", "scan.zip"];

/** What a line of 30 MB/s brings in the time that a timer takes at least. */
const PIECE = 1 << 15;

/** @type {Record<string, (bytes: Uint8Array<ArrayBuffer>) => unknown>} */
const READERS = {
  readMesh: (bytes) => readMesh(bytes),
  openScan: (bytes) => meshesOf(openScan(bytes)),
  "openScan, unzipping only": (bytes) => openScan(bytes, { meshes: "none", keep: false }).files(),
  "node:zlib": async (bytes) => {
    const { crc32, inflateRawSync } = await import("node:zlib");
    const view = new DataView(bytes.buffer);
    const start = 30 + view.getUint16(26, true) + view.getUint16(28, true);
    crc32(inflateRawSync(bytes.subarray(start, start + view.getUint32(18, true))));
  },
  fflate: (bytes) => unzipSync(bytes),
  "three STLLoader": (bytes) => new STLLoader().parse(bytes.buffer),
  "three STLLoader + mergeVertices": (bytes) => welded(bytes.buffer),
  "three PLYLoader + normals": (bytes) => new PLYLoader().parse(bytes.buffer).computeVertexNormals(),
  "loaders.gl PLYLoader + normals": (bytes) => loaded(bytes.buffer).computeVertexNormals(),
  "fflate + three + mergeVertices": (bytes) => welded(/** @type {any} */ (Object.values(unzipSync(bytes))[0]).buffer),
  "DecompressionStream + a weld by hand": async (bytes) => weldedByHand(await inflated(bytes)),
};

/** A contender for each reader and file, such as "readMesh of ascii.stl", whose figure is the milliseconds that it takes. */
const readers = Object.entries(READERS).flatMap(([who, read]) =>
  FILES.map((file) => [
    `${who} of ${file}`,
    async (origin) => {
      const bytes = await bytesOf(origin, file);
      return async () => {
        globalThis.gc?.();
        const started = performance.now();
        await read(bytes);
        return performance.now() - started;
      };
    },
  ]),
);

/** @type {Record<string, import("./lanes.mjs").Contender>} */
export const contenders = {
  ...Object.fromEntries(readers),

  /** The time from an archive's last byte to its last mesh. */
  "from the last byte": async (origin) => {
    const bytes = await bytesOf(origin, "scan.zip");
    return async () => {
      let ended = 0;
      const download = arriving(bytes, () => (ended = performance.now()));
      await meshesOf(openScan(download));
      return performance.now() - ended;
    };
  },
};

const bytesOf = async (origin, file) =>
  new Uint8Array(await (await fetch(`${origin}/scan-files/${file}`)).arrayBuffer());

async function meshesOf(scan) {
  for await (const mesh of scan) void mesh;
  scan.close();
}

/** As a portal does it: STLLoader's normals are of each triangle, so they go. */
function welded(buffer) {
  const geometry = new STLLoader().parse(buffer);
  geometry.deleteAttribute("normal");
  return mergeVertices(geometry, 0);
}

function loaded(buffer) {
  const { attributes, indices } = parseSync(buffer, LoadersPly, { worker: false });
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(attributes.POSITION.value, 3));
  return geometry.setIndex(new BufferAttribute(indices.value, 1));
}

/** The bytes as they come by a line. Calls `ended` with the last of them. */
function arriving(bytes, ended) {
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      controller.enqueue(bytes.slice(at, (at += PIECE)));
      if (at < bytes.length) return;
      ended();
      controller.close();
    },
  });
}
