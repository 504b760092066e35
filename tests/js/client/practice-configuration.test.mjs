// Practice configuration (§4.1): the sandbox's, and the forms that the document leaves open.
import assert from "node:assert/strict";
import { createClient } from "itero-dpms";
import { json } from "../support/faulty-server.mjs";
import { startSandbox } from "../support/sandbox-cli.mjs";
import * as shapes from "../support/shapes.mjs";
import { rejection, test } from "../support/test.mjs";
import { envelope, scripted, wirePractice, without } from "../support/wire.mjs";

async function decoded(t, data) {
  const { client } = await scripted(t, () => json(200, envelope(data)));
  const practice = await client.practiceConfiguration();
  shapes.practiceConfiguration(practice, "practice");
  return practice;
}

test("the sandbox's practice has a name, doctors and both kinds of lab", async (t) => {
  const sandbox = await startSandbox();
  t.after(() => sandbox.stop());
  const client = await createClient({ endpoints: { baseUrl: sandbox.baseUrl }, accessToken: sandbox.accessToken });
  const practice = await client.practiceConfiguration();
  shapes.practiceConfiguration(practice, "practice");
  assert.ok(practice.companyName);
  assert.ok(practice.doctors.length >= 1);
  const types = new Set(practice.labs.flatMap((lab) => lab.types));
  assert.ok(types.has("Dental") && types.has("Ortho"));
});

test("a complete configuration keeps every value, the company fields flat", async (t) => {
  const practice = await decoded(t, wirePractice());
  assert.ok(practice.reportDate.startsWith("2026-11-22"));
  assert.deepEqual(without(practice, "reportDate"), {
    companyId: 9001,
    companyName: "Example Dental",
    countryCode: "NL",
    doctors: [{ id: 501, name: "Dora Dentist", supportedCaseTypes: [1, 2] }],
    labs: [{ id: 31, name: "Example Lab", types: ["Dental", "Ortho"], address: "Lab Street 1", definedCaseTypes: [3] }],
    unitTypes: [{ id: 2, name: "Crown" }],
  });
});

test("company fields directly in Data, as in the table, are read too (R18)", async (t) => {
  const { Header, ...rest } = wirePractice();
  assert.deepEqual(await decoded(t, { ...Header, ...rest }), await decoded(t, wirePractice()));
});

test("a country code, which the table lacks, may be missing (R18)", async (t) => {
  const { Header, ...rest } = wirePractice();
  assert.equal((await decoded(t, { ...rest, Header: without(Header, "CountryCode") })).countryCode, null);
});

test("ID, as the table spells it, is read like Id (R17)", async (t) => {
  const practice = await decoded(
    t,
    wirePractice({
      Doctors: [{ ID: 501, Name: "Dora Dentist", SupportedCaseTypes: [1, 2] }],
      Labs: [
        { ID: 31, Name: "Example Lab", Types: ["Dental", "Ortho"], Address: "Lab Street 1", DefinedCaseTypes: [3] },
      ],
      UnitTypes: [{ ID: 2, Name: "Crown" }],
    }),
  );
  assert.deepEqual(practice, await decoded(t, wirePractice()));
});

test("quoted ids become numbers (R58)", async (t) => {
  const { Header } = wirePractice();
  const practice = await decoded(
    t,
    wirePractice({
      Header: { ...Header, CompanyId: "9001" },
      Doctors: [{ Id: "501", Name: "Dora Dentist", SupportedCaseTypes: [1, 2] }],
    }),
  );
  assert.deepEqual(practice, await decoded(t, wirePractice()));
});

test("missing or null lists are empty, but unknown case types are null (R16, R19, R21)", async (t) => {
  const { Header } = wirePractice();
  const empty = await decoded(t, { Header });
  assert.deepEqual([empty.doctors, empty.labs, empty.unitTypes], [[], [], []]);
  assert.deepEqual(await decoded(t, { Header, Doctors: null, Labs: null, UnitTypes: null }), empty);
  const sparse = await decoded(t, {
    Header,
    Doctors: [{ Id: 1 }],
    Labs: [{ Id: 2, Types: null, DefinedCaseTypes: null }],
  });
  assert.deepEqual(sparse.doctors, [{ id: 1, name: null, supportedCaseTypes: null }]);
  assert.deepEqual(sparse.labs, [{ id: 2, name: null, types: [], address: null, definedCaseTypes: null }]);
});

test("an undocumented lab type passes through (R21)", async (t) => {
  const practice = await decoded(t, wirePractice({ Labs: [{ Id: 31, Types: ["Dental", "Robotic"] }] }));
  assert.deepEqual(practice.labs[0].types, ["Dental", "Robotic"]);
});

test("the report date may be a timestamp (R20)", async (t) => {
  const { Header } = wirePractice();
  const practice = await decoded(t, wirePractice({ Header: { ...Header, ReportDate: "2026-11-22T09:10:11.123" } }));
  assert.ok(practice.reportDate.startsWith("2026-11-22"));
});

test("a configuration without a company id is a decode error, naming the field", async (t) => {
  const { Header } = wirePractice();
  const { client } = await scripted(t, () => json(200, envelope({ Header: without(Header, "CompanyId") })));
  const error = await rejection(client.practiceConfiguration());
  assert.equal(error.kind, "decode");
  assert.match(error.message, /company_?id/i);
});

test("a doctor that cannot be decoded is named by its index and field", async (t) => {
  const { client } = await scripted(t, () =>
    json(200, envelope(wirePractice({ Doctors: [{ Id: 1 }, { Id: 2 }, { Id: 3 }, { Id: "SECRET-ROW" }] }))),
  );
  const error = await rejection(client.practiceConfiguration());
  assert.equal(error.kind, "decode");
  assert.match(error.message, /\b3\b/);
  assert.match(error.message, /id/i);
  assert.doesNotMatch(error.message, /SECRET-ROW/);
});
