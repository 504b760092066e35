// createSandbox, whatever way the module is loaded: checks the options and turns fetches into calls of the core.

/** What each option must be. */
const OPTIONS = {
  seed: [(value) => Number.isSafeInteger(value) && value >= 0, "a whole number, 0 or more"],
  baseUrl: [isBaseUrl, "an http or https URL without query and fragment"],
  accessToken: [(value) => typeof value === "string" && /^[\x21-\x7e]+$/.test(value), "visible ASCII characters"],
  now: [(value) => typeof value === "function", "a function that returns milliseconds since 1970"],
  generationMs: [(value) => Number.isFinite(value) && value >= 0, "a number of milliseconds, 0 or more"],
  snapshot: [(value) => typeof value === "string", "a string from control.snapshot()"],
};

/** createSandbox for a core that `load` provides. */
export function sandboxFrom(load) {
  return async function createSandbox(options = {}) {
    const {
      seed = 1,
      baseUrl = "https://sandbox.invalid",
      accessToken = "sandbox-access-token",
      now = Date.now,
      generationMs = 1500,
      snapshot,
    } = checked(options);
    const base = new URL(baseUrl).href.replace(/\/+$/, "");
    const SandboxCore = await load();
    const core = new SandboxCore(BigInt(seed), base, accessToken, generationMs, now(), snapshot);

    return {
      accessToken,
      endpoints: { baseUrl: base },

      async fetch(input, init) {
        const request = new Request(input, init);
        request.signal.throwIfAborted();
        const body = new Uint8Array(await request.arrayBuffer());
        request.signal.throwIfAborted();
        const url = new URL(request.url);
        const authorization = request.headers.get("authorization") ?? undefined;
        return core.handle(request.method, url.origin + url.pathname + url.search, authorization, body, now());
      },

      control: {
        async completeScan(rxId) {
          const orderId = core.completeScan(String(rxId), now());
          if (orderId === undefined) throw new RangeError("completeScan: the practice has no RX with this id");
          return { rxId: String(rxId).toLowerCase(), orderId };
        },
        snapshot: () => core.snapshot(),
      },
    };
  };
}

function checked(options) {
  if (typeof options !== "object" || options === null) throw new TypeError("createSandbox: options must be an object");
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(OPTIONS, name)) {
      throw new TypeError(`createSandbox: unknown option ${name}; known are ${Object.keys(OPTIONS).join(", ")}`);
    }
    const [isRight, expected] = OPTIONS[name];
    if (value !== undefined && !isRight(value)) throw new TypeError(`createSandbox: ${name} must be ${expected}`);
  }
  return options;
}

function isBaseUrl(text) {
  if (typeof text !== "string" || !URL.canParse(text)) return false;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username && !url.password;
}
