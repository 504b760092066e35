// What the sandbox's server prints: a line for each response with --verbose, and colours where the terminal shows them.
import assert from "node:assert/strict";
import { startSandbox } from "../support/sandbox-cli.mjs";
import { settled, test } from "../support/test.mjs";

const V2 = "/api/third-party/v2";

/** Nothing of this process's environment, whose `CI` or `NO_COLOR` would decide on colours too. */
const PIPE = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));

/** Has the process believe that it writes to a terminal, which decides on colours by the environment. */
const TERMINAL = {
  ...PIPE,
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(`
    import { WriteStream } from "node:tty";
    const { hasColors, getColorDepth } = WriteStream.prototype;
    for (const stream of [process.stdout, process.stderr]) Object.assign(stream, { isTTY: true, hasColors, getColorDepth });
  `)}`,
  TERM: "xterm-256color",
};

/** Starts the server, makes calls of each kind, and returns what it printed after its first line. */
async function printedBy(args, env) {
  const sandbox = await startSandbox(args, { env });
  const headers = { Authorization: `Bearer ${sandbox.accessToken}` };
  const call = async (path, init) => (await fetch(sandbox.baseUrl + path, { headers, ...init })).text();
  await call(`${V2}/practice-configuration`);
  await call(`${V2}/patient/search?firstName=Maria&lastName=Jansen`);
  await call(`${V2}/ümlaut`, { method: "DELETE", headers: {} });
  await sandbox.control("fault", { status: 503 });
  await call(`${V2}/latest-files`);
  await sandbox.control("fault", { reset: true });
  await settled(call(`${V2}/latest-files`));
  await sandbox.control("fault", { truncateAfterBytes: 3 });
  await settled(call(`${V2}/latest-files`));
  await sandbox.stop();
  return sandbox.printed;
}

test("--verbose prints method, path, status and time of each response, and nothing of a patient", async () => {
  const [, ...lines] = await printedBy(["--verbose"]);
  for (const line of lines) assert.match(line, / \d+ ms$/);
  assert.deepEqual(
    lines.map((line) => line.replace(/ \d+ ms$/, "")),
    [
      `GET    ${V2}/practice-configuration 200`,
      `GET    ${V2}/patient/search 200`,
      `DELETE ${V2}/%C3%BCmlaut 404`,
      "POST   /sandbox/fault 200",
      `GET    ${V2}/latest-files 503`,
      "POST   /sandbox/fault 200",
      `GET    ${V2}/latest-files no response`,
      "POST   /sandbox/fault 200",
      `GET    ${V2}/latest-files 200, cut`,
    ],
  );
});

test("without --verbose only the first line is printed", async () => {
  assert.equal((await printedBy([])).length, 1);
});

const ESCAPE = "\u001b[";

test("a terminal gets colours, by the status", async () => {
  const [first, ...lines] = await printedBy(["--verbose"], TERMINAL);
  assert.match(first.replaceAll(ESCAPE, "^"), /\^1mhttp:\/\/127\.0\.0\.1:\d+\^0m/);
  const colours = lines.map((line) => line.replaceAll(ESCAPE, "^").match(/\^(\d+)m(?:\d{3}|no response)/)?.[1]);
  assert.deepEqual(colours, ["32", "32", "33", "32", "31", "32", "31", "32", "31"]);
});

for (const [what, env] of [
  ["a pipe", PIPE],
  ["a terminal with NO_COLOR", { ...TERMINAL, NO_COLOR: "1" }],
  ["a terminal that has none", { ...TERMINAL, TERM: "dumb" }],
]) {
  test(`${what} gets no colours`, async () => {
    for (const line of await printedBy(["--verbose"], env)) assert.ok(!line.includes(ESCAPE), line);
  });
}
