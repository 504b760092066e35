// The length of the scale bar.

export interface ScaleBar {
  mm: number;
  pixels: number;
}

/** Returns the longest bar that has room: 1, 2 or 5 millimetres, times a power of ten. */
export function scaleBar(mmPerPixel: number, room: number): ScaleBar {
  const most = mmPerPixel * room;
  const power = 10 ** Math.floor(Math.log10(most));
  const mm = power * ([5, 2].find((step) => step * power <= most) ?? 1);
  return { mm, pixels: mm / mmPerPixel };
}

/** Formats a length with no more digits than are known. */
export function millimetres(mm: number): string {
  return `${mm >= 1 || mm === 0 ? Number(mm.toFixed(1)) : Number(mm.toPrecision(1))} mm`;
}
