// What the build adds to `lib`, for the type checker; not published.

declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

/** A module: gzip in base64. */
declare module "*/base64.js" {
  const base64: string;
  export default base64;
}
