// Type-checks the published declarations strictly in a consumer's project: the exact signature of every public call, and wrong
// uses. docs-reference.test.mjs checks that all are documented and none is `any`; types-values.test.mjs compares them to values.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { after, before } from "node:test";
import { join } from "node:path";
import { installPacked } from "../support/packed.mjs";
import { ROOT, test } from "../support/test.mjs";

const TSC = join(ROOT, "node_modules/typescript/bin/tsc");
const FILES = ["consumer.ts", "signatures.ts", "wrong-uses.ts"];

/** @type {ReturnType<typeof installPacked>} */
let packed;
before(() => {
  packed = installPacked();
});
after(() => packed?.remove());

/** Type-checks files of the consumer's project and returns tsc's output. */
function check(files, compilerOptions) {
  const config = join(packed.project, "tsconfig.json");
  writeFileSync(
    config,
    JSON.stringify({
      compilerOptions: {
        strict: true,
        noEmit: true,
        skipLibCheck: false,
        target: "ES2022",
        lib: ["ES2022", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
        types: [],
        ...compilerOptions,
      },
      files,
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

/** The ways in which TypeScript resolves the package's declarations. */
const RESOLUTIONS = [
  { module: "ESNext", moduleResolution: "bundler" },
  { module: "Node16", moduleResolution: "Node16" },
  { module: "NodeNext", moduleResolution: "NodeNext" },
];

/** The consumers' projects: their files, and the compiler options in which they differ from a web page's strict project. */
const PROJECTS = [
  ["a strict consumer", FILES, {}],
  [
    "with exactOptionalPropertyTypes, a consumer",
    [...FILES, "exact-optional.ts"],
    { exactOptionalPropertyTypes: true },
  ],
  ["without the DOM's and Node's types, a consumer", ["no-platform.ts"], { lib: ["ES2022"] }],
  [
    "with Node's types instead of the DOM's, a consumer",
    [...FILES, "no-platform.ts"],
    { lib: ["ES2022"], types: ["node"], typeRoots: [join(ROOT, "node_modules/@types")] },
  ],
];

for (const [name, files, options] of PROJECTS) {
  for (const resolution of RESOLUTIONS) {
    test(`${name} type-checks with moduleResolution ${resolution.moduleResolution}`, { timeout: 120_000 }, () => {
      for (const file of files) copyFileSync(new URL(file, import.meta.url), join(packed.project, file));
      const { status, output } = check(files, { ...options, ...resolution });
      assert.equal(status, 0, output);
    });
  }
}

test("the check itself can fail: a wrong use is reported", { timeout: 120_000 }, () => {
  writeFileSync(
    join(packed.project, "wrong.ts"),
    `import { createClient } from "itero-dpms";\nexport const client = await createClient({ accessToken: 7 });\n`,
  );
  const { status, output } = check(["wrong.ts"], { module: "ESNext", moduleResolution: "bundler" });
  assert.notEqual(status, 0);
  assert.match(output, /wrong\.ts/);
});
