// How a portal would validate and rename a page of orders without this project (§4.4.3).
import * as v from "valibot";
import { z } from "zod";

const ORDER_STRINGS = [
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

/** The schema, built with the functions that both libraries have. */
function page({ object, array, boolean, text, number }) {
  const fields = (names, type) => Object.fromEntries(names.map((name) => [name, type]));
  return object({
    Data: object({
      HasMore: boolean(),
      Results: array(
        object({
          ...fields(ORDER_STRINGS, text),
          ...fields(ORDER_NUMBERS, number),
          Preps: array(object({ ...fields(PREP_NUMBERS, number), UnitTypeName: text })),
          Urls: object(fields(LINKS, text)),
        }),
      ),
    }),
  });
}

/** Renames the keys of any value, as most projects do with their own helper or a package. */
export function camelCased(value) {
  if (Array.isArray(value)) return value.map(camelCased);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key[0].toLowerCase() + key.slice(1), camelCased(inner)]),
  );
}

/** Renames with one object literal per type, which is the fastest way but has to be written by hand for each type. */
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
