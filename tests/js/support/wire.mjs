// Bodies as the API sends them, built from its field tables, and a client to read them with.
import { createClient } from "itero-dpms";
import { startFaultyServer } from "./faulty-server.mjs";

export const TOKEN = "TOKEN-SECRET";
export const RX_ID = "5d0f2c4e-9a1b-4c3d-8e7f-60718293a4b5";

/** The GUID number `n`. */
export const guid = (n) => `5d0f2c4e-9a1b-4c3d-8e7f-${n.toString(16).padStart(12, "0")}`;

/** An order with all fields. */
export const wireOrder = (changes = {}) => ({
  ProcedureName: "Fixed Restorative",
  ProcedureTypeName: null,
  RxId: RX_ID,
  OrderId: 700100,
  OrderCode: "A-700100",
  ScanningDate: "2025-03-04T05:06:07Z",
  DoctorId: 501,
  ScanningOperatorId: 777,
  ScanningOperatorName: "Olga Operator",
  ScanningTime: 321,
  PatientFirstName: "Pat",
  PatientLastName: "Example",
  PatientChartNumber: "C-17",
  CaseType: "Restorative",
  CompanyId: 9001,
  CompanyName: "Example Dental",
  LabId: 31,
  LabName: "Example Lab",
  Preps: [{ AdaId: 4, UnitTypeId: 2, UnitTypeName: "Crown", BridgeId: null }],
  Notes: "a note",
  ViewerUrl: "https://viewer.invalid/flat",
  ThumbnailsDownloadUrl: "https://files.invalid/flat/IMAGE_GALLERY",
  IdeFileUrl: "https://files.invalid/flat/IDE",
  ScreenCaptureFileUrl: "https://files.invalid/flat/SCREEN_CAPTURE",
  Status: "Completed",
  DueDate: "2025-03-14T00:00:00Z",
  PatientId: 123456,
  DoctorName: "Dora Dentist",
  DoctorLicenseNumber: "LIC-1",
  Urls: {
    MyiTero3DViewerUrl: "https://viewer.invalid/urls",
    IDEFileUrl: "https://files.invalid/urls/IDE",
    ScreenCaptureUrl: "https://files.invalid/urls/SCREEN_CAPTURE",
    ThumbnailsUrl: "https://files.invalid/urls/IMAGE_GALLERY",
  },
  ScannerModelDescription: "Element",
  ScannerModelId: 5,
  ...changes,
});

/** Returns a copy of `fields` without the named ones. */
export function without(fields, ...names) {
  const copy = { ...fields };
  for (const name of names) delete copy[name];
  return copy;
}

export const envelope = (data) => ({ Data: data, Status: 1 });

export const wirePage = (orders, { offset = 0, pageSize = 100, hasMore = false } = {}) =>
  envelope({ HasMore: hasMore, PageSize: pageSize, Offset: offset, Results: orders });

/** The practice as the sample of §4.1.2 nests it. */
export const wirePractice = (changes = {}) => ({
  Header: { CompanyId: 9001, CompanyName: "Example Dental", CountryCode: "NL", ReportDate: "2026-11-22" },
  Doctors: [{ Id: 501, Name: "Dora Dentist", SupportedCaseTypes: [1, 2] }],
  Labs: [{ Id: 31, Name: "Example Lab", Types: ["Dental", "Ortho"], Address: "Lab Street 1", DefinedCaseTypes: [3] }],
  UnitTypes: [{ Id: 2, Name: "Crown" }],
  ...changes,
});

/** A scan request with only the mandatory fields. */
export const scanRequest = (changes = {}) => ({
  companyId: 9001,
  doctorId: 501,
  patientFirstName: "Pat",
  patientLastName: "Example",
  patientChartNumber: "C-17",
  ...changes,
});

/** A screen capture as §4.8.3 lists it. */
export const wireCapture = (fileUrl, createdDate) => ({ FileUrl: fileUrl, CreatedDate: createdDate });

/** The response of §4.8.3; `captures` is by order id. */
export const wireCaptures = (captures, changes = {}) =>
  envelope({
    Since: "2026-11-08T00:00:00Z",
    CompanyId: 9001,
    OrderFileUrls: Object.entries(captures).map(([orderId, files]) => ({
      OrderId: orderId,
      Urls: { SCREEN_CAPTURE: files },
    })),
    ...changes,
  });

export const PATIENT_ID = "7c1e9d52-3b4a-4f60-9a8b-0c1d2e3f4a5b";

/** The patient GUID number `n`. */
export const patientGuid = (n) => `7c1e9d52-3b4a-4f60-9a8b-${n.toString(16).padStart(12, "0")}`;

/** A row of the version 2 search (§5.1.3). */
export const wireMatch = (changes = {}) => ({
  UniqueId: PATIENT_ID,
  DateOfBirth: "1990-02-28T00:00:00",
  Gender: 1,
  ChartNumber: "C-17",
  FirstName: "Pat",
  LastName: "Example",
  ...changes,
});

/** A row of the version 3 search (§5.2.3). */
export const wirePatient = (changes = {}) => ({
  Id: PATIENT_ID,
  FirstName: "Pat",
  LastName: "Example",
  ChartNumber: "C-17",
  DateOfBirth: "1990-02-28",
  Gender: "Female",
  CreationDate: "2024-01-02T03:04:05Z",
  UpdatedDate: "2025-06-07T08:09:10",
  LastScanDate: "2025-03-04",
  ...changes,
});

/** A page of the version 3 search, with the `Meta` for its rows. */
export const wirePatients = (
  patients,
  { offset = 0, limit = 100, total = offset + patients.length, ...changes } = {},
) => ({
  Data: patients,
  Meta: { Total: total, Count: patients.length, NextOffset: offset + limit },
  Links: {
    Self: `/third-party/v3/patients/search?Offset=${offset}&Limit=${limit}`,
    Next: `/third-party/v3/patients/search?Offset=${offset + limit}&Limit=${limit}`,
  },
  Status: "Success",
  ...changes,
});

/** A patient's record, as in the response to an update (§5.3.3) and in a 409 (§5.4.3). */
export const wireRecord = (changes = {}) => ({
  LastScanDate: "2025-03-04T05:06:07",
  RowStatus: 1,
  DateUpdated: "2025-06-07T08:09:10.0110489Z",
  Type: 2,
  AlignPatientId: null,
  Id: 4470,
  UID: PATIENT_ID,
  FirstName: "Pat",
  LastName: "Example",
  ChartNumber: "C-17",
  DateOfBirth: "1990-02-28T00:00:00.000",
  Gender: 1,
  MI: "Q",
  ZipCode: "1012 AB",
  ...changes,
});

/** Retries as usual, but with almost no delay. */
export const FAST = { baseDelayMs: 1, maxDelayMs: 2 };

/** Both versions of the API at one origin. */
export const endpointsOf = (baseUrl) => ({ baseUrl, v3: { domain: baseUrl, path: "third-party/v3" } });

/**
 * Starts a faulty server, which is closed when the test ends, and creates a client for it.
 * @param {import("node:test").TestContext} t
 * @param {import("./faulty-server.mjs").Script} script
 * @param {Partial<import("itero-dpms").ClientOptions>} [options]
 */
export async function scripted(t, script, options = {}) {
  const server = await startFaultyServer(script);
  t.after(() => server.close());
  const client = await createClient({
    endpoints: endpointsOf(server.baseUrl),
    accessToken: TOKEN,
    retry: FAST,
    ...options,
  });
  return { server, client };
}
