// A camera without perspective, so that a millimetre has the same length everywhere in the picture.
import { Box3, Quaternion, Vector3 } from "three";

export interface Camera {
  /** The rotation from the picture's axes (right, up, towards the viewer) to the patient's. */
  rotation: Quaternion;
  /** The point in the middle of the picture. */
  target: Vector3;
  mmPerPixel: number;
}

export interface Size {
  width: number;
  height: number;
}

/** From a scale that shows a pore to one at which a whole head would fit. */
const SCALES = { min: 0.002, max: 2 };

/** The margin around what is shown. */
const MARGIN = 1.15;

/** Turns the view to the right and down, by radians. */
export function turned(camera: Camera, right: number, down: number): Camera {
  const about = (x: number, y: number, angle: number) => new Quaternion().setFromAxisAngle(new Vector3(x, y, 0), angle);
  const rotation = camera.rotation
    .clone()
    .multiply(about(0, 1, -right))
    .multiply(about(1, 0, -down))
    .normalize();
  return { ...camera, rotation };
}

/** Moves the view to the right and down, by pixels. */
export function moved(camera: Camera, right: number, down: number): Camera {
  const by = new Vector3(-right, down, 0).multiplyScalar(camera.mmPerPixel).applyQuaternion(camera.rotation);
  return { ...camera, target: camera.target.clone().add(by) };
}

/** Zooms the view. The point at `x` and `y` pixels to the right of and below the middle stays where it is. */
export function zoomed(camera: Camera, factor: number, x = 0, y = 0): Camera {
  const mmPerPixel = Math.min(SCALES.max, Math.max(SCALES.min, camera.mmPerPixel / factor));
  const kept = 1 - camera.mmPerPixel / mmPerPixel;
  return { ...moved({ ...camera, mmPerPixel }, x * kept, y * kept) };
}

/** Returns a camera that shows all of a box. */
export function fitted(rotation: Quaternion, box: Box3, { width, height }: Size): Camera {
  const target = box.isEmpty() ? new Vector3() : box.getCenter(new Vector3());
  const half = box.isEmpty() ? new Vector3(40, 40, 40) : box.getSize(new Vector3()).multiplyScalar(0.5);
  const reach = (axis: Vector3): number => {
    const { x, y, z } = axis.applyQuaternion(rotation);
    return 2 * (Math.abs(x) * half.x + Math.abs(y) * half.y + Math.abs(z) * half.z);
  };
  const wide = reach(new Vector3(1, 0, 0)) / Math.max(1, width);
  const high = reach(new Vector3(0, 1, 0)) / Math.max(1, height);
  const mmPerPixel = Math.min(SCALES.max, Math.max(SCALES.min, MARGIN * Math.max(wide, high)));
  return { rotation: rotation.clone(), target, mmPerPixel };
}

/** Returns a camera between two others; `at` goes from 0 to 1. */
export function between(from: Camera, to: Camera, at: number): Camera {
  return {
    rotation: from.rotation.clone().slerp(to.rotation, at),
    target: from.target.clone().lerp(to.target, at),
    mmPerPixel: from.mmPerPixel * (to.mmPerPixel / from.mmPerPixel) ** at,
  };
}

/** Returns the position of a point in the picture, in pixels from its top left. */
export function projected({ rotation, target, mmPerPixel }: Camera, point: Vector3, size: Size) {
  const { x, y } = point.clone().sub(target).applyQuaternion(rotation.clone().invert()).divideScalar(mmPerPixel);
  return { x: size.width / 2 + x, y: size.height / 2 - y };
}
