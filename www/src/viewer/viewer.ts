// A scan in 3D: turns the user's commands into pictures, drawn only when something changes.
import type { ScanMesh } from "itero-dpms/scan";
import { h } from "../dom";
import type { Listeners } from "../listeners";
import { fitted, moved, projected, turned, zoomed, type Camera, type Size } from "./camera";
import type { Command } from "./commands";
import { controls } from "./controls";
import { Graphics } from "./graphics";
import { Measuring } from "./measuring";
import { Motion } from "./motion";
import { marksOf, rotationOf, VIEW_LABELS, viewOf, type ViewName } from "./orientation";
import { overlay } from "./overlay";
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

/** More pixels cost time and show nothing more. */
const MOST_PIXELS = 2;

/** Returns null without WebGL. `onRestart` is called if the graphics context is lost and the user asks for it again. */
export function openViewer(source: ViewerSource, orderId: number, onRestart: () => void): Viewer | null {
  const settings = new Settings();
  const measuring = new Measuring();
  const layer = overlay();
  let placement = place(source.meshes);
  let size: Size = { width: 1, height: 1 };
  let view: ViewName = "front";
  /** Whether the user has moved the camera, which then stays as it is. */
  let isAimed = false;
  let frames = 0;
  const motion = new Motion(fitted(rotationOf(view), boxOf([]), size), (isCoarse) => draw(isCoarse));

  const area = stage({
    overlay: layer.element,
    onCommand: (command) => run(command),
    onPoint: (x, y) => point(x, y),
    onHold: (isHeld) => motion.hold(isHeld),
    onResize: (value) => {
      size = value;
      graphics.resize(size, Math.min(devicePixelRatio, MOST_PIXELS));
      if (!isAimed) motion.camera = aimAt(view);
      motion.invalidate();
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
      void (document.fullscreenElement === element ? document.exitFullscreen() : element.requestFullscreen()).catch(
        () => say("The browser does not show this in full screen."),
      ),
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

  /** Updates the picture after a change of what is shown. */
  function show(): void {
    graphics.setLook(settings);
    panel.draw({
      view: viewOf(motion.aim.rotation),
      box: boxOf(placement.placed),
      canColor: hasColors(),
      distance: measuring.distance,
    });
    motion.invalidate();
  }

  function hasColors(): boolean {
    return placement.placed.some(({ mesh }) => mesh.color !== null);
  }

  function update(): void {
    placement = place(source.meshes);
    measuring.clear(); // its points were on the earlier meshes
    settings.offer(placement.placed.map(({ part }) => part));
    graphics.setMeshes(placement.placed);
    apart.hidden = !placement.isApart;
    if (!isAimed) motion.camera = aimAt(view);
    show();
  }

  function aimAt(wanted: ViewName): Camera {
    return fitted(rotationOf(wanted), boxOf(placement.placed.filter(({ part }) => settings.isVisible(part))), size);
  }

  function run(command: Command): void {
    switch (command.do) {
      case "turn":
        return aim(turned(motion.camera, command.right, command.down));
      case "move":
        return aim(moved(motion.camera, command.right, command.down));
      case "zoom":
        return aim(zoomed(motion.camera, command.factor, command.x, command.y));
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
    motion.follow(next);
    panel.setView(viewOf(next.rotation));
  }

  function goTo(next: ViewName, what: string): void {
    view = next;
    settings.lookAt(view);
    isAimed = false;
    motion.travel(aimAt(view));
    say(what);
    show();
  }

  function setMode(mode: DragMode): void {
    area.setMode(mode);
    if (mode !== "measure") measuring.clear();
    else say("Choose two points on the scan, or move the middle to a point and press Enter.");
    show();
  }

  function point(x: number, y: number): void {
    if (area.element.dataset["mode"] !== "measure") return;
    say(measuring.add(graphics.pick(motion.camera, size, x, y), placement.isApart));
    show();
  }

  function draw(isCoarse: boolean): void {
    if (context!.isContextLost()) return;
    const { camera } = motion;
    graphics.render(camera, size, isCoarse);
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
    graphics.render(motion.camera, size, false);
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
    event.preventDefault(); // without this, the context is never restored
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
      motion.dispose();
      area.dispose();
      graphics.dispose();
      // Browsers allow only a few contexts per page.
      if (!context.isContextLost()) context.getExtension("WEBGL_lose_context")?.loseContext();
    },
  };
}
