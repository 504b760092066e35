/**
 * The module at a URL, compiled while it arrives. Engines do that only for `application/wasm`: what a server calls otherwise
 * is compiled when it is there.
 */
export async function fetchModule(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the WebAssembly module cannot be loaded: ${url} answered ${response.status}`);
  const isLabelled = response.headers.get("Content-Type") === "application/wasm";
  return isLabelled ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}
