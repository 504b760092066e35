// A plane through the meshes, and the contour where it cuts them.
import type { Matrix4 } from "three";

export type Axis = "x" | "y" | "z";

/** A plane across an axis of the patient's frame. */
export interface SectionPlane {
  axis: Axis;
  /** The position in millimetres. */
  at: number;
}

/** Returns the contour as pairs of points in the patient's frame: x, y and z of one end, then of the other. */
export function contour(
  { position, index }: { position: Float32Array; index: Uint32Array },
  matrix: Matrix4,
  { axis, at }: SectionPlane,
): Float32Array {
  const m = matrix.elements;
  const row = "xyz".indexOf(axis);
  const [a, b, c, d] = [m[row]!, m[row + 4]!, m[row + 8]!, m[row + 12]! - at];
  const side = new Float32Array(position.length / 3);
  for (let vertex = 0, p = 0; vertex < side.length; vertex += 1, p += 3)
    side[vertex] = a * position[p]! + b * position[p + 1]! + c * position[p + 2]! + d;

  const points: number[] = [];
  const cross = (from: number, to: number): void => {
    const share = side[from]! / (side[from]! - side[to]!);
    const own = [0, 1, 2].map((k) => {
      const start = position[3 * from + k]!;
      return start + share * (position[3 * to + k]! - start);
    });
    const [x = 0, y = 0, z = 0] = own;
    for (let k = 0; k < 3; k += 1) points.push(m[k]! * x + m[k + 4]! * y + m[k + 8]! * z + m[k + 12]!);
  };
  for (let t = 0; t + 2 < index.length; t += 3) {
    const corners = [index[t]!, index[t + 1]!, index[t + 2]!] as const;
    // A corner on the plane counts as above it, so that a triangle is cut at two edges or at none.
    const above = corners.map((corner) => side[corner]! >= 0);
    if (above[0] === above[1] && above[1] === above[2]) continue;
    for (let k = 0; k < 3; k += 1) {
      const next = (k + 1) % 3;
      if (above[k] === above[next]) continue;
      // In the same order for both triangles of an edge, so that their ends meet exactly.
      const [first, second] = [corners[k]!, corners[next]!];
      cross(Math.min(first, second), Math.max(first, second));
    }
  }
  return Float32Array.from(points);
}
