// Converts what the engine reports into the public types.

import { errorOf } from "./error.js";

/**
 * @typedef {import("../../types/scan.js").ScanFile} ScanFile
 * @typedef {import("../../types/scan.js").ScanMesh} ScanMesh
 */

/**
 * @param {import("./rows.js").MeshData} mesh
 * @param {Pick<ScanMesh, "file" | "complete" | "role" | "arrangement">} of
 * @returns {ScanMesh}
 */
export const meshOf = ({ format, ...data }, { file, complete, role, arrangement }) => ({
  file,
  complete,
  format,
  role,
  arrangement,
  ...data,
});

/** @param {import("./rows.js").GrowingMesh} growing */
export function previewOf({ name, path, size, role, arrangement, mesh }) {
  /** @type {ScanFile} */
  const file = { name, path, kind: "mesh", size: size ?? 0, compressedSize: 0, modified: null, error: null };
  return meshOf(mesh, { file, complete: false, role, arrangement });
}

/** @param {import("./rows.js").ArchivedFile} archived @returns {ScanFile} */
export function fileOf({ name, path, kind, size, compressedSize, modified, fault }) {
  const error = fault === null ? null : errorOf(fault, path);
  return { name, path, kind, size, compressedSize, modified, error };
}
