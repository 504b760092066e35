//! The RX as a one-page PDF: what was ordered, for whom, and a picture of the scan.

use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

use super::Case;
use super::render::{HEIGHT, WIDTH};
use crate::sandbox::clock;

const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const PAGE: Ref = Ref::new(3);
const REGULAR: Ref = Ref::new(4);
const BOLD: Ref = Ref::new(5);
const CONTENT: Ref = Ref::new(6);
const IMAGE: Ref = Ref::new(7);
const INFO: Ref = Ref::new(8);

const LEFT: f32 = 56.0;
const VALUES: f32 = 150.0;
const RIGHT: f32 = 539.0;
const BOTTOM: f32 = 70.0;

/// Returns a PDF of one A4 page. `jpeg` is a picture of the scan.
pub fn rx_pdf(case: &Case<'_>, jpeg: &[u8]) -> Vec<u8> {
    let mut pdf = Pdf::new();
    pdf.document_info(INFO)
        .title(TextStr(&format!("RX of order {}", case.order.id)))
        .creator(TextStr("itero-dpms sandbox"));
    pdf.catalog(CATALOG).pages(PAGES);
    pdf.pages(PAGES).kids([PAGE]).count(1);

    let mut page = pdf.page(PAGE);
    page.media_box(Rect::new(0.0, 0.0, 595.0, 842.0)).parent(PAGES).contents(CONTENT);
    let mut resources = page.resources();
    resources.fonts().pair(Name(b"Regular"), REGULAR).pair(Name(b"Bold"), BOLD);
    resources.x_objects().pair(Name(b"Scan"), IMAGE);
    resources.finish();
    page.finish();

    for (font, name) in [(REGULAR, b"Helvetica".as_slice()), (BOLD, b"Helvetica-Bold")] {
        pdf.type1_font(font).base_font(Name(name)).encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    let mut image = pdf.image_xobject(IMAGE, jpeg);
    image.filter(Filter::DctDecode);
    image.width(WIDTH as i32).height(HEIGHT as i32).bits_per_component(8);
    image.color_space().device_rgb();
    image.finish();

    pdf.stream(CONTENT, &content(case));
    pdf.finish()
}

fn content(case: &Case<'_>) -> Vec<u8> {
    let Case { order, patient, doctor, practice } = case;
    let mut sheet = Sheet { content: Content::new(), y: 780.0 };
    sheet.text(Name(b"Bold"), 20.0, LEFT, "Prescription (RX)");
    sheet.y -= 18.0;
    sheet.text(Name(b"Regular"), 9.0, LEFT, "Made up by the itero-dpms sandbox. No real patient, practice or scan.");
    sheet.content.save_state();
    sheet.content.transform([190.0, 0.0, 0.0, 142.5, RIGHT - 190.0, 600.0]).x_object(Name(b"Scan"));
    sheet.content.restore_state();

    sheet.heading("Order");
    sheet.row("Order", &format!("{} ({})", order.id, order.code));
    sheet.row("RX", &order.rx.id.to_string());
    sheet.row("Scanned", &clock::timestamp(order.scanned).replace('T', " "));
    sheet.row("Scanner", order.scanner.1);
    sheet.heading("Patient");
    if !doctor.export_settings.hide_patient_name {
        sheet.name("First name", &patient.first_name);
        sheet.name("Last name", &patient.last_name);
    }
    sheet.row("Chart number", patient.chart_number.as_deref().unwrap_or("-"));
    sheet.row("Gender", patient.gender.map_or("-", |gender| gender.word()));
    sheet.row("Date of birth", &patient.birth_date.map_or("-".into(), |date| date.to_string()));
    sheet.heading("Practice");
    sheet.row("Practice", practice);
    sheet.name("Doctor", doctor.name);
    sheet.row(
        "License number",
        Some(order.rx.license_number.as_str()).filter(|number| !number.is_empty()).unwrap_or("-"),
    );
    sheet.name("Lab", order.rx.lab.map_or("-", |lab| lab.name));
    sheet.heading("Procedure");
    sheet.row("Procedure", case.procedure().0);
    sheet.row("Type", case.procedure().1.unwrap_or("-"));
    for prep in &order.preps {
        sheet.row(&format!("Tooth {}", prep.ada_id), prep.unit_type_name());
    }
    if let Some(notes) = &order.rx.notes {
        sheet.heading("Notes");
        sheet.paragraph(notes);
    }
    sheet.content.finish().to_vec()
}

/// A page that is written from top to bottom.
struct Sheet {
    content: Content,
    y: f32,
}

impl Sheet {
    fn heading(&mut self, title: &str) {
        self.y -= 34.0;
        self.text(Name(b"Bold"), 12.0, LEFT, title);
        self.y -= 4.0;
    }

    fn row(&mut self, label: &str, value: &str) {
        self.y -= 16.0;
        self.text(Name(b"Regular"), 10.0, LEFT, label);
        self.text(Name(b"Regular"), 10.0, VALUES, value);
    }

    /// Adds a row for a name, which must not be misspelled: the page's fonts have Western European letters only.
    fn name(&mut self, label: &str, name: &str) {
        let printable = name.chars().all(|c| win_ansi(c).is_some());
        self.row(label, if printable { name } else { "see the XML file" });
    }

    fn paragraph(&mut self, text: &str) {
        const PER_LINE: usize = 90;
        for line in text.lines() {
            let mut rest = line;
            while !rest.is_empty() && self.y > BOTTOM {
                let fits = rest.char_indices().nth(PER_LINE).map_or(rest.len(), |(at, _)| at);
                let (line, _) = rest.split_at(fits);
                let end = if fits < rest.len() { line.rfind(' ').unwrap_or(fits) } else { fits };
                let (line, tail) = rest.split_at(end);
                self.y -= 16.0;
                self.text(Name(b"Regular"), 10.0, LEFT, line);
                rest = tail.trim_start();
            }
        }
    }

    fn text(&mut self, font: Name<'_>, size: f32, x: f32, text: &str) {
        let bytes: Vec<u8> = text.chars().map(|c| win_ansi(c).unwrap_or(b'?')).collect();
        self.content.begin_text().set_font(font, size).next_line(x, self.y).show(Str(&bytes)).end_text();
    }
}

/// Returns a character in the encoding of the fonts that every PDF reader has.
fn win_ansi(c: char) -> Option<u8> {
    Some(match c {
        ' '..='~' | '\u{a0}'..='\u{ff}' => c as u8,
        '\t' => b' ',
        '€' => 0x80,
        '…' => 0x85,
        'Š' => 0x8a,
        'Œ' => 0x8c,
        'Ž' => 0x8e,
        '‘' => 0x91,
        '’' => 0x92,
        '“' => 0x93,
        '”' => 0x94,
        '–' => 0x96,
        '—' => 0x97,
        'š' => 0x9a,
        'œ' => 0x9c,
        'ž' => 0x9e,
        'Ÿ' => 0x9f,
        _ => return None,
    })
}
