//! An order in the form of §4.4.3.

use serde::Serialize;

use super::clock::{self, DAY, Millis};
use super::practice::{COMPANY_ID, Case};
use super::routes::V2;
use crate::scalar::Guid;

/// .NET's `DateTime.MinValue`, which stands for "no date" (R59).
const NO_DATE: &str = "0001-01-01T00:00:00";

/// An order with the keys of the sample in §4.4.3, in the same order.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OrderRow<'a> {
    procedure_name: &'static str,
    procedure_type_name: Option<&'static str>,
    rx_id: Guid,
    order_id: u32,
    order_code: &'a str,
    scanning_date: String,
    doctor_id: u32,
    scanning_operator_id: u32,
    scanning_operator_name: &'static str,
    scanning_time: u32,
    patient_first_name: &'a str,
    patient_last_name: &'a str,
    patient_chart_number: Option<&'a str>,
    case_type: &'static str,
    company_id: u32,
    company_name: &'static str,
    lab_id: Option<u32>,
    lab_name: Option<&'static str>,
    preps: Vec<PrepRow>,
    notes: Option<&'a str>,
    viewer_url: String,
    thumbnails_download_url: String,
    ide_file_url: String,
    screen_capture_file_url: String,
    status: &'a str,
    due_date: String,
    patient_id: u32,
    doctor_name: &'static str,
    doctor_license_number: &'a str,
    urls: Urls,
    scanner_model_description: &'static str,
    scanner_model_id: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PrepRow {
    ada_id: u8,
    unit_type_id: u8,
    unit_type_name: &'static str,
    bridge_id: Option<u8>,
}

/// The same links under other names (R61).
#[derive(Serialize, Clone)]
struct Urls {
    #[serde(rename = "MyiTero3DViewerUrl")]
    viewer: String,
    #[serde(rename = "IDEFileUrl")]
    ide: String,
    #[serde(rename = "ScreenCaptureUrl")]
    screen_captures: String,
    #[serde(rename = "ThumbnailsUrl")]
    thumbnails: String,
}

impl<'a> OrderRow<'a> {
    pub fn new(case: &Case<'a>, base_url: &str) -> Self {
        let Case { order, patient, doctor, practice } = *case;
        let (procedure_name, procedure_type_name) = case.procedure();
        let case_type = case_type(procedure_name, procedure_type_name);
        let download = |asset| format!("{base_url}{V2}order/{}/download/{asset}", order.id);
        let urls = Urls {
            viewer: format!("{base_url}/sandbox/viewer/{}", order.id),
            ide: download("IDE"),
            screen_captures: download("SCREEN_CAPTURE"),
            thumbnails: download("IMAGE_GALLERY"),
        };
        Self {
            procedure_name,
            procedure_type_name,
            rx_id: order.rx.id,
            order_id: order.id,
            order_code: &order.code,
            scanning_date: clock::timestamp(order.scanned),
            doctor_id: doctor.id,
            scanning_operator_id: order.operator.0,
            scanning_operator_name: order.operator.1,
            scanning_time: order.scan_seconds,
            patient_first_name: &patient.first_name,
            patient_last_name: &patient.last_name,
            patient_chart_number: patient.chart_number.as_deref(),
            case_type,
            company_id: COMPANY_ID,
            company_name: practice,
            lab_id: order.rx.lab.map(|lab| lab.id),
            lab_name: order.rx.lab.map(|lab| lab.name),
            preps: order
                .preps
                .iter()
                .map(|prep| PrepRow {
                    ada_id: prep.ada_id,
                    unit_type_id: prep.unit_type,
                    unit_type_name: prep.unit_type_name(),
                    bridge_id: prep.bridge_id,
                })
                .collect(),
            notes: order.rx.notes.as_deref(),
            viewer_url: urls.viewer.clone(),
            thumbnails_download_url: urls.thumbnails.clone(),
            ide_file_url: urls.ide.clone(),
            screen_capture_file_url: urls.screen_captures.clone(),
            status: &order.status,
            due_date: due_date(case_type, order.scanned),
            patient_id: patient.record_id,
            doctor_name: doctor.name,
            doctor_license_number: &order.rx.license_number,
            urls,
            scanner_model_description: order.scanner.1,
            scanner_model_id: order.scanner.0,
        }
    }
}

/// Returns the legacy case type that fits a procedure best (§4.4.5).
fn case_type(procedure: &str, procedure_type: Option<&str>) -> &'static str {
    match (procedure, procedure_type) {
        ("Study Model - iRecord", Some(_)) => "iCast",
        ("Study Model - iRecord" | "Appliance", _) => "iRecord",
        ("Invisalign Vivera", Some("Invisalign First Aligners")) => "Invisalign + iRecord",
        ("Invisalign Vivera", _) => "Invisalign",
        _ => "Restorative",
    }
}

/// Returns when the lab delivers; for Invisalign, when the order was created (R59).
fn due_date(case_type: &str, scanned: Millis) -> String {
    match case_type {
        "Restorative" => format!("{}T00:00:00", clock::date(scanned + 10 * DAY)),
        "Invisalign" | "Invisalign + iRecord" => clock::timestamp(scanned),
        _ => NO_DATE.into(),
    }
}
