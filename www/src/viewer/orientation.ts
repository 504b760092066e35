// The directions from which the patient is seen. The patient's frame: x to the patient's right, y to the front, z up;
// millimetres.
import { Matrix4, Quaternion, Vector3 } from "three";

export const VIEWS = ["front", "right", "left", "upper", "lower"] as const;
export type ViewName = (typeof VIEWS)[number];

export const VIEW_LABELS: Record<ViewName, string> = {
  front: "Front",
  right: "Right",
  left: "Left",
  upper: "Upper occlusal",
  lower: "Lower occlusal",
};

/** Where each view is seen from, and what is up. As dentists photograph: the patient's right is on the picture's left. */
const directions: Record<ViewName, { toward: Vector3; up: Vector3 }> = {
  front: { toward: new Vector3(0, 1, 0), up: new Vector3(0, 0, 1) },
  right: { toward: new Vector3(1, 0, 0), up: new Vector3(0, 0, 1) },
  left: { toward: new Vector3(-1, 0, 0), up: new Vector3(0, 0, 1) },
  upper: { toward: new Vector3(0, 0, -1), up: new Vector3(0, 1, 0) },
  lower: { toward: new Vector3(0, 0, 1), up: new Vector3(0, -1, 0) },
};

/** Returns the rotation from the picture's axes (right, up, towards the viewer) to the patient's. */
export function rotationOf(view: ViewName): Quaternion {
  const { toward, up } = directions[view];
  const right = new Vector3().crossVectors(up, toward);
  return new Quaternion().setFromRotationMatrix(new Matrix4().makeBasis(right, up, toward));
}

const SAME_VIEW = 0.02;

/** Returns the standard view that a rotation equals, if there is one. */
export function viewOf(rotation: Quaternion): ViewName | null {
  return VIEWS.find((view) => rotationOf(view).angleTo(rotation) < SAME_VIEW) ?? null;
}

export interface Mark {
  text: "R" | "L";
  /** The position relative to the picture's middle: -1 to 1, to the right and up. */
  x: number;
  y: number;
}

/** If less than this share of the left-right axis is in the picture's plane, one side faces the viewer. */
const SEEN_FROM_SIDE = 0.4;

/** Returns the positions of the marks for the patient's right and left; seen from a side, only that side, at the top. */
export function marksOf(rotation: Quaternion): Mark[] {
  const right = new Vector3(1, 0, 0).applyQuaternion(rotation.clone().invert());
  const length = Math.hypot(right.x, right.y);
  if (length < SEEN_FROM_SIDE) return [{ text: right.z > 0 ? "R" : "L", x: 0, y: 1 }];
  const [x, y] = [right.x / length, right.y / length];
  return [
    { text: "R", x, y },
    { text: "L", x: -x, y: -y },
  ];
}
