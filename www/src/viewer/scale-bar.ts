// How long the scale bar is.

export interface ScaleBar {
  mm: number;
  pixels: number;
}

/** Returns the longest bar of 1, 2 or 5 millimetres, or ten times as many and so on, that has room. */
export function scaleBar(mmPerPixel: number, room: number): ScaleBar {
  const most = mmPerPixel * room;
  const power = 10 ** Math.floor(Math.log10(most));
  const mm = power * ([5, 2].find((step) => step * power <= most) ?? 1);
  return { mm, pixels: mm / mmPerPixel };
}

/** A length in words that say no more than is known. */
export function millimetres(mm: number): string {
  return `${mm >= 1 || mm === 0 ? Number(mm.toFixed(1)) : Number(mm.toPrecision(1))} mm`;
}
