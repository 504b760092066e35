// parsePairingResponse (§5.6, R141): the company, the warnings and the untouched OAuth part of a pairing's answer.
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { isDpmsError, parsePairingResponse } from "itero-dpms";
import * as shapes from "../support/shapes.mjs";
import { rejection, test } from "../support/test.mjs";

const OAUTH = { access_token: "TOKEN-SECRET", refresh_token: "REFRESH-SECRET", expires_in: 3600, scope: ["a", "b"] };
const WARNING = "two patients share a chart number";

const answer = (changes = {}) => ({
  Data: { OAuthResponse: OAUTH, Warnings: [WARNING], CompanyId: 90360, ...changes },
  Status: 1,
});

/** Both ways to hand an answer over. */
const FORMS = [
  ["as text", (value) => JSON.stringify(value)],
  ["as an object", (value) => value],
];

for (const [form, given] of FORMS) {
  test(`the company, the warnings and the OAuth part come out of an answer ${form}`, async () => {
    const pairing = await parsePairingResponse(given(answer()));
    shapes.pairing(pairing, "pairing");
    assert.deepEqual(pairing, { companyId: 90360, warnings: [WARNING], oauth: OAUTH });
  });

  test(`an answer ${form} without warnings has none`, async () => {
    for (const Warnings of [undefined, null, []]) {
      assert.deepEqual((await parsePairingResponse(given(answer({ Warnings })))).warnings, []);
    }
  });

  test(`the company's id ${form} may be quoted (R58)`, async () => {
    assert.equal((await parsePairingResponse(given(answer({ CompanyId: "90360" })))).companyId, 90360);
  });

  test(`an answer ${form} without its company is decode, naming the field`, async () => {
    for (const CompanyId of [undefined, null, "x", 1.5, "9007199254740993"]) {
      const error = await rejection(parsePairingResponse(given(answer({ CompanyId }))));
      assert.equal(error.kind, "decode", String(CompanyId));
      assert.match(error.message, /company_?id/i);
    }
  });

  test(`an answer ${form} whose status says failure is server (R22)`, async () => {
    const error = await rejection(parsePairingResponse(given({ ...answer(), Status: 0 })));
    assert.equal(error.kind, "server");
  });

  test(`fields that the document does not know, ${form}, are passed over`, async () => {
    const extra = { ...answer({ Region: { New: [1] } }), Extra: null };
    assert.deepEqual(await parsePairingResponse(given(extra)), await parsePairingResponse(answer()));
  });
}

test("the OAuth part is whatever came, null if nothing did", async () => {
  for (const OAuthResponse of ["text", 7, [], { deep: { er: [null] } }]) {
    assert.deepEqual((await parsePairingResponse(answer({ OAuthResponse }))).oauth, OAuthResponse);
  }
  assert.equal((await parsePairingResponse(answer({ OAuthResponse: undefined }))).oauth, null);
});

test("a byte order mark before the text is accepted", async () => {
  assert.equal((await parsePairingResponse(`\uFEFF${JSON.stringify(answer())}`)).companyId, 90360);
});

test("text that is no JSON is refused without being shown", async () => {
  for (const text of ["", "{", "<html>TOKEN-SECRET</html>", JSON.stringify(answer()).slice(0, -9)]) {
    const error = await rejection(parsePairingResponse(text));
    assert.ok(isDpmsError(error), String(error));
    assert.ok(["decode", "truncated"].includes(error.kind), error.kind);
    assert.doesNotMatch(inspect(error, { depth: 5 }), /SECRET/);
  }
});

test("what is neither text nor an object is invalid-argument", async () => {
  for (const value of [undefined, null, 7, true, [], Symbol("x"), () => {}]) {
    assert.equal((await rejection(() => parsePairingResponse(value))).kind, "invalid-argument", String(value));
  }
});

test("no failure shows a token", async () => {
  for (const value of [answer({ CompanyId: "TOKEN-SECRET" }), answer({ Warnings: "TOKEN-SECRET" })]) {
    for (const [, given] of FORMS) {
      const error = await rejection(parsePairingResponse(given(value)));
      assert.equal(error.kind, "decode");
      assert.doesNotMatch(inspect(error, { depth: 5 }) + JSON.stringify(error), /SECRET/);
    }
  }
});
