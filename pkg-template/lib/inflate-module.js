/**
 * Returns the module that is part of a bundle. It is never fetched, not even as a data: URL, which policies can forbid.
 *
 * @param {string} base64 of its gzip
 * @returns {Promise<WebAssembly.Module>}
 */
export async function inflateModule(base64) {
  const gzip = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const bytes = new Response(new Blob([gzip]).stream().pipeThrough(new DecompressionStream("gzip")));
  return WebAssembly.compile(await bytes.arrayBuffer());
}
