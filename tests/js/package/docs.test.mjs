// Checks every code block of README.md and docs/*.md: TypeScript and JavaScript are type-checked strictly against the packed
// package and run against the sandbox unless they say why not; JSON parses; commands exist. Links lead to existing headings.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { after, before } from "node:test";
import { dirname, join } from "node:path";
import { json, redirect, startFaultyServer } from "../support/faulty-server.mjs";
import { installPacked } from "../support/packed.mjs";
import { BLOCKS, PAGES } from "../support/pages.mjs";
import { CLI, startSandbox } from "../support/sandbox-cli.mjs";
import { ROOT, test } from "../support/test.mjs";

const TSC = join(ROOT, "node_modules/typescript/bin/tsc");
const SCRIPTS = ["js", "ts"];
const scripts = BLOCKS.filter(({ language, shownBy }) => SCRIPTS.includes(language) && !shownBy);

/** @type {ReturnType<typeof installPacked>} */
let packed;
/** @type {Awaited<ReturnType<typeof startSandbox>>} */
let sandbox;
let diagnostics = "not type-checked";

before(async () => {
  packed = installPacked();
  for (const name of ["three", "@types/three"]) {
    mkdirSync(dirname(join(packed.project, "node_modules", name)), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), join(packed.project, "node_modules", name));
  }
  sandbox = await startSandbox(["--generation-ms", "50"]);
  diagnostics = compile();
});
after(async () => {
  await sandbox?.stop();
  packed?.remove();
});

/** Writes the blocks into the project as modules, with what they assume, compiles them and returns tsc's output. */
function compile() {
  copyFileSync(new URL("docs-context.ts", import.meta.url), join(packed.project, "docs-context.ts"));
  for (const { id, code } of scripts) writeFileSync(join(packed.project, `${id}.ts`), `${code}\nexport {};\n`);
  const compilerOptions = {
    ...{ strict: true, module: "NodeNext", target: "ES2022", rootDir: ".", outDir: "out" },
    ...{ lib: ["ES2022", "DOM", "DOM.Iterable", "DOM.AsyncIterable"] },
    ...{ types: ["node"], typeRoots: [join(ROOT, "node_modules/@types")] },
  };
  writeFileSync(join(packed.project, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  return spawnSync(process.execPath, [TSC, "-p", packed.project], {
    ...{ cwd: packed.project, encoding: "utf8", timeout: 90_000, killSignal: "SIGKILL" },
  }).stdout;
}

/** Runs a compiled block in its own process. */
function run({ id }) {
  return spawnSync(process.execPath, ["--import", "./out/docs-context.js", `out/${id}.js`], {
    ...{ cwd: packed.project, encoding: "utf8", timeout: 20_000, killSignal: "SIGKILL" },
    env: { ...process.env, DPMS_BASE_URL: sandbox.baseUrl, DPMS_TOKEN: sandbox.accessToken },
  });
}

for (const block of scripts) {
  test(`${block.id} type-checks strictly against the packed package`, () => {
    const own = diagnostics.split("\n").filter((line) => line.startsWith(`${block.id}.ts`));
    assert.deepEqual(own, []);
  });
  if (block.notRun) continue;
  test(`${block.id} runs unchanged against the sandbox`, () => {
    const { status, stderr } = run(block);
    const end = stderr.slice(-2_000); // a stack trace begins with the module's source line, which is long
    assert.equal(status, 0, end);
    assert.equal(end, "");
  });
}

test("the refresh of docs/tokens.md encodes its credentials, follows no redirect, and keeps a refresh token for anything but another", async (t) => {
  const { id } = scripts.find(({ page, code }) => page === "docs/tokens.md" && code.includes("DPMS_CLIENT_SECRET"));
  const { clientOf } = await import(join(packed.project, "out", `${id}.js`));
  let respond;
  const tokens = await startFaultyServer(() => respond);
  const api = await startFaultyServer(({ headers }) =>
    headers.authorization === "Bearer new" ? json(200, {}) : json(401, {}),
  );
  t.after(() => Promise.all([tokens.close(), api.close()]));
  const [DPMS_CLIENT_ID, DPMS_CLIENT_SECRET] = ["id+%: ü", "secret:+%&="];
  Object.assign(process.env, { DPMS_TOKEN_URL: `${tokens.baseUrl}/token`, DPMS_CLIENT_ID, DPMS_CLIENT_SECRET });
  const form = (text) => new URLSearchParams(`x=${text}`).get("x");

  for (const [granted, accessToken, refreshToken] of [
    [{ access_token: "new", refresh_token: "newer" }, "new", "newer"],
    [{ access_token: "new" }, "new", "old"],
    [{ access_token: "new", refresh_token: null }, "new", "old"],
    [{ access_token: "new", refresh_token: "" }, "new", "old"],
    [{ access_token: "new", refresh_token: "new\n" }, "new", "old"],
    [{ access_token: "", refresh_token: "newer" }, "expired", "old"],
    [{ access_token: null, refresh_token: "newer" }, "expired", "old"],
    [{ access_token: "new\n", refresh_token: "newer" }, "expired", "old"],
    [redirect(`${tokens.baseUrl}/elsewhere`, 307), "expired", "old"],
  ]) {
    respond = typeof granted === "function" ? granted : json(200, granted);
    tokens.requests.length = 0;
    const practice = { baseUrl: api.baseUrl, accessToken: "expired", refreshToken: "old" };
    const saved = [];
    const client = await clientOf(practice, async (kept) => saved.push({ ...kept }));
    await client.request("GET", "x").catch((error) => assert.equal(error.kind, "unauthorized"));
    const expected = { baseUrl: api.baseUrl, accessToken, refreshToken };
    assert.deepEqual(practice, expected);
    assert.deepEqual(saved, accessToken === "new" ? [expected] : []);
    assert.equal(tokens.requests.length, 1);
    const [{ headers, body }] = tokens.requests;
    const credentials = Buffer.from(headers.authorization.replace("Basic ", ""), "base64").toString().split(":");
    assert.deepEqual(credentials.map(form), [DPMS_CLIENT_ID, DPMS_CLIENT_SECRET]);
    assert.deepEqual(Object.fromEntries(new URLSearchParams(body)), {
      grant_type: "refresh_token",
      refresh_token: "old",
    });
  }
});

test("the context of the examples type-checks as well", () => {
  assert.doesNotMatch(diagnostics, /docs-context|not type-checked/);
});

test("the README's first example is short, pushes an RX and downloads a scan", async () => {
  const [first] = scripts;
  assert.equal(first.page, "README.md");
  assert.ok(first.code.split("\n").filter((line) => line.trim() !== "").length <= 20, "20 lines");
  const { stdout } = run(first);
  const rxId = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(stdout)?.[0];
  assert.ok(rxId, `the RX it pushed is printed: ${stdout}`);
  assert.equal((await sandbox.completeScan(rxId)).rxId, rxId, "the RX reached the practice");
  const bytes = Number(/(\d+) bytes/.exec(stdout)?.[1]);
  assert.ok(bytes > 100_000, `the size of the scan it downloaded is printed: ${stdout}`);
  assert.doesNotMatch(stdout, /undefined|\[object Object\]|NaN/);
});

for (const { id, code } of BLOCKS.filter(({ language }) => language === "json")) {
  test(`${id} is JSON`, () => {
    assert.doesNotThrow(() => JSON.parse(code));
  });
}

const MAKEFILE = readFileSync(join(ROOT, "Makefile"), "utf8");
let help;

/** The commands that blocks may show, and how to check that each exists. */
const COMMANDS = [
  [/^make ([\w-]+)$/, (target) => new RegExp(`^${target}:`, "m").test(MAKEFILE)],
  [/^npm (?:i|install)(?: -D)? ([\w-]+)$/, (name) => name === "itero-dpms"],
  [/^npx itero-dpms-sandbox\b(.*)$/, (flags) => (flags.match(/--[\w-]+/g) ?? []).every(isFlag)],
  [/^node ([\w-]+)\.mjs$/, () => true],
];

function isFlag(flag) {
  help ??= execFileSync(process.execPath, [CLI, "--help"], { encoding: "utf8", timeout: 20_000 });
  return help.includes(`${flag} `);
}

for (const { id, code } of BLOCKS.filter(({ language, shownBy }) => language === "sh" && !shownBy)) {
  test(`${id} shows commands, targets and flags that exist`, () => {
    for (const line of code.split("\n")) {
      const command = line
        .replace(/(^|\s)#.*$/, "")
        .replace(/^(?:[A-Z_]+=\S+ )+/, "")
        .trim();
      const known = COMMANDS.some(([pattern, holds]) => pattern.test(command) && holds(pattern.exec(command)[1]));
      assert.ok(command === "" || known, command);
    }
  });
}

test("every block has a language, and a block covered by a test names an existing test", () => {
  for (const { id, language, shownBy } of BLOCKS) {
    if (shownBy) assert.ok(existsSync(join(ROOT, shownBy)), `${id}: ${shownBy}`);
    else assert.ok([...SCRIPTS, "json", "sh", "text"].includes(language), `${id}: ${language || "no language"}`);
  }
});

/** Returns a heading's anchor, as GitHub generates it. */
const anchor = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

const anchors = (text) =>
  [...text.replace(/^```[\s\S]*?^```$/gm, "").matchAll(/^#+ (.+)$/gm)].map(([, title]) => anchor(title));

test("every link between the pages leads to a file and a heading, in the package as well", () => {
  for (const [page, text] of PAGES) {
    for (const [, target, fragment] of text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)) {
      const path = target === "" ? page : join(dirname(page), target);
      assert.ok(existsSync(join(ROOT, path)), `${page} links to ${target}`);
      assert.ok(existsSync(join(packed.project, "node_modules/itero-dpms", path)), `${path} is not in the package`);
      if (fragment) assert.ok(anchors(PAGES.get(path)).includes(fragment), `${page} links to ${target}#${fragment}`);
    }
  }
});
