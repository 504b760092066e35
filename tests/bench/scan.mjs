// Opening scans, compared with the libraries that a portal would combine itself, in Node, where the caller's thread reads them, and in
// Chromium, where a worker does.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { asciiStl, binaryStl, ply, surface, zip } from "../js/support/awkward-scans.mjs";
import { launchChromium } from "../js/support/chromium.mjs";
import { bundle } from "./bundle.mjs";
import { chromiumLane, interleave, nodeLane, withServer } from "./lanes.mjs";
import { version } from "./machine.mjs";
import { isMain, print, ratio } from "./table.mjs";

const CONTENDERS = new URL("scan-contenders.mjs", import.meta.url);
const MEMORY = new URL("scan-memory.mjs", import.meta.url);

/** Where the benchmark's server finds them. */
const FOLDER = fileURLToPath(new URL("../../target/bench/scan-files", import.meta.url));

/** Cells on each side of the meshes: 720,000 triangles, and 200,000 where each is text. */
const [SIDE, TEXT_SIDE] = [600, 316];

const PLY_PEERS = ["three PLYLoader + normals", "loaders.gl PLYLoader + normals"];

/** What is compared on which file, ours first, and how many times as fast it has to be at least as each of the others. */
const COMPARISONS = [
  ["inflate and CRC of 36 MB", "scan.zip", "openScan, unzipping only", { "node:zlib": 0.85, fflate: 3 }],
  ["binary STL, 36 MB, to a welded mesh", "binary.stl", "readMesh", { "three STLLoader + mergeVertices": 15 }],
  ["ASCII STL, 200,000 triangles", "ascii.stl", "readMesh", { "three STLLoader": 5 }],
  ["binary PLY, 720,000 triangles, with normals", "binary.ply", "readMesh", all(PLY_PEERS, 20)],
  ["ASCII PLY, 200,000 triangles, with normals", "ascii.ply", "readMesh", all(PLY_PEERS, 10)],
  [
    "zip to a welded mesh",
    "scan.zip",
    "openScan",
    { "fflate + three + mergeVertices": 5, "DecompressionStream + a weld by hand": 3 },
  ],
];

/** @returns {Promise<import("./table.mjs").Row[]>} */
export async function run() {
  writeFiles();
  try {
    return await withServer(async (origin) => {
      const inNode = (name) => nodeLane(CONTENDERS.href, name, origin);
      const rows = await compare(`Node ${process.versions.node}`, inNode, () => true);
      rows.push(await memory((name) => nodeLane(MEMORY.href, name, origin)));
      await bundle("scan-contenders", CONTENDERS);
      const browser = await launchChromium();
      try {
        const inChromium = (name) => chromiumLane(browser, "scan-contenders/scan-contenders.js", name, origin);
        const isForBrowsers = (name) => !name.startsWith("node:");
        rows.push(...(await compare(`Chromium ${browser.version()}`, inChromium, isForBrowsers)));
      } finally {
        await browser.close();
      }
      return rows;
    });
  } finally {
    rmSync(FOLDER, { recursive: true, force: true });
  }
}

async function compare(runtime, open, isPossible) {
  const rows = [];
  for (const [what, file, ours, peers] of COMPARISONS) {
    const names = [ours, ...Object.keys(peers).filter(isPossible)];
    const figures = await interleave(names, (who) => open(`${who} of ${file}`), { starts: 2, warmUp: 1, rounds: 3 });
    const title = `${what}, ${runtime}`;
    const times = names.map((who) => ({ what: title, who: named(who), unit: "ms", samples: figures[who] }));
    const ratios = times.slice(1).map((peer, at) => ratio(title, peer, times[0], { atLeast: peers[names[at + 1]] }));
    rows.push(...times, ...ratios);
  }
  const lane = "from the last byte";
  const { [lane]: samples } = await interleave([lane], open, { starts: 2, warmUp: 1, rounds: 3 });
  const what = `from a zip's last byte to its last mesh, ${runtime}`;
  return [...rows, { what, who: "openScan", unit: "ms", samples, budget: { atMost: 50 } }];
}

async function memory(open) {
  const { openScan: samples } = await interleave(["openScan"], open, { starts: 1, warmUp: 0, rounds: 3 });
  const what = "memory of WebAssembly's to the bytes of two arches, 72 MB unzipped";
  return { what, who: "openScan", unit: "×", samples, budget: { atMost: 0.5 } };
}

/** A contender with its version. */
function named(who) {
  const [, library] = /^(three|fflate|loaders\.gl)/.exec(who) ?? [];
  if (library === undefined) return who;
  return who.replace(library, `${library} ${version(library === "loaders.gl" ? "@loaders.gl/ply" : library)}`);
}

function writeFiles() {
  const [mesh, small] = [surface(SIDE), surface(TEXT_SIDE)];
  const stl = binaryStl(mesh);
  const arches = ["u", "l"].map((jaw) => ({ name: `1_shell_occlusion_${jaw}.stl`, data: stl }));
  const files = {
    "binary.stl": stl,
    "ascii.stl": asciiStl(small),
    "binary.ply": ply(mesh),
    "ascii.ply": ply(small, "ascii"),
    "scan.zip": zip(arches.slice(0, 1)),
    "arches.zip": zip(arches),
  };
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(FOLDER, name), bytes);
}

function all(names, atLeast) {
  return Object.fromEntries(names.map((name) => [name, atLeast]));
}

if (isMain(import.meta)) print(await run());
