// Positions the meshes of a scan: in the patient's frame, and apart if their files do not contain the bite. In these files, z
// is always up; their shape shows where the front is.
import type { ScanMesh, ScanRole } from "itero-dpms/scan";
import { Box3, Matrix4, Vector3 } from "three";
import { frontOf, type Front } from "./front";

export type PartName = ScanRole | "other";

export const PART_LABELS: Record<PartName, string> = {
  upper: "Upper",
  lower: "Lower",
  both: "Both arches",
  "pretreatment-upper": "Upper before treatment",
  "pretreatment-lower": "Lower before treatment",
  other: "Other meshes",
};

export interface Placed {
  path: string;
  mesh: ScanMesh;
  part: PartName;
  /** The transform from the file's frame to the patient's. */
  matrix: Matrix4;
}

export interface Placement {
  placed: Placed[];
  /** Whether upper and lower are shown apart, since their files do not contain the bite. */
  isApart: boolean;
  /** Whether right and left are known. */
  knowsSides: boolean;
}

/** The gap between arches that are shown apart, in millimetres: wider than any open bite. */
const GAP = 30;

export function place(meshes: ReadonlyMap<string, ScanMesh>): Placement {
  const shown = [...meshes].map(([path, mesh]) => ({ path, mesh, part: mesh.role ?? ("other" as const) }));
  // An incomplete mesh does not have its shape yet.
  const complete = shown.filter(({ mesh, part }) => mesh.complete && part !== "other");
  const fronts = new Map(complete.map(({ path, mesh }) => [path, frontOf(mesh)]));
  const inBite = complete.filter(({ mesh }) => hasBite(mesh));
  const common = agreed(inBite.map(({ path }) => fronts.get(path) ?? null));
  const placed = shown.map(({ path, mesh, part }) => {
    const front = hasBite(mesh) ? common : (fronts.get(path) ?? null);
    return { path, mesh, part, matrix: matrixOf(mesh, front ?? 0), knowsFront: front !== null };
  });
  const arches = (["upper", "lower"] as const).map((part) => placed.filter((each) => each.part === part));
  const [upper = 0, lower = 0] = arches.map((each) => boxOf(each).getCenter(new Vector3()).z);
  const hasBoth = arches.every((each) => each.length > 0);
  return {
    placed: placed.map(({ knowsFront: _, ...each }) => each),
    isApart: hasBoth && arches.flat().some(({ mesh }) => !hasBite(mesh)),
    knowsSides:
      placed.length > 0 &&
      placed.every(({ part, knowsFront }) => part !== "other" && knowsFront) &&
      // If the upper arch is not above the lower, z is not up in these files.
      !(hasBoth && upper <= lower),
  };
}

/** Returns the box around meshes in the patient's frame. */
export function boxOf(placed: readonly Placed[]): Box3 {
  return placed.reduce((box, { mesh, matrix }) => box.union(ownBox(mesh).applyMatrix4(matrix)), new Box3());
}

/** Whether a mesh is positioned as the patient bites. */
function hasBite({ arrangement }: ScanMesh): boolean {
  return arrangement === "occlusion";
}

function agreed(fronts: readonly (Front | null)[]): Front | null {
  const known = new Set(fronts.filter((front) => front !== null));
  return known.size === 1 ? [...known][0]! : null;
}

function matrixOf(mesh: ScanMesh, front: Front): Matrix4 {
  const turn = new Matrix4().makeRotationZ((-front * Math.PI) / 2);
  if (hasBite(mesh)) return turn;
  const isUpper = mesh.role === "upper" || mesh.role === "pretreatment-upper";
  // With its teeth up, an upper arch is upside down: turned around the axis that points to the front.
  if (isUpper && mesh.arrangement === "teeth-up") turn.premultiply(new Matrix4().makeRotationY(Math.PI));
  const { min, max } = ownBox(mesh).applyMatrix4(turn);
  const middle = min.clone().add(max).multiplyScalar(0.5);
  const height = isUpper ? GAP / 2 - min.z : mesh.role === null || mesh.role === "both" ? -middle.z : -GAP / 2 - max.z;
  return turn.premultiply(new Matrix4().makeTranslation(-middle.x, -middle.y, height));
}

function ownBox({ bounds: { min, max } }: ScanMesh): Box3 {
  return new Box3(new Vector3(...min), new Vector3(...max));
}
