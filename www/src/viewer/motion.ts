// When to draw, and where the camera is: only when something changes, along the way from one view to the next, and with fewer
// triangles during movement on a machine that is too slow.
import { between, type Camera } from "./camera";
import { Pace } from "./pace";

const WAY_MS = 250;

/** A picture counts as still this long after its last change. */
const REST_MS = 150;

export class Motion {
  camera: Camera;
  readonly #draw: (isCoarse: boolean) => void;
  readonly #pace = new Pace();
  #way: { from: Camera; to: Camera; begin: number | null } | null = null;
  #frame: number | null = null;
  #resting: ReturnType<typeof setTimeout> | undefined;
  #isHeld = false;
  #isMoving = false;
  #isCoarse = false;

  constructor(camera: Camera, draw: (isCoarse: boolean) => void) {
    this.camera = camera;
    this.#draw = draw;
  }

  /** Draws again, since something other than the camera has changed. */
  invalidate(): void {
    this.#frame ??= requestAnimationFrame((at) => this.#next(at));
  }

  /** Sets the camera at once, as the user moves it. */
  follow(camera: Camera): void {
    this.#way = null;
    this.camera = camera;
    this.#move();
  }

  /** Moves the camera to another view; at once for users who prefer reduced motion. */
  travel(to: Camera): void {
    this.#way = null;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) this.camera = to;
    else this.#way = { from: this.camera, to, begin: null };
    this.invalidate();
  }

  /** Where the camera is, or will be at the end of its way. */
  get aim(): Camera {
    return this.#way?.to ?? this.camera;
  }

  /** While the user holds the picture, it counts as moving, even if it stands still. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    if (!isHeld) this.#rest();
  }

  dispose(): void {
    clearTimeout(this.#resting);
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
  }

  #next(at: number): void {
    this.#frame = null;
    if (this.#way !== null) this.#travelOn(this.#way, at);
    this.#isCoarse = this.#isMoving && this.#pace.isSlow;
    this.#draw(this.#isCoarse);
    if (this.#isMoving && !this.#isCoarse) this.#pace.frame(at);
  }

  #travelOn(way: { from: Camera; to: Camera; begin: number | null }, at: number): void {
    way.begin ??= at;
    const share = Math.min(1, (at - way.begin) / WAY_MS);
    this.camera = between(way.from, way.to, share);
    if (share === 1) this.#way = null;
    this.#move();
  }

  #move(): void {
    this.#isMoving = true;
    this.#rest();
    this.invalidate();
  }

  #rest(): void {
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => {
      if (this.#isHeld || this.#way !== null) return;
      this.#isMoving = false;
      this.#pace.rest();
      if (this.#isCoarse) this.invalidate();
    }, REST_MS);
  }
}
