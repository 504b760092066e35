// The published types, checked strictly in the project of a consumer: every public call, and the wrong uses too.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { after, before } from "node:test";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installPacked } from "../support/packed.mjs";
import { ROOT, test } from "../support/test.mjs";

const TSC = join(ROOT, "node_modules/typescript/bin/tsc");
const CONSUMER = fileURLToPath(new URL("./consumer.ts", import.meta.url));

/** @type {ReturnType<typeof installPacked>} */
let packed;
before(() => {
  packed = installPacked();
});
after(() => packed?.remove());

/** Type-checks `file` (copied into the consumer's project) and returns tsc's output. */
function check(file, compilerOptions) {
  const config = join(packed.project, "tsconfig.json");
  writeFileSync(
    config,
    JSON.stringify({
      compilerOptions: {
        strict: true,
        noEmit: true,
        skipLibCheck: false,
        exactOptionalPropertyTypes: false,
        target: "ES2022",
        lib: ["ES2022", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
        types: [],
        ...compilerOptions,
      },
      files: [file],
    }),
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, [TSC, "-p", config], {
    cwd: packed.project,
    encoding: "utf8",
    timeout: 90_000,
    killSignal: "SIGKILL",
  });
  return { status, output: stdout + stderr };
}

for (const [name, options] of [
  ["bundler", { module: "ESNext", moduleResolution: "bundler" }],
  ["nodenext", { module: "NodeNext", moduleResolution: "NodeNext" }],
]) {
  test(`a strict consumer type-checks with moduleResolution ${name}`, { timeout: 120_000 }, () => {
    copyFileSync(CONSUMER, join(packed.project, "consumer.ts"));
    const { status, output } = check("consumer.ts", options);
    assert.equal(status, 0, output);
  });
}

test("the check itself can fail: a wrong use is reported", { timeout: 120_000 }, () => {
  writeFileSync(
    join(packed.project, "wrong.ts"),
    `import { createClient } from "itero-dpms";\nexport const client = await createClient({ accessToken: 7 });\n`,
  );
  const { status, output } = check("wrong.ts", { module: "ESNext", moduleResolution: "bundler" });
  assert.notEqual(status, 0);
  assert.match(output, /wrong\.ts/);
});

/** The declarations a user sees: the types of every entry and what they import from each other. */
function publicDeclarations() {
  const folder = join(packed.project, "node_modules/itero-dpms");
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const seen = new Map();
  const read = (file) => {
    if (seen.has(file)) return;
    const text = readFileSync(file, "utf8");
    seen.set(file, text);
    for (const [, from] of text.matchAll(/(?:from|import\()\s*["'](\.[^"']+)["']/g)) {
      read(join(dirname(file), from.replace(/\.(?:js|d\.ts)$/, "") + ".d.ts"));
    }
  };
  for (const entry of Object.values(manifest.exports)) if (entry.types) read(join(folder, entry.types));
  return [...seen.values()].join("\n");
}

test("every public type and call is documented for the editor", () => {
  const text = publicDeclarations();
  for (const name of [
    "createClient",
    "createSandbox",
    "findProcedure",
    "procedures",
    "orderStatuses",
    "isDpmsError",
    "practiceConfiguration",
    "createScanRequest",
    "listOrders",
    "orders",
    "getOrder",
    "downloadScan",
    "deleteScanRequest",
    "pollOrders",
    "downloadLink",
    "listScreenCaptures",
    "downloadScreenCapture",
    "searchPatients",
    "listPatients",
    "patients",
    "updatePatient",
    "updatePatientByChartNumber",
    "request",
    "unitTypes",
    "parsePairingResponse",
    "OrdersCursor",
    "OrdersPoll",
    "OrderChange",
    "ScreenCaptures",
    "PatientCriteria",
    "PatientMatch",
    "Patient",
    "PatientsPage",
    "PatientsQuery",
    "PatientRecord",
    "PatientUpdate",
    "PatientByChartUpdate",
    "Pairing",
    "PollOptions",
    "RequestInput",
    "SandboxFault",
    "SandboxControl",
    "ClientOptions",
    "CallOptions",
    "DownloadOptions",
    "RetryOptions",
    "ClientEvent",
    "ScanRequest",
    "Order",
    "OrdersPage",
    "OrdersQuery",
    "PracticeConfiguration",
    "DpmsClient",
    "DpmsError",
    "SandboxOptions",
    "Sandbox",
  ]) {
    const documented = new RegExp(
      `\\*/\\s*(?:export )?(?:declare )?(?:interface |class |type |function |async )?${name}\\b`,
    );
    assert.match(text, documented, `${name} has no comment`);
  }
});

test("every field of what is sent and of what comes back is documented", () => {
  const text = publicDeclarations();
  for (const name of [
    "Order",
    "ScanRequest",
    "PracticeConfiguration",
    "PatientRecord",
    "Patient",
    "PatientMatch",
    "PatientUpdate",
    "PatientByChartUpdate",
    "ScreenCapture",
    "Pairing",
  ]) {
    const body = new RegExp(`interface ${name} \\{([\\s\\S]*?)\\n\\}`).exec(text)?.[1];
    assert.ok(body, `interface ${name}`);
    const lines = body.split("\n").filter((line) => line.trim() !== "");
    for (const [index, line] of lines.entries()) {
      const field = /^\s*(\w+)\??: /.exec(line)?.[1];
      if (field) assert.match(lines[index - 1] ?? "", /\*\/\s*$/, `${name}.${field} has no comment`);
    }
  }
});

test("no `any` reaches a user", () => {
  const code = publicDeclarations()
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "")
    .replace(/export interface InitOutput \{[\s\S]*?\n\}/, ""); // the raw exports of the module, which no entry passes on
  assert.doesNotMatch(code, /\bany\b/);
});
