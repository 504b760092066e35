// Made from the models of `src/wire` by the tests of `tape.rs`; `BLESS=1 cargo test builders` makes it anew.

export const orderLinks = (tape) => ({
  viewer: tape.text(),
  scan: tape.text(),
  thumbnails: tape.text(),
  screenCaptures: tape.text(),
});

export const prep = (tape) => ({
  adaId: tape.number(),
  unitTypeId: tape.number(),
  unitTypeName: tape.text(),
  bridgeId: tape.number(),
});

export const order = (tape) => ({
  rxId: tape.text(),
  orderId: tape.number(),
  orderCode: tape.text(),
  status: tape.text(),
  procedureName: tape.text(),
  procedureTypeName: tape.text(),
  caseType: tape.text(),
  scanningDate: tape.text(),
  scanningTime: tape.number(),
  dueDate: tape.text(),
  doctorId: tape.number(),
  doctorName: tape.text(),
  doctorLicenseNumber: tape.text(),
  scanningOperatorId: tape.number(),
  scanningOperatorName: tape.text(),
  patientFirstName: tape.text(),
  patientLastName: tape.text(),
  patientChartNumber: tape.text(),
  patientId: tape.number(),
  companyId: tape.number(),
  companyName: tape.text(),
  labId: tape.number(),
  labName: tape.text(),
  preps: tape.list(prep),
  notes: tape.text(),
  links: orderLinks(tape),
  scannerModelDescription: tape.text(),
  scannerModelId: tape.number(),
});

export const ordersPage = (tape) => ({
  orders: tape.list(order),
  offset: tape.number(),
  pageSize: tape.number(),
  hasMore: tape.boolean(),
});
