//! Text that is generated at compile time: names as JavaScript spells them, and TypeScript declarations.

use super::request::{Declaration, DeclaredField};

/// Writes text into an array, or only counts its bytes if the array is empty: a first pass gives the length of the array that
/// the second pass needs.
struct Writer<const N: usize> {
    bytes: [u8; N],
    at: usize,
}

#[allow(dead_code, reason = "declarations are for wasm-bindgen, which only reads them from the module")]
impl<const N: usize> Writer<N> {
    const fn new() -> Self {
        Self { bytes: [0; N], at: 0 }
    }

    const fn byte(mut self, byte: u8) -> Self {
        if self.at < N {
            self.bytes[self.at] = byte;
        }
        self.at += 1;
        self
    }

    const fn text(mut self, text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            self = self.byte(bytes[at]);
            at += 1;
        }
        self
    }

    /// Writes a Rust name as JavaScript spells it: `rx_id` as `rxId`.
    const fn camel_case(mut self, name: &str) -> Self {
        let bytes = name.as_bytes();
        // A raw identifier: `r#type` is `type`.
        let mut at = if bytes.len() > 2 && bytes[0] == b'r' && bytes[1] == b'#' { 2 } else { 0 };
        let mut upper = false;
        while at < bytes.len() {
            if bytes[at] == b'_' {
                upper = true;
            } else {
                self = self.byte(if upper { bytes[at].to_ascii_uppercase() } else { bytes[at] });
                upper = false;
            }
            at += 1;
        }
        self
    }

    /// Writes a comment, on one line if it has only one.
    const fn comment(mut self, indent: &str, lines: &[&str]) -> Self {
        if lines.len() == 1 {
            return self.text(indent).text("/**").text(lines[0]).text(" */\n");
        }
        self = self.text(indent).text("/**\n");
        let mut at = 0;
        while at < lines.len() {
            self = self.text(indent).text(" *").text(lines[at]).text("\n");
            at += 1;
        }
        self.text(indent).text(" */\n")
    }

    const fn field(self, field: &DeclaredField) -> Self {
        let own = self.comment("  ", field.docs).text("  ").text(field.name);
        if field.required {
            own.text(": ").text(field.ts_type).text(";\n")
        } else {
            own.text("?: ").text(field.ts_type).text(" | null | undefined;\n")
        }
    }

    const fn declaration(self, declaration: &Declaration) -> Self {
        let mut own = self.comment("", declaration.docs).text("export interface ").text(declaration.name);
        if let Some(base) = declaration.base {
            own = own.text(" extends ").text(base);
        }
        own = own.text(" {\n");
        let mut at = 0;
        while at < declaration.fields.len() {
            own = own.field(&declaration.fields[at]);
            at += 1;
        }
        own.text("}\n")
    }
}

pub(crate) const fn camel_case_length(name: &str) -> usize {
    Writer::<0>::new().camel_case(name).at
}

pub(crate) const fn camel_case_bytes<const N: usize>(name: &str) -> [u8; N] {
    Writer::<N>::new().camel_case(name).bytes
}

#[allow(dead_code, reason = "as above")]
pub(crate) const fn declaration_length(declaration: &Declaration) -> usize {
    Writer::<0>::new().declaration(declaration).at
}

#[allow(dead_code, reason = "as above")]
pub(crate) const fn declaration_bytes<const N: usize>(declaration: &Declaration) -> [u8; N] {
    Writer::<N>::new().declaration(declaration).bytes
}

pub(crate) const fn text(bytes: &[u8]) -> &str {
    match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("made of whole strings"),
    }
}

/// Returns a field's name as JavaScript spells it.
macro_rules! camel_case {
    ($name:ident) => {{
        const NAME: &str = stringify!($name);
        const BYTES: [u8; $crate::schema::text::camel_case_length(NAME)] = $crate::schema::text::camel_case_bytes(NAME);
        const TEXT: &str = $crate::schema::text::text(&BYTES);
        TEXT
    }};
}

/// Returns the text of a declaration.
#[cfg(any(test, all(feature = "client", target_arch = "wasm32")))]
macro_rules! declaration {
    ($declaration:expr) => {{
        const DECLARATION: &$crate::schema::request::Declaration = &$declaration;
        const BYTES: [u8; $crate::schema::text::declaration_length(DECLARATION)] =
            $crate::schema::text::declaration_bytes(DECLARATION);
        $crate::schema::text::text(&BYTES)
    }};
}

pub(crate) use camel_case;
#[cfg(all(feature = "client", target_arch = "wasm32"))]
pub(crate) use declaration;

#[cfg(test)]
mod tests {
    use crate::scalar::Id;
    use crate::schema::input::Text;
    use crate::schema::request::{Pair, Request, body, request};
    use crate::schema::validator::Validator;

    request! {
        /// Which rows.
        pub struct RowsFilter {
            /// Of whom,
            /// in two lines.
            chart_number: Text = "chartNumber",
        }
    }

    request! {
        /// Which page.
        pub struct RowsQuery extends RowsFilter {
            /// The company.
            company_id: Id = required "CompanyId",
            /// Not sent.
            r#type: Text,
        }
    }

    #[test]
    fn a_declaration_makes_its_typescript() {
        assert_eq!(
            declaration!(RowsQuery::DECLARATION),
            "/** Which page. */\nexport interface RowsQuery extends RowsFilter {\n  /** The company. */\n  companyId: number | string;\n  \
             /** Not sent. */\n  type?: string | null | undefined;\n}\n"
        );
        assert!(declaration!(RowsFilter::DECLARATION).contains("  /**\n   * Of whom,\n   * in two lines.\n   */\n"));
    }

    #[test]
    fn a_declaration_reads_what_was_passed_and_says_what_is_sent() {
        let passed = super::super::input::Argument::Object(vec![
            ("companyId".into(), super::super::input::Argument::Text("017".into())),
            ("chartNumber".into(), super::super::input::Argument::Text("A \"1\"".into())),
            ("type".into(), super::super::input::Argument::Text("x".into())),
        ]);
        let mut validator = Validator::new("query", &passed, 0.0).unwrap();
        let query = RowsQuery::read(&mut validator);
        let query = validator.finish(query).unwrap();
        assert_eq!((query.company_id.to_string().as_str(), query.r#type.as_deref()), ("17", Some("x")));
        let pair = |key, value: &str, is_number| Pair { key, value: value.to_owned(), is_number };
        let pairs = query.pairs();
        assert_eq!(pairs, [pair("CompanyId", "17", true), pair("chartNumber", "A \"1\"", false)]);
        assert_eq!(body(&pairs), r#"{"CompanyId":17,"chartNumber":"A \"1\""}"#);
    }
}
