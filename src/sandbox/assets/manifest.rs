//! The manifest of a 3D archive: the RX, what each file is, and how the arches were moved.
//!
//! The document gives no schema (R87). Root, objects and transforms are those of real archives; the content of `RxInfo` is
//! specific to the sandbox.

use std::io;

use glam::Mat4;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::scans::Scans;
use super::tooth::Jaw;
use super::{Case, Picture};
use crate::sandbox::clock;

type Xml = Writer<Vec<u8>>;

/// Returns the archive's manifests by name. Modeling adds a new version, next to the previous one.
pub fn manifests(case: &Case<'_>, scans: &Scans, pictures: &[Picture]) -> io::Result<Vec<(String, Vec<u8>)>> {
    let (id, revision) = (case.order.id, case.order.revision);
    (revision.max(1)..=revision + 1)
        .map(|version| {
            let name = format!("itero_export_#{id}_v{version}.xml");
            Ok((name, manifest(case, version, scans, pictures)?))
        })
        .collect()
}

fn manifest(case: &Case<'_>, version: u32, scans: &Scans, pictures: &[Picture]) -> io::Result<Vec<u8>> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.create_element("iTeroExport").with_attribute(("Version", version.to_string().as_str())).write_inner_content(
        |xml| {
            xml.create_element("RxInfo").write_inner_content(|xml| rx_info(xml, case))?;
            xml.create_element("ExportedObjects")
                .write_inner_content(|xml| exported_objects(xml, case.order.id, scans, pictures))?;
            xml.create_element("ActualUsedTransforms").write_inner_content(|xml| {
                for (jaw, transform) in scans.transforms() {
                    xml.create_element("Transform")
                        .with_attribute(("JawId", jaw_id(jaw)))
                        .write_text_content(BytesText::new(&rows(transform)))?;
                }
                Ok(())
            })?;
            Ok(())
        },
    )?;
    Ok(xml.into_inner())
}

fn rx_info(xml: &mut Xml, case: &Case<'_>) -> io::Result<()> {
    let Case { order, patient, doctor, practice } = case;
    text(xml, "Generator", "itero-dpms sandbox")?;
    text(xml, "OrderId", &order.id.to_string())?;
    text(xml, "OrderCode", &order.code)?;
    text(xml, "RxId", &order.rx.id.to_string())?;
    text(xml, "ScanningDate", &clock::timestamp(order.scanned))?;
    text(xml, "Scanner", order.scanner.1)?;
    text(xml, "Procedure", case.procedure().0)?;
    optional(xml, "ProcedureType", case.procedure().1)?;
    xml.create_element("Patient").write_inner_content(|xml| {
        if !doctor.export_settings.hide_patient_name {
            text(xml, "FirstName", &patient.first_name)?;
            text(xml, "LastName", &patient.last_name)?;
        }
        optional(xml, "ChartNumber", patient.chart_number.as_deref())?;
        optional(xml, "Gender", patient.gender.map(|gender| gender.word()))?;
        optional(xml, "DateOfBirth", patient.birth_date.map(|date| date.to_string()).as_deref())
    })?;
    text(xml, "Practice", practice)?;
    xml.create_element("Doctor").write_inner_content(|xml| {
        text(xml, "Name", doctor.name)?;
        text(xml, "LicenseNumber", &order.rx.license_number)
    })?;
    if let Some(lab) = order.rx.lab {
        xml.create_element("Lab").write_inner_content(|xml| {
            text(xml, "Name", lab.name)?;
            text(xml, "Address", lab.address)
        })?;
    }
    xml.create_element("Preps").write_inner_content(|xml| {
        for prep in &order.preps {
            let (tooth, unit) = (prep.ada_id.to_string(), prep.unit_type_name());
            xml.create_element("Prep")
                .with_attributes([("AdaId", tooth.as_str()), ("UnitType", unit)])
                .write_empty()?;
        }
        Ok(())
    })?;
    optional(xml, "Notes", order.rx.notes.as_deref())
}

fn exported_objects(xml: &mut Xml, order_id: u32, scans: &Scans, pictures: &[Picture]) -> io::Result<()> {
    for file in scans.files(order_id) {
        let object = xml.create_element("Object").with_attributes([("ObjectType", "Surface"), ("SubType", "Jaw")]);
        // A file with both arches has no jaw.
        let object = object.with_attributes(file.jaw.map(|jaw| ("JawId", jaw_id(jaw))));
        object.with_attribute(("FileName", file.name.as_str())).write_empty()?;
    }
    for picture in pictures {
        let name = picture.file_name(order_id);
        xml.create_element("Object")
            .with_attributes([("ObjectType", "Image"), ("SubType", "Gallery"), ("FileName", name.as_str())])
            .write_empty()?;
    }
    Ok(())
}

fn jaw_id(jaw: Jaw) -> &'static str {
    match jaw {
        Jaw::Upper => "Upper",
        Jaw::Lower => "Lower",
    }
}

/// Returns a matrix's sixteen numbers, row by row, for points that are columns.
fn rows(matrix: Mat4) -> String {
    let numbers = matrix.transpose().to_cols_array();
    // Adding zero turns minus zero into zero.
    numbers.map(|number| (number + 0.0).to_string()).join(" ")
}

fn text(xml: &mut Xml, name: &str, content: &str) -> io::Result<()> {
    // XML 1.0 has no way to write most control characters, not even escaped.
    let legal: String = content.chars().filter(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r')).collect();
    let legal = legal.replace(['\u{fffe}', '\u{ffff}'], "");
    xml.create_element(name).write_text_content(BytesText::new(&legal)).map(drop)
}

fn optional(xml: &mut Xml, name: &str, content: Option<&str>) -> io::Result<()> {
    content.map_or(Ok(()), |content| text(xml, name, content))
}

#[cfg(test)]
mod tests {
    use super::*;
    use glam::vec3;

    #[test]
    fn a_matrix_is_written_row_by_row() {
        let matrix = Mat4::from_translation(vec3(0.5, 0.0, 16.0)) * Mat4::from_scale(vec3(-1.0, 1.0, -1.0));
        assert_eq!(rows(matrix), "-1 0 0 0.5 0 1 0 0 0 0 -1 16 0 0 0 1");
    }
}
