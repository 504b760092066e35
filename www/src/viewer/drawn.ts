// A mesh for three.js: the arrays of the scan go to the graphics card unchanged.
import {
  BufferAttribute,
  BufferGeometry,
  DoubleSide,
  InterleavedBuffer,
  InterleavedBufferAttribute,
  Mesh,
  MeshPhongMaterial,
  Sphere,
  Vector3,
  type Plane,
} from "three";
import type { ScanMesh } from "itero-dpms/scan";
import { coarseIndex } from "./coarse";
import type { Placed } from "./parts";

export interface Drawn {
  placed: Placed;
  object: Mesh<BufferGeometry, MeshPhongMaterial>;
  whole: BufferAttribute;
  /** Created when it is first needed. */
  coarse: BufferAttribute | null;
}

/** `cut` hides everything behind it. */
export function draw(placed: Placed, cut: Plane): Drawn {
  const { mesh } = placed;
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(mesh.position, 3));
  geometry.setAttribute("normal", new InterleavedBufferAttribute(new InterleavedBuffer(mesh.normal, 4), 3, 0, true));
  if (mesh.color !== null)
    geometry.setAttribute("color", new InterleavedBufferAttribute(new InterleavedBuffer(mesh.color, 4), 3, 0, true));
  const [min, max] = [new Vector3(...mesh.bounds.min), new Vector3(...mesh.bounds.max)];
  geometry.boundingSphere = new Sphere(min.clone().add(max).multiplyScalar(0.5), min.distanceTo(max) / 2);
  const material = new MeshPhongMaterial({
    side: DoubleSide,
    clippingPlanes: [cut],
    specular: 0x101010,
    shininess: 20,
  });
  const object = new Mesh(geometry, material);
  object.matrixAutoUpdate = false;
  const whole = new BufferAttribute(mesh.index, 1);
  geometry.setIndex(whole);
  return { placed, object, whole, coarse: null };
}

export function coarse({ position, index, bounds }: ScanMesh): BufferAttribute {
  return new BufferAttribute(coarseIndex(position, index, bounds), 1);
}

export function remove(object: Drawn["object"]): void {
  object.geometry.dispose();
  object.material.dispose();
  object.removeFromParent();
}
