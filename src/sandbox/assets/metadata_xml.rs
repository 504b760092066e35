//! The scan's metadata as XML. The document gives no schema (R87); this one is the sandbox's own.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::Case;
use crate::sandbox::clock;

/// An XML file that describes the order and lists the names of the archive's scans.
pub fn metadata_xml(case: &Case<'_>, scans: &[&str]) -> io::Result<Vec<u8>> {
    let Case { order, patient, doctor, .. } = case;
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.create_element("ScanMetadata").with_attribute(("generator", "itero-dpms sandbox")).write_inner_content(
        |xml| {
            text(xml, "OrderId", &order.id.to_string())?;
            text(xml, "OrderCode", &order.code)?;
            text(xml, "RxId", &order.rx.id.to_string())?;
            text(xml, "Revision", &order.revision.to_string())?;
            text(xml, "ScanningDate", &clock::timestamp(order.scanned))?;
            text(xml, "Scanner", order.scanner.1)?;
            text(xml, "Procedure", case.procedure().0)?;
            optional(xml, "ProcedureType", case.procedure().1)?;
            xml.create_element("Patient").write_inner_content(|xml| {
                text(xml, "FirstName", &patient.first_name)?;
                text(xml, "LastName", &patient.last_name)?;
                optional(xml, "ChartNumber", patient.chart_number.as_deref())?;
                optional(xml, "Gender", patient.gender.map(|gender| gender.word()))?;
                optional(xml, "DateOfBirth", patient.birth_date.map(|date| date.to_string()).as_deref())
            })?;
            xml.create_element("Doctor").write_inner_content(|xml| {
                text(xml, "Name", doctor.name)?;
                text(xml, "LicenseNumber", &order.rx.license_number)
            })?;
            xml.create_element("Preps").write_inner_content(|xml| {
                for prep in &order.preps {
                    let (tooth, unit) = (prep.ada_id.to_string(), prep.unit_type_name());
                    xml.create_element("Prep")
                        .with_attributes([("tooth", tooth.as_str()), ("unitType", unit)])
                        .write_empty()?;
                }
                Ok(())
            })?;
            optional(xml, "Notes", order.rx.notes.as_deref())?;
            xml.create_element("Scans").write_inner_content(|xml| {
                for name in scans {
                    xml.create_element("Scan").with_attribute(("file", *name)).write_empty()?;
                }
                Ok(())
            })?;
            Ok(())
        },
    )?;
    Ok(xml.into_inner())
}

fn text(xml: &mut Writer<Vec<u8>>, name: &str, content: &str) -> io::Result<()> {
    // XML 1.0 has no way to write most control characters, not even escaped.
    let legal: String = content.chars().filter(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r')).collect();
    let legal = legal.replace(['\u{fffe}', '\u{ffff}'], "");
    xml.create_element(name).write_text_content(BytesText::new(&legal)).map(drop)
}

fn optional(xml: &mut Writer<Vec<u8>>, name: &str, content: Option<&str>) -> io::Result<()> {
    content.map_or(Ok(()), |content| text(xml, name, content))
}
