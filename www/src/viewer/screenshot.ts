// The picture as a file: the WebGL canvas on the page's background, with the overlay on top.
import type { Size } from "./camera";

/** Call it in the same task as the drawing of `canvas`, since the canvas loses its pixels after it. */
export async function screenshot(canvas: HTMLCanvasElement, overlay: SVGSVGElement, size: Size): Promise<Blob> {
  const picture = document.createElement("canvas");
  picture.width = canvas.width;
  picture.height = canvas.height;
  const context = picture.getContext("2d");
  if (context === null) throw new Error("This browser has no room for the picture.");
  context.fillStyle = getComputedStyle(canvas.parentElement ?? canvas).backgroundColor;
  context.fillRect(0, 0, picture.width, picture.height);
  context.drawImage(canvas, 0, 0);
  context.scale(picture.width / size.width, picture.height / size.height);
  for (const element of overlay.children) paint(context, element);
  const blob = await new Promise<Blob | null>((resolve) => picture.toBlob(resolve, "image/png"));
  if (blob === null) throw new Error("This browser could not make a picture.");
  return blob;
}

function paint(context: CanvasRenderingContext2D, element: Element): void {
  const style = getComputedStyle(element);
  const at = (name: string) => Number(element.getAttribute(name));
  context.strokeStyle = style.stroke;
  context.fillStyle = style.fill;
  context.lineWidth = Number.parseFloat(style.strokeWidth) || 1;
  context.beginPath();
  switch (element.tagName) {
    case "line":
      context.moveTo(at("x1"), at("y1"));
      context.lineTo(at("x2"), at("y2"));
      return context.stroke();
    case "circle":
      context.arc(at("cx"), at("cy"), at("r"), 0, 2 * Math.PI);
      context.fill();
      return context.stroke();
    case "text":
      context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      context.textAlign = "center";
      // As on the page: an edge in the background's colour around the letters.
      context.strokeText(element.textContent ?? "", at("x"), at("y"));
      return context.fillText(element.textContent ?? "", at("x"), at("y"));
  }
}
