// A page of orders as a portal would check and rename it without this project (§4.4.3).
import * as v from "valibot";
import { z } from "zod";

const ORDER_TEXTS = [
  ...["RxId", "OrderCode", "ScanningDate", "ScanningOperatorName", "PatientFirstName", "PatientLastName"],
  ...["PatientChartNumber", "CaseType", "CompanyName", "LabName", "Notes", "ProcedureName", "ProcedureTypeName"],
  ...["Status", "DueDate", "DoctorName", "DoctorLicenseNumber", "ScannerModelDescription"],
];
const ORDER_NUMBERS = [
  ...["OrderId", "DoctorId", "ScanningOperatorId", "ScanningTime", "CompanyId", "LabId", "PatientId", "ScannerModelId"],
];
const PREP_NUMBERS = ["AdaId", "UnitTypeId", "BridgeId"];
const LINKS = ["MyiTero3DViewerUrl", "IDEFileUrl", "ScreenCaptureUrl", "ThumbnailsUrl"];

export const zodPage = page({ ...z, text: z.string().nullable(), number: z.number().nullable() });

export const valibotPage = page({ ...v, text: v.nullable(v.string()), number: v.nullable(v.number()) });

/** The schema in a library's words, which the two share. */
function page({ object, array, boolean, text, number }) {
  const fields = (names, type) => Object.fromEntries(names.map((name) => [name, type]));
  return object({
    Data: object({
      HasMore: boolean(),
      Results: array(
        object({
          ...fields(ORDER_TEXTS, text),
          ...fields(ORDER_NUMBERS, number),
          Preps: array(object({ ...fields(PREP_NUMBERS, number), UnitTypeName: text })),
          Urls: object(fields(LINKS, text)),
        }),
      ),
    }),
  });
}

/** Renames whatever it is given: what most projects have in a helper of their own or from a package. */
export function camelCased(value) {
  if (Array.isArray(value)) return value.map(camelCased);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key[0].toLowerCase() + key.slice(1), camelCased(inner)]),
  );
}

/** Renames by a literal per type: the fastest there is, to be written for each type by hand. */
export const toOrdersPage = ({ Data }) => ({ hasMore: Data.HasMore, orders: Data.Results.map(toOrder) });

const toOrder = (row) => ({
  rxId: row.RxId,
  orderId: row.OrderId,
  orderCode: row.OrderCode,
  scanningDate: row.ScanningDate,
  scanningTime: row.ScanningTime,
  scanningOperatorId: row.ScanningOperatorId,
  scanningOperatorName: row.ScanningOperatorName,
  patientId: row.PatientId,
  patientFirstName: row.PatientFirstName,
  patientLastName: row.PatientLastName,
  patientChartNumber: row.PatientChartNumber,
  caseType: row.CaseType,
  companyId: row.CompanyId,
  companyName: row.CompanyName,
  labId: row.LabId,
  labName: row.LabName,
  notes: row.Notes,
  procedureName: row.ProcedureName,
  procedureTypeName: row.ProcedureTypeName,
  status: row.Status,
  dueDate: row.DueDate,
  doctorId: row.DoctorId,
  doctorName: row.DoctorName,
  doctorLicenseNumber: row.DoctorLicenseNumber,
  scannerModelId: row.ScannerModelId,
  scannerModelDescription: row.ScannerModelDescription,
  preps: row.Preps.map(toPrep),
  links: toLinks(row.Urls),
});

const toPrep = (prep) => ({
  adaId: prep.AdaId,
  unitTypeId: prep.UnitTypeId,
  unitTypeName: prep.UnitTypeName,
  bridgeId: prep.BridgeId,
});

const toLinks = (urls) => ({
  viewer: urls.MyiTero3DViewerUrl,
  ideFile: urls.IDEFileUrl,
  screenCapture: urls.ScreenCaptureUrl,
  thumbnails: urls.ThumbnailsUrl,
});
