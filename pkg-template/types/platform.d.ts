// The platform's own types if the project has them (`lib: ["DOM"]`, @types/node, @cloudflare/workers-types), and otherwise
// the parts that this package uses, so that its declarations compile in every project.

type Global<Name extends string, Otherwise> =
  typeof globalThis extends Record<Name, { prototype: infer Type }> ? Type : Otherwise;

export type AbortSignal = Global<
  "AbortSignal",
  {
    readonly aborted: boolean;
    readonly reason: unknown;
    addEventListener(type: "abort", listener: () => void): void;
    removeEventListener(type: "abort", listener: () => void): void;
  }
>;

export type Headers = Global<
  "Headers",
  {
    get(name: string): string | null;
    has(name: string): boolean;
    forEach(callback: (value: string, name: string) => void): void;
  }
>;

export type ReadableStream = Global<
  "ReadableStream",
  {
    readonly locked: boolean;
    cancel(reason?: unknown): Promise<void>;
    getReader(): {
      read(): Promise<{ done: false; value: Uint8Array } | { done: true; value?: undefined }>;
      cancel(reason?: unknown): Promise<void>;
      releaseLock(): void;
    };
  }
>;

export type Request = Global<"Request", Body & { readonly method: string; readonly signal: AbortSignal }>;

export type Response = Global<
  "Response",
  Body & { readonly ok: boolean; readonly status: number; readonly statusText: string }
>;

interface Body {
  readonly url: string;
  readonly headers: Headers;
  readonly body: ReadableStream | null;
  readonly bodyUsed: boolean;
  arrayBuffer(): Promise<ArrayBuffer>;
  json(): Promise<unknown>;
  text(): Promise<string>;
}

export type RequestInit = typeof globalThis extends { fetch: (input: never, init?: infer Init) => unknown }
  ? NonNullable<Init>
  : {
      method?: string | undefined;
      headers?: Record<string, string> | undefined;
      body?: string | Uint8Array | null | undefined;
      signal?: AbortSignal | null | undefined;
    };

export type URL = Global<"URL", { readonly href: string; toString(): string }>;

export type WebAssemblyModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Module } } }
  ? Module & object
  : object;

export type Blob = Global<
  "Blob",
  {
    readonly size: number;
    readonly type: string;
    arrayBuffer(): Promise<ArrayBuffer>;
    slice(start?: number, end?: number, type?: string): Blob;
    stream(): ReadableStream;
    text(): Promise<string>;
  }
>;

export type Worker = Global<
  "Worker",
  {
    postMessage(message: unknown, transfer: ArrayBuffer[]): void;
    terminate(): void;
    addEventListener(type: string, listener: (event: never) => void): void;
  }
>;

/** The type that `using` needs, if the project's `lib` has it. */
export type Disposable = SymbolConstructor extends { readonly dispose: infer Dispose extends symbol }
  ? { [Key in Dispose]: () => void }
  : object;
