// A mesh with fewer triangles, shown during movement on a machine that is too slow for all of them.

/** Cells along the longest side. An arch then has some 30,000 triangles, and its teeth can still be told apart. */
const CELLS = 120;

/**
 * Returns the triangles of a mesh with its vertices clustered: each is replaced by the first one in its grid cell, and
 * triangles that collapse to a line or a point are left out. The vertices stay, so that nothing else has to be copied.
 */
export function coarseIndex(
  position: Float32Array,
  index: Uint32Array,
  { min, max }: { min: readonly number[]; max: readonly number[] },
): Uint32Array {
  const [x = 0, y = 0, z = 0] = min;
  const longest = Math.max(...max.map((value, axis) => value - (min[axis] ?? 0)));
  const scale = longest > 0 ? CELLS / longest : 0;
  const row = CELLS + 1;
  const first = new Map<number, number>();
  const stand = new Uint32Array(position.length / 3);
  for (let vertex = 0; vertex < stand.length; vertex += 1) {
    const at = 3 * vertex;
    const cell =
      Math.floor((position[at]! - x) * scale) +
      row * (Math.floor((position[at + 1]! - y) * scale) + row * Math.floor((position[at + 2]! - z) * scale));
    const known = first.get(cell);
    if (known === undefined) first.set(cell, vertex);
    stand[vertex] = known ?? vertex;
  }
  const kept = new Uint32Array(index.length);
  let length = 0;
  for (let at = 0; at + 2 < index.length; at += 3) {
    const [a, b, c] = [stand[index[at]!]!, stand[index[at + 1]!]!, stand[index[at + 2]!]!];
    if (a === b || b === c || c === a) continue;
    kept[length] = a;
    kept[length + 1] = b;
    kept[length + 2] = c;
    length += 3;
  }
  return kept.slice(0, length);
}
