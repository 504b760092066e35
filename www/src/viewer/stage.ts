// The picture as a control: mouse, touch and keys become commands. Scrolling the page has priority: the wheel and a single
// finger scroll the page until the picture is in use.
import { h } from "../dom";
import type { Size } from "./camera";
import { commandOf, step, type Command } from "./commands";

export type DragMode = "turn" | "move" | "measure";

export interface Stage {
  element: HTMLElement;
  canvas: HTMLCanvasElement;
  setMode: (mode: DragMode) => void;
  dispose: () => void;
}

export interface StageOptions {
  overlay: SVGSVGElement;
  onCommand: (command: Command) => void;
  /** Called with the place of a click or tap, in pixels from the top left, while measuring. */
  onPoint: (x: number, y: number) => void;
  onResize: (size: Size) => void;
  /** Called when the user starts or stops dragging. */
  onHold: (isHeld: boolean) => void;
}

/** Radians per pixel: a drag across the picture of a phone is half a turn. */
const TURN = Math.PI / 360;

/** How far the pointer may move during a click, in pixels. */
const SLIP = 4;

const WHEEL = 0.0015;

/** Pixels per line, for wheels that count in lines. */
const LINE = 16;

export function stage({ overlay, onCommand, onPoint, onResize, onHold }: StageOptions): Stage {
  let mode: DragMode = "turn";
  const pointers = new Map<number, { x: number; y: number }>();
  let slipped = 0;

  const canvas = h("canvas", { class: "viewer-canvas", "aria-hidden": true });
  const setActive = (value: boolean): void => void (element.dataset["active"] = String(value));

  const drag = (right: number, down: number, isMove: boolean): void =>
    onCommand(isMove ? { do: "move", right, down } : { do: "turn", right: right * TURN, down: down * TURN });

  const pinch = (before: { x: number; y: number }[], after: { x: number; y: number }[]): void => {
    const [a, b] = [spanOf(before), spanOf(after)];
    const { width, height } = element.getBoundingClientRect();
    if (a.length > 0 && b.length > 0)
      onCommand({ do: "zoom", factor: b.length / a.length, x: b.x - width / 2, y: b.y - height / 2 });
    drag(b.x - a.x, b.y - a.y, true);
  };

  const placeOf = ({ clientX, clientY }: MouseEvent) => {
    const { left, top } = element.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };

  const release = (event: PointerEvent): void => {
    if (!pointers.delete(event.pointerId)) return;
    if (pointers.size > 0) return;
    onHold(false);
    if (event.type !== "pointerup" || slipped > SLIP) return;
    setActive(true);
    if (mode !== "measure" || event.button !== 0) return;
    const { x, y } = placeOf(event);
    onPoint(x, y);
  };

  const element: HTMLElement = h(
    "div",
    {
      class: "viewer-stage",
      role: "application",
      tabindex: 0,
      testid: "viewer-stage",
      "aria-label": "Scan in 3D",
      "aria-describedby": "viewer-help",
      "data-active": "false",
      "data-mode": mode,
      onpointerdown: (event) => {
        pointers.set(event.pointerId, placeOf(event));
        element.setPointerCapture(event.pointerId);
        if (pointers.size === 1) slipped = 0;
        if (event.pointerType === "mouse") setActive(true);
        element.focus({ preventScroll: true });
        onHold(true);
      },
      onpointermove: (event) => {
        const before = pointers.get(event.pointerId);
        if (before === undefined) return;
        const all = [...pointers.values()];
        const after = placeOf(event);
        pointers.set(event.pointerId, after);
        slipped += Math.hypot(after.x - before.x, after.y - before.y);
        if (pointers.size === 2) return pinch(all, [...pointers.values()]);
        if (pointers.size > 2 || slipped <= SLIP) return;
        // Another mouse button or the shift key moves the picture.
        drag(after.x - before.x, after.y - before.y, mode === "move" || event.buttons > 1 || event.shiftKey);
      },
      onpointerup: release,
      onpointercancel: release,
      oncontextmenu: (event) => event.preventDefault(),
      onkeydown: (event) => {
        if (event.key === "Escape") return setActive(false);
        const command = commandOf(event);
        if (command === null) return;
        event.preventDefault();
        setActive(true);
        onCommand(
          command.do === "turn" && mode === "move"
            ? step(true, Math.sign(command.right), Math.sign(command.down))
            : command,
        );
      },
      onblur: () => setActive(false),
    },
    canvas,
    overlay,
  );
  element.addEventListener(
    "wheel",
    (event) => {
      if (element.dataset["active"] !== "true") return;
      event.preventDefault();
      const { x, y } = placeOf(event);
      const { width, height } = element.getBoundingClientRect();
      const factor = Math.exp(-event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : LINE) * WHEEL);
      onCommand({ do: "zoom", factor, x: x - width / 2, y: y - height / 2 });
    },
    { passive: false },
  );
  const observer = new ResizeObserver(([entry]) => {
    const { width, height } = entry?.contentRect ?? { width: 0, height: 0 };
    if (width > 0 && height > 0) onResize({ width, height });
  });
  observer.observe(element);
  return {
    element,
    canvas,
    setMode: (value) => {
      mode = value;
      element.dataset["mode"] = value;
    },
    dispose: () => observer.disconnect(),
  };
}

/** Returns the middle between two fingers, and their distance. */
function spanOf([a, b]: { x: number; y: number }[]) {
  const [p, q] = [a ?? { x: 0, y: 0 }, b ?? { x: 0, y: 0 }];
  return { x: (p.x + q.x) / 2, y: (p.y + q.y) / 2, length: Math.hypot(p.x - q.x, p.y - q.y) };
}
