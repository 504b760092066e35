// parsePairingResponse (§5.6, R141): the company, the warnings and the unchanged OAuth part of a pairing response.
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { isDpmsError, parsePairingResponse } from "itero-dpms";
import * as shapes from "../support/shapes.mjs";
import { rejection, test } from "../support/test.mjs";

const OAUTH = { access_token: "TOKEN-SECRET", refresh_token: "REFRESH-SECRET", expires_in: 3600, scope: ["a", "b"] };
const WARNING = "two patients share a chart number";

const response = (changes = {}) => ({
  Data: { OAuthResponse: OAUTH, Warnings: [WARNING], CompanyId: 90360, ...changes },
  Status: 1,
});

/** Both ways to pass a response. */
const FORMS = [
  ["as a string", (value) => JSON.stringify(value)],
  ["as an object", (value) => value],
];

for (const [form, given] of FORMS) {
  test(`the company, the warnings and the OAuth part of a response ${form} are returned`, async () => {
    const pairing = await parsePairingResponse(given(response()));
    shapes.pairing(pairing, "pairing");
    assert.deepEqual(pairing, { companyId: 90360, warnings: [WARNING], oauth: OAUTH });
  });

  test(`a response ${form} without warnings has none`, async () => {
    for (const Warnings of [undefined, null, []]) {
      assert.deepEqual((await parsePairingResponse(given(response({ Warnings })))).warnings, []);
    }
  });

  test(`the company's id ${form} may be quoted (R58)`, async () => {
    assert.equal((await parsePairingResponse(given(response({ CompanyId: "90360" })))).companyId, 90360);
  });

  test(`a response ${form} without its company is a decode error, naming the field`, async () => {
    for (const CompanyId of [undefined, null, "x", 1.5, "9007199254740993"]) {
      const error = await rejection(parsePairingResponse(given(response({ CompanyId }))));
      assert.equal(error.kind, "decode", String(CompanyId));
      assert.match(error.message, /company_?id/i);
    }
  });

  test(`a response ${form} whose status says failure is a server error (R22)`, async () => {
    const error = await rejection(parsePairingResponse(given({ ...response(), Status: 0 })));
    assert.equal(error.kind, "server");
  });

  test(`undocumented fields, ${form}, are ignored`, async () => {
    const extra = { ...response({ Region: { New: [1] } }), Extra: null };
    assert.deepEqual(await parsePairingResponse(given(extra)), await parsePairingResponse(response()));
  });
}

test("the OAuth part is returned unchanged, or null if there is none", async () => {
  for (const OAuthResponse of ["text", 7, [], { deep: { er: [null] } }]) {
    assert.deepEqual((await parsePairingResponse(response({ OAuthResponse }))).oauth, OAuthResponse);
  }
  assert.equal((await parsePairingResponse(response({ OAuthResponse: undefined }))).oauth, null);
});

test("a byte order mark before the string is accepted", async () => {
  assert.equal((await parsePairingResponse(`\uFEFF${JSON.stringify(response())}`)).companyId, 90360);
});

test("a string that is not JSON is refused without being shown", async () => {
  for (const text of ["", "{", "<html>TOKEN-SECRET</html>", JSON.stringify(response()).slice(0, -9)]) {
    const error = await rejection(parsePairingResponse(text));
    assert.ok(isDpmsError(error), String(error));
    assert.ok(["decode", "truncated"].includes(error.kind), error.kind);
    assert.doesNotMatch(inspect(error, { depth: 5 }), /SECRET/);
  }
});

test("a value that is neither a string nor an object is an invalid-argument error", async () => {
  for (const value of [undefined, null, 7, true, [], Symbol("x"), () => {}]) {
    assert.equal((await rejection(() => parsePairingResponse(value))).kind, "invalid-argument", String(value));
  }
});

test("no failure shows a token", async () => {
  for (const value of [response({ CompanyId: "TOKEN-SECRET" }), response({ Warnings: "TOKEN-SECRET" })]) {
    for (const [, given] of FORMS) {
      const error = await rejection(parsePairingResponse(given(value)));
      assert.equal(error.kind, "decode");
      assert.doesNotMatch(inspect(error, { depth: 5 }) + JSON.stringify(error), /SECRET/);
    }
  }
});
