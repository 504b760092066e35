//! The page that an order's viewer link opens: the six pictures.

use std::fmt::Write;

use jpeg_encoder::EncodingError;
use quick_xml::escape::escape;

use super::{Case, views};

/// Returns an HTML page that loads nothing.
pub fn viewer_page(case: &Case<'_>) -> Result<String, EncodingError> {
    let (order, patient) = (case.order, case.patient);
    let title = format!("Order {} – {} {}", order.id, patient.first_name, patient.last_name);
    let mut figures = String::new();
    for picture in views::views(case)? {
        let title = picture.title();
        // Writing to a string cannot fail.
        let _ = writeln!(
            figures,
            "<figure><img src=\"data:image/jpeg;base64,{}\" alt=\"{title}\"><figcaption>{title}</figcaption></figure>",
            base64(&picture.jpeg),
        );
    }
    let title = escape(&title);
    Ok(format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <style>body{{font:16px system-ui;margin:2rem;color-scheme:light dark}}\
         main{{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(18rem,1fr))}}\
         figure{{margin:0}}img{{width:100%;border-radius:.5rem}}</style>\n\
         <h1>{title}</h1>\n<p>A made-up scan of the itero-dpms sandbox.</p>\n<main>\n{figures}</main>\n</html>\n"
    ))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: [u8; 64] = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, at| bits << 8 | u32::from(group.get(at).copied().unwrap_or(0)));
        for digit in 0..4 {
            let value = (bits >> (18 - 6 * digit) & 63) as usize;
            text.push(if digit <= group.len() { char::from(DIGITS[value]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_padded_to_whole_groups() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
