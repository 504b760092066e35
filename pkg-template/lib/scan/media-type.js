// Detects the media type of a file by its first bytes. Never a type that a browser would run if the Blob were opened: no
// HTML, XML or SVG.

/** How many bytes `mediaType` looks at. */
export const SNIFFED = 16;

/** @type {readonly [RegExp, string][]} */
const TYPES = [
  [/^\xff\xd8\xff/, "image/jpeg"],
  [/^\x89PNG\r\n/, "image/png"],
  [/^GIF8[79]a/, "image/gif"],
  [/^RIFF[^]{4}WEBP/, "image/webp"],
  [/^BM/, "image/bmp"],
  [/^(?:II\*\0|MM\0\*)/, "image/tiff"],
  [/^%PDF-/, "application/pdf"],
  [/^solid\s/i, "model/stl"],
  [/^(?:\xef\xbb\xbf)?\s*</, "text/plain"],
];

/** @param {Uint8Array} start */
export function mediaType(start) {
  const text = String.fromCharCode(...start.subarray(0, SNIFFED));
  return TYPES.find(([pattern]) => pattern.test(text))?.[1] ?? "application/octet-stream";
}
