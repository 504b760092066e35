// The module's rows as objects.

/**
 * @typedef {import("../../wasm/scan/itero_dpms.js").FaultRow} FaultRow
 * @typedef {import("../../wasm/scan/itero_dpms.js").FileRow} FileRow
 * @typedef {import("../../wasm/scan/itero_dpms.js").ManifestRow} ManifestRow
 * @typedef {import("../../wasm/scan/itero_dpms.js").MeshRow} MeshRow
 * @typedef {import("../../wasm/scan/itero_dpms.js").PreviewRow} PreviewRow
 * @typedef {import("../../types/scan.js").ScanFile} ScanFile
 * @typedef {import("../../types/scan.js").ScanManifest} ScanManifest
 * @typedef {import("../../types/scan.js").ScanMesh} ScanMesh
 *
 * @typedef {Pick<import("../../types/scan.js").ScanError, "kind" | "message">} Fault
 * @typedef {Pick<ScanMesh, "role" | "arrangement">} Place what an archive says about a mesh
 * @typedef {Omit<ScanMesh, "file" | "complete" | "role" | "arrangement">} MeshData what a mesh's own file says
 * @typedef {Pick<ScanFile, "name" | "path"> & Place & { size: number | null, mesh: MeshData }} GrowingMesh
 * @typedef {Omit<ScanFile, "error"> & Place & { fault: Fault | null, offset: number, mesh: number | null }} ArchivedFile
 *   `offset` is the position of its local header, `mesh` the entry that its mesh was returned with
 */

/** @param {FaultRow} row @returns {Fault} */
export const faultOf = ([kind, message]) => ({ kind, message });

/** @param {FileRow} row @returns {ArchivedFile} */
export function archivedFileOf(row) {
  const [name, path, kind, size, compressedSize, modified, fault, offset, mesh, role, arrangement] = row;
  const file = { name, path, kind, size, compressedSize, modified };
  return { ...file, fault: fault && faultOf(fault), offset, mesh, role, arrangement };
}

/** @param {MeshRow} row @returns {MeshData} */
export function meshDataOf([format, position, normal, color, uv, texture, index, groups, bounds, warnings]) {
  const [minX = 0, minY = 0, minZ = 0, maxX = 0, maxY = 0, maxZ = 0] = bounds;
  return {
    format,
    position,
    normal,
    color,
    uv,
    texture,
    index,
    groups: partsOf(groups, 3).map(([name, start, count]) => ({
      name: String(name),
      start: Number(start),
      count: Number(count),
    })),
    bounds: { min: [minX, minY, minZ], max: [maxX, maxY, maxZ] },
    warnings: partsOf(warnings, 2).map(([code, count]) => ({ code: String(code), count: Number(count) })),
  };
}

/** @param {PreviewRow} row @returns {GrowingMesh} */
export function growingMeshOf([mesh, name, path, size, role, arrangement]) {
  return { name, path, size, role, arrangement, mesh: meshDataOf(mesh) };
}

/** @param {ManifestRow} row @returns {ScanManifest} */
export function manifestOf([version, arrangement, objects, transforms]) {
  return /** @type {ScanManifest} */ ({
    version,
    arrangement,
    objects: partsOf(objects, 4).map(([name, kind, role, tooth]) => ({ name, kind, role, tooth })),
    transforms: partsOf(transforms, 17).map(([role, ...matrix]) => ({ role, matrix })),
  });
}

/**
 * @template T
 * @param {T[]} cells
 * @param {number} width
 */
function partsOf(cells, width) {
  const parts = [];
  for (let at = 0; at < cells.length; at += width) parts.push(cells.slice(at, at + width));
  return parts;
}
