// A modal dialog that is in the page only while it is open. Escape closes it, and the focus returns to where it was.
import { h, type Child } from "../dom";

export interface Dialog {
  element: HTMLDialogElement;
  close: () => void;
}

export interface DialogOptions {
  title: string;
  testid: string;
  onClose?: () => void;
}

/** `host` is the view that the dialog belongs to and is removed with. `content` gets the function that closes the dialog. */
export function openDialog(
  host: HTMLElement,
  { title, testid, onClose }: DialogOptions,
  content: (close: () => void) => Child,
): Dialog {
  const close = (): void => element.close();
  const element: HTMLDialogElement = h(
    "dialog",
    {
      class: "dialog",
      testid,
      "aria-labelledby": "dialog-title",
      onclose: () => {
        element.remove();
        onClose?.();
      },
    },
    h("h2", { id: "dialog-title" }, title),
    content(close),
  );
  host.append(element);
  element.showModal();
  return { element, close };
}
