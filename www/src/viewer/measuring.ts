// The distance between two points. Between an upper and a lower arch that are shown apart, there is none.
import type { Vector3 } from "three";
import type { Hit } from "./graphics";
import type { PartName } from "./parts";
import { millimetres } from "./scale-bar";

export class Measuring {
  #points: Hit[] = [];

  get points(): readonly Vector3[] {
    return this.#points.map(({ point }) => point);
  }

  /** The distance as a text, once there are two points. */
  get distance(): string | null {
    const [from, to] = this.#points;
    return from && to ? `≈ ${millimetres(from.point.distanceTo(to.point))}` : null;
  }

  /** Adds a point; the third one starts again. Returns a message for the user. */
  add(hit: Hit | null, isApart: boolean): string {
    if (hit === null) return "There is no surface at this place.";
    if (this.#points.length === 2) this.#points = [];
    const [first] = this.#points;
    if (first !== undefined && isApart && archOf(first.part) !== archOf(hit.part))
      return "The files do not say how the arches lie to each other: choose a second point on the same arch.";
    this.#points.push(hit);
    return this.distance === null
      ? "First point set. Choose the second one."
      : `Distance ${this.distance}, approximate: not for diagnosis.`;
  }

  clear(): void {
    this.#points = [];
  }
}

function archOf(part: PartName): string {
  return part.replace("pretreatment-", "");
}
