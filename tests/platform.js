// What the Rust tests need of the platform: a `fetch` that answers from a script, and calls on the client whose outcome is
// a plain value.

/** A `fetch` that answers each request with the script's next step and remembers what it saw. */
export function scripted(steps) {
  const seen = [];
  const fetch = async (request) => {
    const step = steps[Math.min(seen.length, steps.length - 1)];
    const { method, url } = request;
    seen.push({ method, url, authorization: request.headers.get("authorization"), body: await request.text() });
    if (step.fails) throw new TypeError(step.fails);
    if (step.hangs)
      return new Promise((_, reject) => request.signal.addEventListener("abort", () => reject(request.signal.reason)));
    const { status = 200, headers = {}, body = "" } = step;
    return new Response(status === 204 ? null : bodyOf(body, request.signal), { status, headers });
  };
  return { fetch, seen };
}

/** A text, or a list of chunks of which `null` breaks the body and `0` never comes. */
function bodyOf(body, signal) {
  if (typeof body === "string") return body;
  const chunks = [...body];
  return new ReadableStream({
    start: (controller) => signal.addEventListener("abort", () => controller.error(signal.reason)),
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk === undefined) controller.close();
      else if (chunk === null) controller.error(new TypeError("reset"));
      else if (chunk === 0) return new Promise(() => {});
      else controller.enqueue(new TextEncoder().encode(chunk));
    },
  });
}

const options = (script, more) => ({
  endpoints: { baseUrl: "https://dpms.example" },
  accessToken: "token-1",
  retry: { baseDelayMs: 0 },
  fetch: script.fetch,
  ...more,
});

/** Runs a scenario, a function body with `createClient`, `script` and `options` in scope; gives its JSON. */
export async function run(createClient, steps, scenario) {
  const script = scripted(JSON.parse(steps));
  const body = SCENARIOS[scenario];
  return JSON.stringify(await body({ createClient, script, client: (more) => createClient(options(script, more)) }));
}

const failure = async (promise) => {
  const error = await promise.then(
    () => ({ kind: "resolved" }),
    (error) => error,
  );
  return error instanceof Error || typeof error === "object"
    ? { kind: error.kind, status: error.status, attempts: error.attempts }
    : error;
};

const RX = "a09292aa-8b06-45f9-a73c-350538bb32f3";

const SCENARIOS = {
  async order({ client, script }) {
    const order = await client().getOrder(RX.toUpperCase());
    return { order, ...script.seen[0] };
  },
  async failure({ client }) {
    return failure(client().getOrder(RX));
  },
  async refreshing({ client, script }) {
    let refreshes = 0;
    const refresh = async (rejected) => `${rejected}-${++refreshes}`;
    const one = client({ refresh });
    const outcomes = await Promise.all([
      failure(one.getOrder(RX)),
      failure(one.getOrder(RX)),
      failure(one.getOrder(RX)),
    ]);
    return {
      refreshes,
      kinds: outcomes.map((outcome) => outcome.kind),
      tokens: script.seen.map((request) => request.authorization),
    };
  },
  async abortedWithAText({ client }) {
    const controller = new AbortController();
    const call = client({ onEvent: () => setTimeout(() => controller.abort("the caller's reason")) }).getOrder(
      RX,
      controller,
    );
    return failure(call);
  },
  async silence({ client }) {
    return failure(client({ timeoutMs: 20, retry: false }).getOrder(RX));
  },
  async everyOrder({ client, script }) {
    const rows = [];
    for await (const order of client().orders({ pageSize: 2 })) rows.push(order.orderId);
    return { rows, offsets: script.seen.map(({ url }) => new URL(url).searchParams.get("Offset")) };
  },
  async download({ client }) {
    const progress = [];
    const response = await client().downloadScan(7, "IMAGE_GALLERY", { onProgress: (step) => progress.push(step) });
    const text = response && (await failure(response.arrayBuffer().then((bytes) => Promise.reject(bytes.byteLength))));
    return { text, progress };
  },
  async abortedInTheBody({ client }) {
    const controller = new AbortController();
    const response = await client().downloadScan(7, "IDE", { signal: controller.signal });
    const reader = response.body.getReader();
    await reader.read();
    controller.abort("enough");
    return failure(reader.read());
  },
  async badArguments({ createClient, client, script }) {
    const faults = async (call) => {
      try {
        await call();
      } catch (error) {
        return error.fieldErrors.map((fault) => fault.field);
      }
    };
    return [
      await faults(() =>
        client().createScanRequest({
          companyId: 1,
          doctorId: "x",
          patientFirstName: " ",
          dateOfBirth: "2023-02-30",
          extra: 1,
        }),
      ),
      await faults(() => client().listOrders({ pageSize: 1025 })),
      await faults(() => client().getOrder("17")),
      await faults(() =>
        createClient({ endpoints: { baseUrl: "ftp://x" }, accessToken: "a b", retry: { attempts: 0 } }),
      ),
      script.seen.length,
    ];
  },
};
