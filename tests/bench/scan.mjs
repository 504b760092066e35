// Opening scans, compared with the libraries that a portal would combine itself, in Node and in the caller's thread.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asciiStl, binaryStl, ply, surface, zip } from "../js/support/awkward-scans.mjs";
import { interleave, nodeLane } from "./lanes.mjs";
import { version } from "./machine.mjs";
import { isMain, print, ratio } from "./table.mjs";

const CONTENDERS = new URL("scan-contenders.mjs", import.meta.url);

/** Cells on each side of the meshes: 720,000 triangles, and 200,000 where each is text. */
const [SIDE, TEXT_SIDE] = [600, 316];

/** What is compared, on which file, and how many times as fast the scan entry has to be at least. */
const COMPARISONS = [
  ["inflate and CRC of 36 MB", "scan.zip", ["unzip", "node:zlib"], 0.85],
  ["inflate and CRC of 36 MB", "scan.zip", ["unzip", "fflate"], 3],
  ["binary STL, 36 MB, to a welded mesh", "binary.stl", ["readMesh", "three + mergeVertices"], 15],
  ["ASCII STL, 200,000 triangles", "ascii.stl", ["readMesh", "three STLLoader"], 5],
  ["binary PLY, 720,000 triangles, with normals", "binary.ply", ["readMesh", "three PLYLoader + normals"], 20],
  ["ASCII PLY, 200,000 triangles, with normals", "ascii.ply", ["readMesh", "three PLYLoader + normals"], 10],
  ["zip to a welded mesh", "scan.zip", ["openScan", "fflate + three + mergeVertices"], 5],
];

/** @returns {Promise<import("./table.mjs").Row[]>} */
export async function run() {
  const folder = mkdtempSync(join(tmpdir(), "itero-dpms-bench-scan-"));
  try {
    writeFiles(folder);
    const rows = [];
    for (const [what, file, names, atLeast] of COMPARISONS) {
      const open = (name) => nodeLane(CONTENDERS.href, name, join(folder, file));
      const figures = await interleave(names, open, { starts: 2, warmUp: 2, rounds: 5 });
      const title = `${what} (three ${version("three")}, fflate ${version("fflate")})`;
      const [ours, theirs] = names.map((who) => ({ what: title, who, unit: "ms", samples: figures[who] }));
      rows.push(ours, theirs, ratio(title, theirs, ours, { atLeast }));
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeFiles(folder) {
  const [mesh, small] = [surface(SIDE), surface(TEXT_SIDE)];
  const stl = binaryStl(mesh);
  const files = {
    "binary.stl": stl,
    "ascii.stl": asciiStl(small),
    "binary.ply": ply(mesh),
    "ascii.ply": ply(small, "ascii"),
    "scan.zip": zip([{ name: "1_shell_occlusion_u.stl", data: stl }]),
  };
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
}

if (isMain(import.meta)) print(await run());
