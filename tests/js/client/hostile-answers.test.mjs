// Malformed responses, for every call that reads one: each value of a valid response is replaced by each of a list of wrong
// ones, and the outcome is either a value of the documented type or a DpmsError that reveals nothing.
import assert from "node:assert/strict";
import { createClient, isDpmsError } from "itero-dpms";
import { CALLS } from "../support/calls.mjs";
import * as shapes from "../support/shapes.mjs";
import { settled, test } from "../support/test.mjs";
import { TOKEN, endpointsOf, wirePage } from "../support/wire.mjs";

const READING = CALLS.filter(({ body, name }) => body && name !== "request");

/** The documented result of each call. */
const SHAPES = {
  practiceConfiguration: shapes.practiceConfiguration,
  createScanRequest: shapes.guid,
  deleteScanRequest: shapes.guid,
  listOrders: shapes.ordersPage,
  orders: ({ value }, path) => value === undefined || shapes.order(value, path),
  pollOrders: shapes.ordersPoll,
  getOrder: shapes.order,
  listScreenCaptures: shapes.screenCaptures,
  searchPatients: shapes.listOf(shapes.patientMatch),
  listPatients: shapes.patientsPage,
  patients: ({ value }, path) => value === undefined || shapes.patient(value, path),
  updatePatient: shapes.patientRecord,
};

const NO_MORE = JSON.stringify(wirePage([]));

/** Responds to every request of a call with the same body, but ends a list after 20 requests. */
async function reader() {
  let text = "";
  let requests = 0;
  const client = await createClient({
    endpoints: endpointsOf("https://dpms.invalid"),
    accessToken: TOKEN,
    retry: false,
    fetch: async () => new Response((requests += 1) > 20 ? NO_MORE : text),
  });
  return (call, body) => {
    text = body;
    requests = 0;
    return settled(() => call.run(client));
  };
}

/** Returns the paths of all values in a body, including the body itself. */
function paths(value, at = []) {
  const inner = value !== null && typeof value === "object" ? Object.keys(value) : [];
  return [at, ...inner.flatMap((key) => paths(value[key], [...at, key]))];
}

/** Returns a copy of `value` in which `change` replaces the value at `path`; `undefined` removes it. */
function changed(value, [key, ...rest], change) {
  if (key === undefined) return change(value);
  const copy = Array.isArray(value) ? [...value] : { ...value };
  copy[key] = changed(copy[key], rest, change);
  return copy;
}

/** JSON source, since `JSON.stringify` cannot write some of these. */
const WRONG = [
  "null", "true", "false", "0", "-1", "7", "1.5", "1e400", "-0", "9007199254740993", "123456789012345678901234567890",
  '""', '" "', '"7"', '"007"', '"9007199254740993"', '"1.5"', '"Zzyzx"', '"0001-01-01T00:00:00"', '"2025-02-30"',
  '"9999-12-31T23:59:59.9999999Z"', '"\\ud800"', '"\\u0000"', `"${"x".repeat(5_000)}"`, "[]", "{}", "[null]", "[[]]", '{"":{}}',
  '[{"Zzyzx":1}]', "[7,7,7]",
]; // prettier-ignore

for (const call of READING) {
  test(`${call.name}: any wrong value anywhere gives a documented type or an error that reveals nothing`, async () => {
    const read = await reader();
    const body = call.body();
    let refused = 0;
    let accepted = 0;
    for (const path of paths(body)) {
      for (const wrong of [undefined, ...WRONG]) {
        if (/url/i.test(String(path.at(-1))) && wrong?.startsWith('"')) continue; // any string is a link (R66)
        if (path.length === 0 && wrong === undefined) continue;
        const mark = wrong === undefined ? undefined : "@@wrong@@";
        const text = JSON.stringify(changed(body, path, () => mark)).replace('"@@wrong@@"', () => wrong);
        const shown = `${path.join(".") || "the body"} = ${wrong?.slice(0, 60)}`;
        const { value, reason } = await read(call, text);
        if (reason === undefined) {
          accepted += 1;
          SHAPES[call.name](value, `${shown}: the outcome`);
          continue;
        }
        refused += 1;
        assert.ok(isDpmsError(reason), `${shown}: ${reason?.stack ?? reason}`);
        assert.ok(["decode", "server", "truncated"].includes(reason.kind), `${shown}: ${reason.kind}`);
        const all = `${reason.message} ${JSON.stringify(reason)}`;
        assert.doesNotMatch(all, /Zzyzx|xxxxx|900719|2025-02-30|\bPat\b|Example|C-17/, shown);
      }
    }
    assert.ok(refused > 0, "some wrong values are refused");
    assert.ok(accepted > 0, "some wrong values are harmless");
  });

  test(`${call.name}: undocumented fields are ignored wherever they are`, async () => {
    const read = await reader();
    const body = call.body();
    const { value: expected } = await read(call, JSON.stringify(body));
    assert.notEqual(expected, undefined);
    for (const path of paths(body)) {
      const extended = changed(body, path, (inner) =>
        inner !== null && typeof inner === "object" && !Array.isArray(inner)
          ? { Zzyzx: [1, { "": null }], ...inner, zzyzx: "x", Extra: 9007199254740993n.toString() }
          : inner,
      );
      assert.deepEqual((await read(call, JSON.stringify(extended))).value, expected, path.join("."));
    }
  });

  test(`${call.name}: a nested extra field is ignored, and one nested too deeply is a decode error`, async () => {
    const read = await reader();
    const body = call.body();
    const path = paths(body).find((each) => {
      const inner = each.reduce((at, key) => at[key], body);
      return inner !== null && typeof inner === "object" && !Array.isArray(inner);
    });
    if (!path) return;
    const { value: expected } = await read(call, JSON.stringify(body));
    const nested = (depth) =>
      JSON.stringify(changed(body, path, (inner) => ({ ...inner, Deep: "@@" }))).replace(
        '"@@"',
        '{"a":['.repeat(depth) + "1" + "]}".repeat(depth),
      );
    assert.deepEqual((await read(call, nested(25))).value, expected);
    assert.equal((await read(call, nested(50_000))).reason?.kind, "decode");
    assert.deepEqual((await read(call, JSON.stringify(body))).value, expected, "the client still works");
  });

  test(`${call.name}: names in any script are returned unchanged`, async () => {
    const read = await reader();
    const plain = JSON.stringify(call.body());
    const { value } = await read(call, plain);
    for (const name of [
      "محمد عبد الله",
      "‏יוסי\u202E כהן",
      "歯医者 𠮷野家",
      "Zoë\u0301 “O'Neil” \\ / <b>&amp;</b>",
      "👩🏽‍⚕️🦷",
      "\u0000\u001f\u007f\u0085\u2028\u2029\uFEFF",
      "__proto__",
      " x ",
    ]) {
      const renamed = (text) => text.replaceAll('"Pat"', () => JSON.stringify(name));
      const { value: got, reason } = await read(call, renamed(plain));
      assert.deepEqual(got, JSON.parse(renamed(JSON.stringify(value))), `${name}: ${reason}`);
    }
  });
}

test("half a million brackets or one endless string do not break the client", async () => {
  const read = await reader();
  const [call] = READING;
  for (const text of ["[".repeat(500_000), "{".repeat(500_000), `"${"\\u0041".repeat(300_000)}`, "1".repeat(500_000)]) {
    assert.ok(isDpmsError((await read(call, text)).reason));
  }
  assert.equal((await read(call, JSON.stringify(call.body()))).reason, undefined);
});
