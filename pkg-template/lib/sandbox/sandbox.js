// createSandbox, whatever way the module is loaded: checks the options, turns fetches into calls of the core and does what the
// core decides.
import { deliver } from "./answer.js";
import { Pushes } from "./pushes.js";

/** What each option must be. */
const OPTIONS = {
  seed: [(value) => Number.isSafeInteger(value) && value >= 0, "a whole number, 0 or more"],
  baseUrl: [isBaseUrl, "an http or https URL without query and fragment"],
  accessToken: [(value) => typeof value === "string" && /^[\x21-\x7e]+$/.test(value), "visible ASCII characters"],
  now: [(value) => typeof value === "function", "a function that returns milliseconds since 1970"],
  generationMs: [(value) => Number.isFinite(value) && value >= 0, "a number of milliseconds, 0 or more"],
  patientUpdates: [(value) => typeof value === "boolean", "true or false"],
  snapshot: [(value) => typeof value === "string", "a string from control.snapshot()"],
};

/** createSandbox for a core that `load` provides. */
export function sandboxFrom(load) {
  return async function createSandbox(options = {}) {
    const {
      seed = 1,
      baseUrl = "https://sandbox.invalid",
      accessToken,
      now = Date.now,
      generationMs = 1500,
      patientUpdates = true,
      snapshot,
    } = checked(options);
    const url = new URL(baseUrl);
    const prefix = url.pathname.replace(/\/+$/, "");
    const base = url.origin + prefix;
    const SandboxCore = await load();
    const core = new SandboxCore(BigInt(seed), base, accessToken, generationMs, patientUpdates, now(), snapshot);
    const pushes = new Pushes();

    /** What the core answers to the operation behind a method. */
    async function operate(method, operation, input = {}) {
      const answer = core.control(operation, JSON.stringify(input, spelledOut), now());
      pushes.send(answer.pushes);
      const result = JSON.parse(new TextDecoder().decode(answer.body));
      const { status } = answer;
      answer.free();
      if (status === 200) return result;
      throw new (status === 404 ? RangeError : TypeError)(`${method}: ${result.Message}`);
    }

    return {
      get accessToken() {
        return core.accessToken;
      },
      endpoints: { baseUrl: base, v3: { domain: url.origin, path: `${prefix}/third-party/v3` } },

      async fetch(input, init) {
        const request = new Request(input, init);
        request.signal.throwIfAborted();
        const body = new Uint8Array(await request.arrayBuffer());
        request.signal.throwIfAborted();
        const { origin, pathname, search } = new URL(request.url);
        const authorization = request.headers.get("authorization") ?? undefined;
        const answer = core.handle(request.method, origin + pathname + search, authorization, body, now());
        pushes.send(answer.pushes);
        return deliver(answer, request.signal);
      },

      control: {
        completeScan: (rxId) => operate("completeScan", "complete-scan", { rxId }),
        async setOrderStatus(rxId, status) {
          await operate("setOrderStatus", "order-status", { rxId, status });
        },
        addScreenCapture: (orderId) => operate("addScreenCapture", "screen-capture", { orderId }),
        async expireToken() {
          return (await operate("expireToken", "expire-token")).accessToken;
        },
        async setCallbackUrl(url) {
          await operate("setCallbackUrl", "callback-url", { url });
        },
        callbacksSettled: () => pushes.settled(),
        async addFault(fault) {
          await operate("addFault", "fault", fault);
        },
        async clearFaults() {
          await operate("clearFaults", "clear-faults");
        },
        async advanceClock(ms) {
          await operate("advanceClock", "clock", { advanceMs: ms });
        },
        snapshot: () => core.snapshot(),
      },
    };
  };
}

/** JSON writes null for numbers that it lacks. That means "without end" for a fault's times and would mean "not given" elsewhere. */
function spelledOut(key, value) {
  const isLost = typeof value === "number" && !Number.isFinite(value) && !(key === "times" && value === Infinity);
  return isLost ? String(value) : value;
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
