// The public types as run-time checks: every key is present, no other key is, and missing values are null, not undefined.
import assert from "node:assert/strict";

/** @typedef {(value: unknown, path: string) => void} Check */

const check = (what, holds) => (value, path) =>
  assert.ok(holds(value), `${path} should be ${what}, is ${JSON.stringify(value) ?? typeof value}`);

export const string = check("string", (v) => typeof v === "string");
export const bool = check("a boolean", (v) => typeof v === "boolean");
export const integer = check("an integer", (v) => Number.isSafeInteger(v));
export const number = check("a finite number", (v) => typeof v === "number" && Number.isFinite(v));
export const guid = check("a lower-case GUID", (v) =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(String(v)),
);
export const timestamp = check(
  "an RFC 3339 time in UTC",
  (v) => typeof v === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(v) && !Number.isNaN(Date.parse(v)),
);
export const plainDate = check("a date", (v) => /^\d{4}-\d\d-\d\d$/.test(String(v)));
export const gender = check("a gender", (v) => v === "male" || v === "female");
export const url = check("an absolute URL", (v) => typeof v === "string" && URL.canParse(v));

/** @param {Check} inner @returns {Check} */
export const nullable = (inner) => (value, path) => value === null || inner(value, path);

/** @param {Check} inner @returns {Check} */
export const listOf = (inner) => (value, path) => {
  assert.ok(Array.isArray(value), `${path} should be a list, is ${typeof value}`);
  value.forEach((item, index) => inner(item, `${path}[${index}]`));
};

/** @param {Record<string, Check>} fields @returns {Check} */
export const object = (fields) => (value, path) => {
  assert.ok(value !== null && typeof value === "object", `${path} should be an object, is ${value}`);
  assert.equal(Object.getPrototypeOf(value), Object.prototype, `${path} should be a plain object`);
  assert.deepEqual(Object.keys(value).sort(), Object.keys(fields).sort(), `the keys of ${path}`);
  for (const [name, inner] of Object.entries(fields)) inner(value[name], `${path}.${name}`);
};

const named = { id: integer, name: nullable(string) };

export const practiceConfiguration = object({
  companyId: integer,
  companyName: nullable(string),
  countryCode: nullable(string),
  reportDate: nullable(string),
  doctors: listOf(object({ ...named, supportedCaseTypes: nullable(listOf(number)) })),
  labs: listOf(
    object({ ...named, types: listOf(string), address: nullable(string), definedCaseTypes: nullable(listOf(number)) }),
  ),
  unitTypes: listOf(object(named)),
});

export const order = object({
  rxId: guid,
  orderId: integer,
  orderCode: nullable(string),
  procedureName: nullable(string),
  procedureTypeName: nullable(string),
  caseType: nullable(string),
  status: nullable(string),
  scanningDate: nullable(timestamp),
  scanningTime: nullable(number),
  dueDate: nullable(timestamp),
  doctorId: nullable(integer),
  doctorName: nullable(string),
  doctorLicenseNumber: nullable(string),
  scanningOperatorId: nullable(integer),
  scanningOperatorName: nullable(string),
  patientFirstName: nullable(string),
  patientLastName: nullable(string),
  patientChartNumber: nullable(string),
  patientId: nullable(integer),
  companyId: nullable(integer),
  companyName: nullable(string),
  labId: nullable(integer),
  labName: nullable(string),
  preps: listOf(
    object({
      adaId: nullable(integer),
      unitTypeId: nullable(integer),
      unitTypeName: nullable(string),
      bridgeId: nullable(integer),
    }),
  ),
  notes: nullable(string),
  links: object({
    viewer: nullable(url),
    scan: nullable(url),
    thumbnails: nullable(url),
    screenCaptures: nullable(url),
  }),
  scannerModelDescription: nullable(string),
  scannerModelId: nullable(integer),
});

export const ordersPage = object({ orders: listOf(order), offset: integer, pageSize: integer, hasMore: bool });

export const procedure = object({
  id: integer,
  procedure: string,
  type: nullable(string),
  sendTo: check("a destination", (v) => ["ortho-lab", "resto-lab", "myitero", "none"].includes(String(v))),
});

export const orderStatus = object({ status: string, stage: string, cases: string, handling: nullable(string) });

export const unitType = object({ id: integer, name: string });

const person = {
  patientId: guid,
  firstName: nullable(string),
  lastName: nullable(string),
  chartNumber: nullable(string),
  dateOfBirth: nullable(plainDate),
  gender: nullable(gender),
};

export const patientMatch = object(person);

export const patient = object({
  ...person,
  creationDate: nullable(timestamp),
  updatedDate: nullable(timestamp),
  lastScanDate: nullable(timestamp),
});

export const patientsPage = object({
  patients: listOf(patient),
  total: integer,
  count: integer,
  offset: integer,
  nextOffset: nullable(integer),
});

export const patientRecord = object({
  ...person,
  recordId: nullable(integer),
  lastScanDate: nullable(timestamp),
  dateUpdated: nullable(timestamp),
  rowStatus: nullable(number),
  type: nullable(number),
  alignPatientId: nullable(string),
  mi: nullable(string),
  zipCode: nullable(string),
  doctorId: nullable(integer),
  companyId: nullable(integer),
});

export const screenCaptures = object({
  companyId: nullable(integer),
  since: nullable(timestamp),
  orders: listOf(
    object({
      orderId: integer,
      captures: listOf(
        object({ captureId: nullable(string), fileUrl: nullable(url), createdDate: nullable(timestamp) }),
      ),
    }),
  ),
});

export const orderChange = object({
  kind: check("a kind of change", (v) => v === "new" || v === "status"),
  order,
  previousStatus: nullable(string),
});

export const ordersPoll = object({
  changes: listOf(orderChange),
  cursor: check("an object", (v) => typeof v === "object"),
});

export const pairing = object({ companyId: integer, warnings: listOf(string), oauth: () => {} });
