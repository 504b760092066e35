// Finds the front of an arch. Files do not contain it, but the shape shows it: an arch is narrow in front and open behind.
import type { ScanMesh } from "itero-dpms/scan";

/** Directions in a file's frame, in quarter turns from y to -x. */
export type Front = 0 | 1 | 2 | 3;

/** How much of an arch's depth counts as its end. */
const END = 0.2;

/** The front has to be narrower by this factor. Otherwise it is unknown, as for a scan of one side or a single tooth. */
const NARROWER = 0.8;

/** Returns the direction of the front, or null if the shape does not show it. */
export function frontOf({ position, bounds: { min, max } }: Pick<ScanMesh, "position" | "bounds">): Front | null {
  const along = (axis: 0 | 1, across: 0 | 1): [low: number, high: number] => {
    const end = END * (max[axis] - min[axis]);
    const widths = [spread(), spread()] as const;
    for (let at = 0; at < position.length; at += 3) {
      const place = position[at + axis]!;
      if (place < min[axis] + end) widths[0].add(position[at + across]!);
      if (place > max[axis] - end) widths[1].add(position[at + across]!);
    }
    return [widths[0].width(), widths[1].width()];
  };
  const [back, front] = along(1, 0);
  const [left, right] = along(0, 1);
  const candidates: [Front, number][] = [
    [0, front / back],
    [1, left / right],
    [2, back / front],
    [3, right / left],
  ];
  const [best] = candidates.sort(([, a], [, b]) => a - b);
  return best !== undefined && best[1] < NARROWER ? best[0] : null;
}

function spread() {
  let [least, most] = [Infinity, -Infinity];
  return {
    add(value: number): void {
      least = Math.min(least, value);
      most = Math.max(most, value);
    },
    width: () => Math.max(0, most - least),
  };
}
