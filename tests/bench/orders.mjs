// What the client costs beside what a portal would write itself, in one run: its size, a page of 1,024 orders, one call.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

import { createClient } from "itero-dpms";
import { createSandbox } from "itero-dpms/sandbox";
import { z } from "zod";

const ROUNDS = 60;
const RX_ID = "a09292aa-8b06-45f9-a73c-350538bb32f3";

const sandbox = await createSandbox();
const { Data: page } = await sandbox
  .fetch(`${sandbox.endpoints.baseUrl}/api/third-party/v2/orders/practice?Offset=0&pageSize=1024`, {
    headers: { authorization: `Bearer ${sandbox.accessToken}` },
  })
  .then((response) => response.json());
const rows = Array.from({ length: 1024 }, (_, at) => page.Results[at % page.Results.length]);
const pageBytes = encode({ Data: { ...page, Results: rows, HasMore: false }, Status: 1 });
const orderBytes = encode({ Data: rows[0], Status: 1 });

const text = z.string().nullable();
const number = z.number().nullable();
const schema = z.object({
  Data: z.object({
    HasMore: z.boolean(),
    Results: z.array(
      z.object({
        ...fields(["RxId", "OrderCode", "ScanningDate", "ScanningOperatorName", "PatientFirstName"], text),
        ...fields(["PatientLastName", "PatientChartNumber", "CaseType", "CompanyName", "LabName", "Notes"], text),
        ...fields(["ProcedureName", "ProcedureTypeName", "Status", "DueDate", "DoctorName"], text),
        ...fields(["DoctorLicenseNumber", "ScannerModelDescription"], text),
        ...fields(["OrderId", "DoctorId", "ScanningOperatorId", "ScanningTime", "CompanyId", "LabId"], number),
        ...fields(["PatientId", "ScannerModelId"], number),
        Preps: z.array(z.object(fields(["AdaId", "UnitTypeId", "BridgeId"], number)).extend({ UnitTypeName: text })),
        Urls: z.object(fields(["MyiTero3DViewerUrl", "IDEFileUrl", "ScreenCaptureUrl", "ThumbnailsUrl"], text)),
      }),
    ),
  }),
});

const client = (bytes) =>
  createClient({
    endpoints: { baseUrl: "https://dpms.invalid" },
    accessToken: "token",
    fetch: async () => new Response(bytes),
  });
const [pages, orders] = [await client(pageBytes), await client(orderBytes)];
const parsed = async (bytes) => JSON.parse(await new Response(bytes).text());

const file = (name) => readFileSync(new URL(`../../pkg/wasm/client/${name}`, import.meta.url));
const gzipped = ["itero_dpms_bg.wasm", "itero_dpms.js"].map((name) => gzipSync(file(name), { level: 9 }).length);
console.log(`client: ${gzipped.join(" + ")} bytes of .wasm and .js, gzip -9`);

console.log(`1,024 orders, ${pageBytes.length} bytes, milliseconds of ${ROUNDS} rounds:`);
await compare({
  "JSON.parse": () => parsed(pageBytes),
  "JSON.parse + zod + camelCase": async () => camel(schema.parse(await parsed(pageBytes))),
  "itero-dpms listOrders": () => pages.listOrders({ pageSize: 1024 }),
});

console.log(`one order, ${orderBytes.length} bytes, 100 calls in a row:`);
await compare({
  "new Request + JSON.parse": () => times(100, () => (new Request("https://dpms.invalid/order"), parsed(orderBytes))),
  "itero-dpms getOrder": () => times(100, () => orders.getOrder(RX_ID)),
});

/** Runs the peers in turn, so that what else the machine does falls on all of them. */
async function compare(peers) {
  const measured = Object.entries(peers).map(([name, run]) => ({ name, run, took: [] }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { run, took } of measured) {
      const started = performance.now();
      await run();
      took.push(performance.now() - started);
    }
  }
  for (const { name, took } of measured) {
    took.sort((a, b) => a - b);
    const [min, median] = [took[0], took[ROUNDS / 2]].map((ms) => ms.toFixed(2).padStart(7));
    console.log(`  ${name.padEnd(30)} min ${min}  median ${median}`);
  }
}

async function times(count, run) {
  for (let call = 0; call < count; call++) await run();
}

function encode(value) {
  return new TextEncoder().encode(JSON.stringify(value));
}

function fields(names, type) {
  return Object.fromEntries(names.map((name) => [name, type]));
}

function camel(value) {
  if (Array.isArray(value)) return value.map(camel);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key[0].toLowerCase() + key.slice(1), camel(inner)]),
  );
}
