// The rows of the module as objects.

import { errorOf } from "./error.js";

/**
 * @typedef {import("../../types/scan.js").ScanFile} ScanFile
 * @typedef {import("../../types/scan.js").ScanManifest} ScanManifest
 * @typedef {import("../../types/scan.js").ScanMesh} ScanMesh
 * @typedef {Pick<ScanMesh, "file" | "complete" | "role" | "arrangement">} Of
 */

/** @param {import("./engine.js").MeshRow} row @param {Of} of @returns {ScanMesh} */
export function meshOf(row, { file, complete, role, arrangement }) {
  const [format, position, normal, color, uv, texture, index, groups, bounds, warnings] = row;
  const [minX = 0, minY = 0, minZ = 0, maxX = 0, maxY = 0, maxZ = 0] = bounds;
  return {
    file,
    complete,
    format: /** @type {ScanMesh["format"]} */ (format),
    role,
    arrangement,
    position,
    normal,
    color,
    uv,
    texture,
    index,
    groups: rowsOf(groups, 3).map(([name, start, count]) => ({
      name: String(name),
      start: Number(start),
      count: Number(count),
    })),
    bounds: { min: [minX, minY, minZ], max: [maxX, maxY, maxZ] },
    warnings: rowsOf(warnings, 2).map(([code, count]) => ({ code: String(code), count: Number(count) })),
  };
}

/** @param {import("./engine.js").PreviewRow} row */
export function previewOf([mesh, name, path, size, role, arrangement]) {
  /** @type {ScanFile} */
  const file = { name, path, kind: "mesh", size: size ?? 0, compressedSize: 0, modified: null, error: null };
  return meshOf(mesh, /** @type {Of} */ ({ file, complete: false, role, arrangement }));
}

/** @param {import("./engine.js").FileRow} row @returns {ScanFile} */
export function fileOf([name, path, kind, size, compressedSize, modified, fault]) {
  const error = fault === null ? null : errorOf(fault, path);
  return { name, path, kind: /** @type {ScanFile["kind"]} */ (kind), size, compressedSize, modified, error };
}

/** @param {import("./engine.js").ManifestRow} row @returns {ScanManifest} */
export function manifestOf([version, arrangement, objects, transforms]) {
  return /** @type {ScanManifest} */ ({
    version,
    arrangement,
    objects: rowsOf(objects, 4).map(([name, kind, role, tooth]) => ({ name, kind, role, tooth })),
    transforms: rowsOf(transforms, 17).map(([role, ...matrix]) => ({ role, matrix })),
  });
}

/**
 * @template T
 * @param {T[]} cells
 * @param {number} width
 */
function rowsOf(cells, width) {
  const rows = [];
  for (let at = 0; at < cells.length; at += width) rows.push(cells.slice(at, at + width));
  return rows;
}
