//! The names of files: decoded, and as a path that cannot lead out of its folder.

use zlib_rs::crc32::crc32;

use super::extra;

const FLAG_UTF8: u16 = 1 << 11;

/// The upper half of code page 437.
const CP437: &str = concat!(
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐",
    "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}"
);

/// Returns the name to show: from the Unicode extra field if that belongs to the name; otherwise as UTF-8 if it is flagged as
/// such or is valid UTF-8; otherwise in code page 437. Control characters are replaced.
pub(super) fn decode(raw: &[u8], flags: u16, extra: &[u8]) -> String {
    let unicode = extra::unicode_path(extra).filter(|(crc, _)| crc32(0, raw) == *crc);
    let utf8 = unicode.map_or(raw, |(_, name)| name);
    let name = match str::from_utf8(utf8) {
        Ok(name) => name.to_owned(),
        Err(_) if flags & FLAG_UTF8 != 0 => String::from_utf8_lossy(raw).into_owned(),
        Err(_) => raw.iter().map(|byte| cp437(*byte)).collect(),
    };
    name.chars().map(|char| if char.is_control() { char::REPLACEMENT_CHARACTER } else { char }).collect()
}

fn cp437(byte: u8) -> char {
    match byte {
        0..=0x7f => char::from(byte),
        _ => CP437.chars().nth(usize::from(byte - 0x80)).unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

/// Returns the parts of a name that lead down, joined by slashes: without drive, root, `.` and `..`.
pub(super) fn path(name: &str) -> String {
    let is_drive = |part: &str| matches!(part.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    let without_drive = |part| if is_drive(part) { part.get(2..).unwrap_or_default() } else { part };
    let parts = name.split(['/', '\\']).map(without_drive).filter(|part| !matches!(*part, "" | "." | ".."));
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_a_character_for_each_byte_of_code_page_437() {
        assert_eq!(CP437.chars().count(), 128);
        assert_eq!(decode(b"\x81ber \xe1.stl", 0, &[]), "über ß.stl");
    }

    #[test]
    fn takes_utf8_where_it_is_flagged_or_could_be() {
        assert_eq!(decode("größe".as_bytes(), 0, &[]), "größe");
        assert_eq!(decode(b"\xff.stl", FLAG_UTF8, &[]), "\u{fffd}.stl");
    }

    #[test]
    fn takes_the_unicode_field_only_if_it_belongs_to_the_name() {
        let crc = crc32(0, b"ab.stl");
        let field = |crc: u32| {
            [&[0x75, 0x70, 9, 0, 1][..], &crc.to_le_bytes(), "äb.s".get(..4).expect("4").as_bytes()].concat()
        };
        assert_eq!(decode(b"ab.stl", 0, &field(crc)), "äb.");
        assert_eq!(decode(b"ab.stl", 0, &field(crc ^ 1)), "ab.stl");
    }

    #[test]
    fn a_path_only_leads_down() {
        for (name, expected) in [
            ("a/b.stl", "a/b.stl"),
            ("..\\..\\a\\b.stl", "a/b.stl"),
            ("/etc/passwd", "etc/passwd"),
            ("C:\\x.stl", "x.stl"),
            ("c:x.stl", "x.stl"),
            ("a/./../b//c", "a/b/c"),
            ("../..", ""),
        ] {
            assert_eq!(path(name), expected, "{name}");
        }
    }

    #[test]
    fn shows_no_control_character() {
        assert_eq!(decode(b"a\0b\n\x1b[2J", 0, &[]), "a\u{fffd}b\u{fffd}\u{fffd}[2J");
    }
}
