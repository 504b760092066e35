/**
 * Returns the module at a URL, compiled while it arrives. Engines do that only for `application/wasm`: with another type, it
 * is compiled after it has arrived.
 *
 * @param {URL} url
 * @returns {Promise<WebAssembly.Module>}
 */
export async function fetchModule(url) {
  const response = await fetch(url);
  const type = response.headers.get("Content-Type") ?? "";
  // Servers of single-page applications answer with their page where there is no file.
  if (!response.ok || type.startsWith("text/html")) {
    throw new Error(`no WebAssembly module at ${url}: ${`${response.status} ${type}`.trim()}`);
  }
  return type === "application/wasm"
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}
