// Ways to read a scan. Each takes the path of its file.
import { readFileSync } from "node:fs";
import { crc32, inflateRawSync } from "node:zlib";
import { unzipSync } from "fflate";
import { openScan, readMesh } from "itero-dpms/scan";
import { PLYLoader } from "three/addons/loaders/PLYLoader.js";
import { STLLoader } from "three/addons/loaders/STLLoader.js";
import { mergeVertices } from "three/addons/utils/BufferGeometryUtils.js";

/** A contender that is timed reading its file's bytes. */
const reads = (read) => (path) => {
  const bytes = new Uint8Array(readFileSync(path));
  return async () => {
    globalThis.gc?.();
    const started = performance.now();
    await read(bytes);
    return performance.now() - started;
  };
};

/** As a portal does it: STLLoader's normals are of each triangle, so they go. */
function welded(bytes) {
  const geometry = new STLLoader().parse(bytes.slice().buffer);
  geometry.deleteAttribute("normal");
  return mergeVertices(geometry, 0);
}

/** @type {Record<string, import("./lanes.mjs").Contender>} */
export const contenders = {
  readMesh: reads((bytes) => readMesh(bytes)),
  openScan: reads(async (bytes) => {
    const scan = openScan(bytes);
    for await (const mesh of scan) void mesh;
    scan.close();
  }),
  unzip: reads(async (bytes) => {
    const scan = openScan(bytes, { meshes: "none", keep: false });
    await scan.files();
  }),
  "node:zlib": reads((bytes) => {
    const view = new DataView(bytes.buffer);
    const start = 30 + view.getUint16(26, true) + view.getUint16(28, true);
    crc32(inflateRawSync(bytes.subarray(start, start + view.getUint32(18, true))));
  }),
  fflate: reads((bytes) => unzipSync(bytes)),
  "three STLLoader": reads((bytes) => new STLLoader().parse(bytes.slice().buffer)),
  "three + mergeVertices": reads(welded),
  "three PLYLoader + normals": reads((bytes) => new PLYLoader().parse(bytes.slice().buffer).computeVertexNormals()),
  "fflate + three + mergeVertices": reads((bytes) => welded(Object.values(unzipSync(bytes))[0])),
};
