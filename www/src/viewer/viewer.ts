// A scan in 3D: what was asked for becomes a picture, drawn only when something changes.
import type { ScanMesh } from "itero-dpms/scan";
import { h } from "../dom";
import type { Listeners } from "../listeners";
import { between, fitted, moved, projected, turned, zoomed, type Camera, type Size } from "./camera";
import type { Command } from "./commands";
import { controls } from "./controls";
import { Graphics } from "./graphics";
import { Measuring } from "./measuring";
import { marksOf, rotationOf, VIEW_LABELS, viewOf, type ViewName } from "./orientation";
import { overlay } from "./overlay";
import { Pace } from "./pace";
import { boxOf, PART_LABELS, place } from "./parts";
import { screenshot } from "./screenshot";
import { Settings } from "./settings";
import { stage, type DragMode } from "./stage";

export interface ViewerSource {
  /** By path. */
  readonly meshes: ReadonlyMap<string, ScanMesh>;
  readonly meshesChanged: Listeners;
}

export interface Viewer {
  element: HTMLElement;
  dispose: () => void;
}

const WAY_MS = 250;

/** How long after the last change a picture counts as still. */
const REST_MS = 150;

/** Finer pixels cost time and show nothing. */
const MOST_PIXELS = 2;

/** Returns null where there is no WebGL. `onRestart` is called when the graphics are gone and the user asks for them again. */
export function openViewer(source: ViewerSource, orderId: number, onRestart: () => void): Viewer | null {
  const settings = new Settings();
  const measuring = new Measuring();
  const pace = new Pace();
  const layer = overlay();
  let placement = place(source.meshes);
  let size: Size = { width: 1, height: 1 };
  let camera: Camera = fitted(rotationOf("front"), boxOf([]), size);
  let view: ViewName = "front";
  /** Whether the user aimed the camera: then it stays. */
  let isAimed = false;
  let way: { from: Camera; to: Camera; begin: number | null } | null = null;
  let isHeld = false;
  let resting: ReturnType<typeof setTimeout> | undefined;
  let isMoving = false;
  let frame: number | null = null;
  let frames = 0;

  const area = stage({
    overlay: layer.element,
    onCommand: (command) => run(command),
    onPoint: (x, y) => point(x, y),
    onHold: (value) => {
      isHeld = value;
      if (!value) rest();
    },
    onResize: (value) => {
      size = value;
      graphics?.resize(size, Math.min(devicePixelRatio, MOST_PIXELS));
      if (!isAimed) camera = aimAt(view);
      invalidate();
    },
  });
  const context = area.canvas.getContext("webgl2", { alpha: true, antialias: true });
  if (context === null) {
    area.dispose();
    return null;
  }
  const graphics = new Graphics(area.canvas, context);

  const panel = controls(settings, {
    onCommand: (command) => run(command),
    onMode: (mode) => setMode(mode),
    onPart: (part, look) => {
      settings.change(part, look);
      if (look.isVisible !== undefined) say(`${PART_LABELS[part]} ${look.isVisible ? "shown" : "hidden"}`);
      show();
    },
    onLook: () => show(),
    onScreenshot: () => void save(),
    onFullscreen: () =>
      void (document.fullscreenElement === element ? document.exitFullscreen() : element.requestFullscreen()),
  });
  const status = h("p", { class: "visually-hidden", role: "status", testid: "viewer-status" });
  const apart = h(
    "p",
    { class: "callout small", testid: "viewer-apart", hidden: true },
    "The files hold each arch by itself and not how they bite: upper and lower are shown apart.",
  );
  const lost = h(
    "div",
    { class: "viewer-lost", role: "alert", testid: "viewer-lost", hidden: true },
    h("p", {}, "The browser took the graphics away. They usually come back by themselves."),
    h("button", { type: "button", class: "button", testid: "viewer-restart", onclick: onRestart }, "Start again"),
  );
  const element = h(
    "div",
    { class: "viewer", testid: "viewer" },
    apart,
    h("div", { class: "viewer-picture" }, area.element, lost),
    panel.element,
    status,
  );

  function say(what: string): void {
    status.textContent = what;
  }

  /** Something that is shown has changed. */
  function show(): void {
    graphics.setLook(settings);
    panel.draw({
      view: viewOf(camera.rotation),
      box: boxOf(placement.placed),
      canColor: hasColors(),
      distance: measuring.distance,
    });
    invalidate();
  }

  function hasColors(): boolean {
    return placement.placed.some(({ mesh }) => mesh.color !== null);
  }

  function update(): void {
    placement = place(source.meshes);
    settings.offer(placement.placed.map(({ part }) => part));
    graphics.setMeshes(placement.placed);
    apart.hidden = !placement.isApart;
    if (!isAimed) camera = aimAt(view);
    show();
  }

  function aimAt(wanted: ViewName): Camera {
    return fitted(rotationOf(wanted), boxOf(placement.placed.filter(({ part }) => settings.isVisible(part))), size);
  }

  function run(command: Command): void {
    switch (command.do) {
      case "turn":
        return aim(turned(camera, command.right, command.down));
      case "move":
        return aim(moved(camera, command.right, command.down));
      case "zoom":
        return aim(zoomed(camera, command.factor, command.x, command.y));
      case "view":
        return goTo(command.view, `${VIEW_LABELS[command.view]} view`);
      case "reset":
        settings.reset();
        measuring.clear();
        return goTo("front", "View reset");
      case "toggle": {
        const isVisible = !settings.isVisible(command.part);
        if (!settings.parts.has(command.part)) return say(`There is no ${command.part} arch by itself.`);
        settings.change(command.part, { isVisible });
        say(`${PART_LABELS[command.part]} ${isVisible ? "shown" : "hidden"}`);
        return show();
      }
      case "point":
        return point(size.width / 2, size.height / 2);
    }
  }

  function aim(next: Camera): void {
    isAimed = true;
    way = null;
    camera = next;
    move();
    panel.setView(viewOf(camera.rotation));
  }

  function goTo(next: ViewName, what: string): void {
    view = next;
    settings.lookAt(view);
    isAimed = false;
    const to = aimAt(view);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) camera = to;
    else way = { from: camera, to, begin: null };
    say(what);
    show();
    panel.setView(view);
  }

  function setMode(mode: DragMode): void {
    area.setMode(mode);
    if (mode !== "measure") measuring.clear();
    else say("Choose two points on the scan, or move the middle to a point and press Enter.");
    show();
  }

  function point(x: number, y: number): void {
    if (area.element.dataset["mode"] !== "measure") return;
    say(measuring.add(graphics.pick(camera, size, x, y), placement.isApart));
    show();
  }

  /** The camera moves: until it rests, the picture may be simpler. */
  function move(): void {
    isMoving = true;
    rest();
    invalidate();
  }

  function rest(): void {
    clearTimeout(resting);
    resting = setTimeout(() => {
      if (isHeld || way !== null) return;
      isMoving = false;
      pace.rest();
      if (element.dataset["detail"] === "coarse") invalidate();
    }, REST_MS);
  }

  function invalidate(): void {
    frame ??= requestAnimationFrame(draw);
  }

  function draw(at: number): void {
    frame = null;
    if (context!.isContextLost()) return;
    if (way !== null) {
      way.begin ??= at;
      const share = Math.min(1, (at - way.begin) / WAY_MS);
      camera = between(way.from, way.to, share);
      if (share === 1) way = null;
      move();
    }
    const isCoarse = isMoving && pace.isSlow;
    graphics.render(camera, size, isCoarse);
    if (isMoving && !isCoarse) pace.frame(at);
    layer.draw(
      {
        mmPerPixel: camera.mmPerPixel,
        marks: placement.knowsSides ? marksOf(camera.rotation) : [],
        points: measuring.points.map((each) => projected(camera, each.clone(), size)),
        distance: measuring.distance,
        hasCrosshair: area.element.dataset["mode"] === "measure",
      },
      size,
    );
    frames += 1;
    Object.assign(element.dataset, {
      frames,
      detail: isCoarse ? "coarse" : "full",
      view: viewOf(camera.rotation) ?? "",
    });
  }

  async function save(): Promise<void> {
    graphics.render(camera, size, false);
    try {
      const url = URL.createObjectURL(await screenshot(area.canvas, layer.element, size));
      h("a", { href: url, download: `order-${orderId}-3d.png` }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
      say("Picture saved");
    } catch (error) {
      say(error instanceof Error ? error.message : "The picture could not be made.");
    }
  }

  area.canvas.addEventListener("webglcontextlost", (event) => {
    event.preventDefault(); // or it would not come back
    lost.hidden = false;
  });
  area.canvas.addEventListener("webglcontextrestored", () => {
    lost.hidden = true;
    show();
  });
  const stopListening = source.meshesChanged.add(update);
  update();
  return {
    element,
    dispose: () => {
      stopListening();
      clearTimeout(resting);
      if (frame !== null) cancelAnimationFrame(frame);
      area.dispose();
      graphics.dispose();
    },
  };
}
