// What three.js draws: the meshes of each part, lit from the viewer's position, and the cut with its contour.
import {
  AmbientLight,
  BufferAttribute,
  BufferGeometry,
  ColorManagement,
  DirectionalLight,
  LineBasicMaterial,
  LinearSRGBColorSpace,
  LineSegments,
  OrthographicCamera,
  Plane,
  Raycaster,
  Scene,
  Vector2,
  Vector3,
  WebGLRenderer,
} from "three";
import type { Camera, Size } from "./camera";
import { coarse, draw, remove, type Drawn } from "./drawn";
import type { PartName, Placed } from "./parts";
import { contour, type SectionPlane } from "./section";

// The files' colours are sRGB, like the screen's. They are used as they are and need no conversion.
ColorManagement.enabled = false;

export interface PartLook {
  isVisible: boolean;
  opacity: number;
}

export interface Look {
  parts: ReadonlyMap<PartName, PartLook>;
  hasColor: boolean;
  /** `isFlipped` says which half is hidden. */
  section: (SectionPlane & { isFlipped: boolean }) | null;
}

export interface Hit {
  point: Vector3;
  part: PartName;
}

const STONE = 0xdccba6;
const CONTOUR = 0xd4145a;

/** Farther away than any scan, in millimetres. */
const FAR = 1e6;

/** The intensity of a light that three.js spreads over half a sphere. */
const FULL = Math.PI;

export class Graphics {
  readonly #renderer: WebGLRenderer;
  readonly #scene = new Scene();
  readonly #camera = new OrthographicCamera();
  readonly #cut = new Plane();
  readonly #contour = new LineSegments(
    new BufferGeometry(),
    new LineBasicMaterial({ color: CONTOUR, depthTest: false, transparent: true }),
  );
  #drawn: Drawn[] = [];
  #look: Look = { parts: new Map(), hasColor: true, section: null };

  constructor(canvas: HTMLCanvasElement, context: WebGL2RenderingContext) {
    this.#renderer = new WebGLRenderer({ canvas, context });
    this.#renderer.outputColorSpace = LinearSRGBColorSpace;
    this.#renderer.localClippingEnabled = true;
    this.#renderer.setClearColor(0, 0);
    const light = new DirectionalLight(0xffffff, 0.68 * FULL);
    light.position.set(0.3, 0.4, 1);
    this.#camera.add(light, light.target);
    this.#contour.renderOrder = 1;
    this.#contour.frustumCulled = false;
    this.#scene.add(this.#camera, new AmbientLight(0xffffff, 0.42 * FULL), this.#contour);
  }

  /** Only new meshes are sent to the graphics card. */
  setMeshes(placed: readonly Placed[]): void {
    const known = new Map(this.#drawn.map((drawn) => [drawn.placed.mesh, drawn]));
    this.#drawn = placed.map((each) => {
      const drawn = known.get(each.mesh) ?? draw(each, this.#cut);
      known.delete(each.mesh);
      drawn.placed = each;
      drawn.object.matrix.copy(each.matrix);
      drawn.object.matrixWorldNeedsUpdate = true;
      return drawn;
    });
    for (const { object } of known.values()) remove(object);
    for (const { object } of this.#drawn) this.#scene.add(object);
    this.setLook(this.#look);
  }

  setLook(look: Look): void {
    this.#look = look;
    const { section } = look;
    // Without a section, the plane is far away and hides nothing. Removing it would need another shader to be compiled.
    const sign = section?.isFlipped ? 1 : -1;
    this.#cut.normal.set(0, 0, 0)[section?.axis ?? "z"] = sign;
    this.#cut.constant = -sign * (section?.at ?? FAR);
    for (const { object, placed } of this.#drawn) {
      const { isVisible = true, opacity = 1 } = look.parts.get(placed.part) ?? {};
      const { material } = object;
      const isColored = look.hasColor && placed.mesh.color !== null;
      object.visible = isVisible && opacity > 0;
      object.renderOrder = opacity < 1 ? 1 : 0;
      material.opacity = opacity;
      material.transparent = opacity < 1;
      material.needsUpdate = material.vertexColors !== isColored;
      material.vertexColors = isColored;
      material.color.set(isColored ? 0xffffff : STONE);
    }
    this.#setContour(section);
  }

  /** Draws one picture. */
  render(camera: Camera, { width, height }: Size, isCoarse: boolean): void {
    for (const drawn of this.#drawn) {
      if (isCoarse && drawn.object.visible) drawn.coarse ??= coarse(drawn.placed.mesh);
      drawn.object.geometry.setIndex(isCoarse ? (drawn.coarse ?? drawn.whole) : drawn.whole);
    }
    this.#aim(camera, { width, height });
    this.#renderer.render(this.#scene, this.#camera);
  }

  resize({ width, height }: Size, pixelRatio: number): void {
    this.#renderer.setPixelRatio(pixelRatio);
    this.#renderer.setSize(width, height, false);
  }

  /** Returns what is visible at a place of the picture, in pixels from its top left. */
  pick(camera: Camera, size: Size, x: number, y: number): Hit | null {
    this.#aim(camera, size);
    const ray = new Raycaster();
    ray.setFromCamera(new Vector2((2 * x) / size.width - 1, 1 - (2 * y) / size.height), this.#camera);
    const shown = this.#drawn.filter(({ object }) => object.visible);
    for (const { object, whole } of shown) object.geometry.setIndex(whole);
    const isKept = (point: Vector3) => this.#cut.distanceToPoint(point) >= 0;
    const hit = ray.intersectObjects(shown.map(({ object }) => object)).find(({ point }) => isKept(point));
    const drawn = shown.find(({ object }) => object === hit?.object);
    return hit && drawn ? { point: hit.point, part: drawn.placed.part } : null;
  }

  dispose(): void {
    for (const { object } of this.#drawn) remove(object);
    this.#contour.geometry.dispose();
    this.#contour.material.dispose();
    this.#renderer.dispose();
  }

  #setContour(section: SectionPlane | null): void {
    const lines = section === null ? [] : this.#drawn.filter(({ object }) => object.visible);
    const points = lines.map(({ placed: { mesh, matrix } }) => contour(mesh, matrix, section!));
    const all = new Float32Array(points.reduce((length, each) => length + each.length, 0));
    let at = 0;
    for (const each of points) {
      all.set(each, at);
      at += each.length;
    }
    this.#contour.geometry.dispose();
    this.#contour.geometry = new BufferGeometry().setAttribute("position", new BufferAttribute(all, 3));
    this.#contour.visible = all.length > 0;
  }

  #aim({ rotation, target, mmPerPixel }: Camera, { width, height }: Size): void {
    const camera = this.#camera;
    // Far enough away that nothing is behind it.
    const reach = this.#drawn.reduce((most, { object }) => {
      const { center, radius } = object.geometry.boundingSphere!.clone().applyMatrix4(object.matrix);
      return Math.max(most, center.distanceTo(target) + radius);
    }, 1);
    camera.right = (width * mmPerPixel) / 2;
    camera.left = -camera.right;
    camera.top = (height * mmPerPixel) / 2;
    camera.bottom = -camera.top;
    camera.near = 0;
    camera.far = 2 * reach + 2;
    camera.quaternion.copy(rotation);
    camera.position
      .set(0, 0, reach + 1)
      .applyQuaternion(rotation)
      .add(target);
    camera.updateProjectionMatrix();
    camera.updateMatrixWorld();
  }
}
