// What a user can do in the viewer, with any input device.
import { VIEWS, type ViewName } from "./orientation";

export type Command =
  | { do: "turn"; right: number; down: number }
  | { do: "move"; right: number; down: number }
  | { do: "zoom"; factor: number; x?: number; y?: number }
  | { do: "view"; view: ViewName }
  | { do: "reset" }
  | { do: "toggle"; part: "upper" | "lower" }
  | { do: "point" };

/** For keys and buttons, in radians. */
export const TURN_STEP = Math.PI / 12;

/** For keys and buttons, in pixels. */
export const MOVE_STEP = 40;

export const ZOOM_STEP = 1.25;

const arrows: Record<string, [right: number, down: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Returns a step in a direction: a turn or a move. */
export function step(isMove: boolean, right: number, down: number): Command {
  return isMove
    ? { do: "move", right: right * MOVE_STEP, down: down * MOVE_STEP }
    : { do: "turn", right: right * TURN_STEP, down: down * TURN_STEP };
}

/** Returns the command of a key. With Ctrl, Alt or the command key it belongs to the browser. */
export function commandOf({
  key,
  shiftKey,
  ctrlKey,
  altKey,
  metaKey,
}: Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "altKey" | "metaKey">): Command | null {
  if (ctrlKey || altKey || metaKey) return null;
  const arrow = arrows[key];
  if (arrow !== undefined) return step(shiftKey, ...arrow);
  const view = VIEWS[Number(key) - 1];
  if (view !== undefined) return { do: "view", view };
  switch (key.toLowerCase()) {
    case "+":
    case "=":
      return { do: "zoom", factor: ZOOM_STEP };
    case "-":
    case "_":
      return { do: "zoom", factor: 1 / ZOOM_STEP };
    case "u":
      return { do: "toggle", part: "upper" };
    case "l":
      return { do: "toggle", part: "lower" };
    case "0":
    case "home":
      return { do: "reset" };
    case "enter":
      return { do: "point" };
    default:
      return null;
  }
}
