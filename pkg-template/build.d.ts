// What the build adds to `lib`, for the type checker; not published.

declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "cloudflare:workers" {
  export const DurableObject: new (state: never, env: never) => object;
}

/** The pipes of Workers, which pass bytes on without touching them. */
declare class IdentityTransformStream extends TransformStream<Uint8Array, Uint8Array> {}
declare class FixedLengthStream extends IdentityTransformStream {
  constructor(length: number);
}

/** A module: gzip in base64. */
declare module "*/base64.js" {
  const base64: string;
  export default base64;
}
