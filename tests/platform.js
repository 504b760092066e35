// The JavaScript side of the Rust tests: a `fetch` with scripted responses, and scenarios that call the client and return a
// plain value.

/** Creates a `fetch` that responds to each request with the script's next step and records the requests. */
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

/** A string, or a list of chunks, in which `null` breaks the body and `0` never arrives. */
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
  endpoints: { baseUrl: "https://dpms.example", v3: { domain: "dpms.example", path: "third-party/v3" } },
  accessToken: "token-1",
  retry: { baseDelayMs: 0 },
  fetch: script.fetch,
  ...more,
});

/** Runs a scenario and returns its result as JSON. */
export async function run(createClient, steps, name) {
  const script = scripted(JSON.parse(steps));
  const scenario = SCENARIOS[name];
  return JSON.stringify(
    await scenario({ createClient, script, client: (more) => createClient(options(script, more)) }),
  );
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

/** A request in one line, without its token. */
const line = ({ method, url, body }) =>
  [method, url.replace("https://dpms.example", ""), body].filter(Boolean).join(" ");

const CHART = { firstName: "", lastName: "", chartNumber: "C 1&2" };

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
  async abortedWithAString({ client }) {
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
  /** Every call once, in the document's order. */
  async everyCall({ client, script }) {
    const one = client();
    const patientId = RX;
    await one.practiceConfiguration();
    await one.createScanRequest({
      companyId: 1,
      doctorId: "2",
      patientFirstName: "Zoë",
      patientLastName: "B",
      patientChartNumber: "C",
      gender: "female",
      dateOfBirth: "2024-02-29",
    });
    await one.deleteScanRequest(RX);
    await one.listOrders({ chartNumber: "C 1&2" });
    await one.getOrder(RX);
    await one.downloadScan("7", "IMAGE_GALLERY");
    await one.listScreenCaptures({ dateFrom: "2025-01-01" });
    await one.downloadScreenCapture(7, "a/b c");
    await one.searchPatients(CHART);
    await one.listPatients({ lastName: "B*", updatedDateFrom: "2025-01-01", offset: 20, limit: 10 });
    await one.updatePatient({ patientId, lastName: "New" });
    await one.updatePatientByChartNumber({ chartNumber: "C", gender: "male", dateOfBirth: "2024-02-29" });
    await one.request("POST", "/any/thing", { version: 3, query: { a: 1, none: null }, body: [true] });
    return script.seen.map(line);
  },
  async deleted({ client, script }) {
    const outcome = await client()
      .deleteScanRequest(RX.toUpperCase())
      .catch((error) => error.kind);
    return { outcome, attempts: script.seen.length };
  },
  async polled({ client }) {
    const one = client();
    const polled = [];
    let stored = "null";
    for (let round = 0; round < 3; round += 1) {
      const { changes, cursor } = await one.pollOrders(JSON.parse(stored));
      stored = JSON.stringify(cursor);
      polled.push(
        changes.map(({ kind, order, previousStatus }) => [kind, order.orderId, previousStatus, order.status]),
      );
    }
    return polled;
  },
  async captures({ client }) {
    return client().listScreenCaptures({ dateFrom: "2025-01-02" });
  },
  async capture({ client }) {
    const response = await client().downloadScreenCapture(7, "x");
    return response.text();
  },
  async search({ client }) {
    return client().searchPatients(CHART);
  },
  async everyPatient({ client, script }) {
    const rows = [];
    for await (const { patientId } of client().patients({ limit: 2 })) rows.push(patientId.slice(-1));
    return { rows, offsets: script.seen.map(({ url }) => new URL(url).searchParams.get("Offset")) };
  },
  async patientsPage({ client }) {
    return client().listPatients({ lastName: "Nobody" });
  },
  async refusedFilter({ client }) {
    const error = await client()
      .listPatients({ lastName: "Secret" })
      .catch((error) => error);
    return { kind: error.kind, code: error.code, fieldErrors: error.fieldErrors };
  },
  async updated({ client }) {
    return client().updatePatient({ patientId: RX, lastName: "New" });
  },
  async conflicting({ client }) {
    const error = await client()
      .updatePatientByChartNumber({ chartNumber: "C", lastName: "New" })
      .catch((error) => error);
    return { kind: error.kind, matches: error.matches.map(({ patientId }) => patientId), json: JSON.stringify(error) };
  },
  async raw({ client }) {
    return client().request("GET", "anything");
  },
  async badPatientArguments({ client, script }) {
    const faults = async (call) => {
      const error = await call().catch((error) => error);
      return [...new Set(error.fieldErrors.map((fault) => fault.field))];
    };
    const one = client();
    return [
      await faults(async () => one.deleteScanRequest("x")),
      await faults(async () => one.listScreenCaptures({ dateFrom: "soon" })),
      await faults(async () => one.downloadScreenCapture(7, "..")),
      await faults(async () => one.searchPatients({ firstName: "", lastName: "" })),
      await faults(async () => one.listPatients({ limit: 101, lastScanDateTo: "2024-01-1199" })),
      await faults(async () => one.updatePatient({ patientId: "x", lastName: " " })),
      await faults(async () => one.updatePatientByChartNumber({ chartNumber: "C", gender: 1 })),
      await faults(async () => one.pollOrders({ version: 2, since: "2025-01-01", orders: [] })),
      await faults(async () => one.request("PUT", "x")),
      script.seen.length,
    ];
  },
};
