// Made from the models of `src/api` by the test of `builders.rs`; `BLESS=1 cargo test builders` makes it again.

import { Tape } from "./tape.js";

/** @typedef {(t: Tape, at: number) => any} Builder */

/** @type {Builder} */
const number = (t, at) => t.number(at);

/** @type {Builder} */
const text = (t, at) => t.text(at);

/** @type {Builder} */
const doctor = (t, at) => ({
  id: t.number(at),
  name: t.text(at + 1),
  supportedCaseTypes: t.nullableList(at + 2, number),
});

/** @type {Builder} */
const lab = (t, at) => ({
  id: t.number(at),
  name: t.text(at + 1),
  types: t.list(at + 2, text),
  address: t.text(at + 3),
  definedCaseTypes: t.nullableList(at + 4, number),
});

/** @type {Builder} */
const unitType = (t, at) => ({
  id: t.number(at),
  name: t.text(at + 1),
});

/** @type {Builder} */
const practiceConfiguration = (t, at) => ({
  companyId: t.number(at),
  companyName: t.text(at + 1),
  countryCode: t.text(at + 2),
  reportDate: t.text(at + 3),
  doctors: t.list(at + 4, doctor),
  labs: t.list(at + 5, lab),
  unitTypes: t.list(at + 6, unitType),
});

/** @type {Builder} */
const prep = (t, at) => ({
  adaId: t.number(at),
  unitTypeId: t.number(at + 1),
  unitTypeName: t.text(at + 2),
  bridgeId: t.number(at + 3),
});

/** @type {Builder} */
const orderLinks = (t, at) => ({
  viewer: t.text(at),
  scan: t.text(at + 1),
  thumbnails: t.text(at + 2),
  screenCaptures: t.text(at + 3),
});

/** @type {Builder} */
const order = (t, at) => ({
  rxId: t.text(at),
  orderId: t.number(at + 1),
  orderCode: t.text(at + 2),
  status: t.text(at + 3),
  procedureName: t.text(at + 4),
  procedureTypeName: t.text(at + 5),
  caseType: t.text(at + 6),
  scanningDate: t.text(at + 7),
  scanningTime: t.number(at + 8),
  dueDate: t.text(at + 9),
  doctorId: t.number(at + 10),
  doctorName: t.text(at + 11),
  doctorLicenseNumber: t.text(at + 12),
  scanningOperatorId: t.number(at + 13),
  scanningOperatorName: t.text(at + 14),
  patientFirstName: t.text(at + 15),
  patientLastName: t.text(at + 16),
  patientChartNumber: t.text(at + 17),
  patientId: t.number(at + 18),
  companyId: t.number(at + 19),
  companyName: t.text(at + 20),
  labId: t.number(at + 21),
  labName: t.text(at + 22),
  preps: t.list(at + 23, prep),
  notes: t.text(at + 24),
  links: orderLinks(t, at + 25),
  scannerModelDescription: t.text(at + 29),
  scannerModelId: t.number(at + 30),
});

/** @type {Builder} */
const ordersPage = (t, at) => ({
  orders: t.list(at, order),
  offset: t.number(at + 1),
  pageSize: t.number(at + 2),
  hasMore: t.flag(at + 3),
});

/** @type {Builder} */
const screenCapture = (t, at) => ({
  captureId: t.text(at),
  fileUrl: t.text(at + 1),
  createdDate: t.text(at + 2),
});

/** @type {Builder} */
const orderCaptures = (t, at) => ({
  orderId: t.number(at),
  captures: t.list(at + 1, screenCapture),
});

/** @type {Builder} */
const screenCaptures = (t, at) => ({
  companyId: t.number(at),
  since: t.text(at + 1),
  orders: t.list(at + 2, orderCaptures),
});

/** @type {Builder} */
const patientMatch = (t, at) => ({
  patientId: t.text(at),
  firstName: t.text(at + 1),
  lastName: t.text(at + 2),
  chartNumber: t.text(at + 3),
  dateOfBirth: t.text(at + 4),
  gender: t.text(at + 5),
});

/** @type {Builder} */
const patient = (t, at) => ({
  patientId: t.text(at),
  firstName: t.text(at + 1),
  lastName: t.text(at + 2),
  chartNumber: t.text(at + 3),
  dateOfBirth: t.text(at + 4),
  gender: t.text(at + 5),
  creationDate: t.text(at + 6),
  updatedDate: t.text(at + 7),
  lastScanDate: t.text(at + 8),
});

/** @type {Builder} */
const patientsPage = (t, at) => ({
  patients: t.list(at, patient),
  total: t.number(at + 1),
  count: t.number(at + 2),
  offset: t.number(at + 3),
  nextOffset: t.number(at + 4),
});

/** @type {Builder} */
const patientRecord = (t, at) => ({
  patientId: t.text(at),
  recordId: t.number(at + 1),
  firstName: t.text(at + 2),
  lastName: t.text(at + 3),
  chartNumber: t.text(at + 4),
  dateOfBirth: t.text(at + 5),
  gender: t.text(at + 6),
  mi: t.text(at + 7),
  zipCode: t.text(at + 8),
  lastScanDate: t.text(at + 9),
  dateUpdated: t.text(at + 10),
  rowStatus: t.number(at + 11),
  type: t.number(at + 12),
  alignPatientId: t.text(at + 13),
  doctorId: t.number(at + 14),
  companyId: t.number(at + 15),
});

/** @type {Builder} */
const pairing = (t, at) => ({
  companyId: t.number(at),
  warnings: t.list(at + 1, text),
  oauth: t.json(at + 2),
});

/** @type {Builder} */
const orderChange = (t, at) => ({
  kind: t.text(at),
  order: order(t, at + 1),
  previousStatus: t.text(at + 32),
});

/** @type {Record<string, Builder>} */
const BUILDERS = {
  Doctor: doctor,
  Lab: lab,
  UnitType: unitType,
  PracticeConfiguration: practiceConfiguration,
  Prep: prep,
  OrderLinks: orderLinks,
  Order: order,
  OrdersPage: ordersPage,
  ScreenCapture: screenCapture,
  OrderCaptures: orderCaptures,
  ScreenCaptures: screenCaptures,
  PatientMatch: patientMatch,
  Patient: patient,
  PatientsPage: patientsPage,
  PatientRecord: patientRecord,
  Pairing: pairing,
  OrderChange: orderChange,
};

/**
 * The value in a cell of a tape, whose ends and cells are only lent.
 * @param {string} ascii
 * @param {Uint32Array} asciiEnds
 * @param {string} others
 * @param {Uint32Array} otherEnds
 * @param {Float64Array} cells
 * @param {string} model
 * @param {boolean} isList
 * @param {number} cell
 */
export function build(ascii, asciiEnds, others, otherEnds, cells, model, isList, cell) {
  const tape = new Tape(ascii, asciiEnds, others, otherEnds, cells);
  const builder = /** @type {Builder} */ (BUILDERS[model]);
  return isList ? tape.list(cell, builder) : builder(tape, cell);
}
