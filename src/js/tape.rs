//! Large answers cross to JavaScript on a tape: all their texts in one, and a number for everything else. That is two
//! crossings instead of tens of thousands, and JavaScript builds objects of one fixed shape from it.

use std::fmt::{self, Write};

use serde::ser::{self, Serialize};
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

use crate::wire::orders::{Order, OrdersPage};

/// A model that has a builder in `builders.js`.
pub(crate) trait Built: Serialize + Tsify {
    const BUILDER: fn(&JsTape) -> JsValue;
}

impl Built for Order {
    const BUILDER: fn(&JsTape) -> JsValue = build_order;
}

impl Built for OrdersPage {
    const BUILDER: fn(&JsTape) -> JsValue = build_orders_page;
}

/// The JavaScript object of a model.
pub(crate) fn build<T: Built>(value: &T) -> Ts<T> {
    let mut tape = Tape::default();
    // A model that the tape cannot hold fails the test of the builders.
    Ts::new_unchecked(match value.serialize(&mut tape) {
        Ok(()) => T::BUILDER(&JsTape::new(&tape.text, &tape.cells)),
        Err(Unsupported) => JsValue::NULL,
    })
}

#[wasm_bindgen(module = "/src/js/tape.js")]
extern "C" {
    #[wasm_bindgen(js_name = Tape)]
    pub(crate) type JsTape;

    /// Keeps a view of `cells`, so it must be read before they are dropped or the memory grows.
    #[wasm_bindgen(constructor, js_class = "Tape")]
    fn new(text: &str, cells: &[f64]) -> JsTape;
}

#[wasm_bindgen(module = "/src/js/builders.js")]
extern "C" {
    #[wasm_bindgen(js_name = order)]
    fn build_order(tape: &JsTape) -> JsValue;

    #[wasm_bindgen(js_name = ordersPage)]
    fn build_orders_page(tape: &JsTape) -> JsValue;
}

/// In the order of the fields: a text as the position after its end in `text`, in UTF-16 units; a number as itself, a
/// boolean as 0 or 1, a list as its length, and what is missing as NaN.
#[derive(Default)]
struct Tape {
    text: String,
    utf16_length: usize,
    cells: Vec<f64>,
}

impl Tape {
    fn end_text(&mut self, text: usize) {
        let text = self.text.get(text..).unwrap_or_default();
        self.utf16_length += if text.is_ascii() { text.len() } else { text.encode_utf16().count() };
        self.cells.push(self.utf16_length as f64);
    }
}

/// The value is of a kind that no model has.
#[derive(Debug)]
pub(crate) struct Unsupported;

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a kind of value that a model has")
    }
}

impl std::error::Error for Unsupported {}

impl ser::Error for Unsupported {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

type Result<T = ()> = std::result::Result<T, Unsupported>;

/// The kinds of values that models do not have.
type Never = ser::Impossible<(), Unsupported>;

macro_rules! refused {
    ($($method:ident($($kind:ty),*) -> $ok:ty;)*) => {
        $(fn $method(self, $(_: $kind),*) -> Result<$ok> {
            Err(Unsupported)
        })*
    };
}

impl ser::Serializer for &mut Tape {
    type Ok = ();
    type Error = Unsupported;
    type SerializeSeq = Self;
    type SerializeStruct = Self;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStructVariant = Never;

    fn serialize_str(self, value: &str) -> Result {
        let start = self.text.len();
        self.text.push_str(value);
        self.end_text(start);
        Ok(())
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result {
        let start = self.text.len();
        write!(self.text, "{value}").map_err(|fmt::Error| Unsupported)?;
        self.end_text(start);
        Ok(())
    }

    fn serialize_f64(self, value: f64) -> Result {
        self.cells.push(value);
        Ok(())
    }

    fn serialize_i64(self, value: i64) -> Result {
        self.serialize_f64(value as f64) // ids stay within ±2^53
    }

    fn serialize_u32(self, value: u32) -> Result {
        self.serialize_f64(value.into())
    }

    fn serialize_bool(self, value: bool) -> Result {
        self.serialize_f64(f64::from(u8::from(value)))
    }

    fn serialize_none(self) -> Result {
        self.serialize_f64(f64::NAN)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result {
        value.serialize(self)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self> {
        self.cells.push(length.ok_or(Unsupported)? as f64);
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self> {
        Ok(self)
    }

    refused! {
        serialize_i8(i8) -> ();
        serialize_i16(i16) -> ();
        serialize_i32(i32) -> ();
        serialize_u8(u8) -> ();
        serialize_u16(u16) -> ();
        serialize_u64(u64) -> ();
        serialize_f32(f32) -> ();
        serialize_char(char) -> ();
        serialize_bytes(&[u8]) -> ();
        serialize_unit() -> ();
        serialize_unit_struct(&'static str) -> ();
        serialize_unit_variant(&'static str, u32, &'static str) -> ();
        serialize_tuple(usize) -> Never;
        serialize_tuple_struct(&'static str, usize) -> Never;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Never;
        serialize_map(Option<usize>) -> Never;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Never;
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result {
        Err(Unsupported)
    }
}

impl ser::SerializeSeq for &mut Tape {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result {
        Ok(())
    }
}

impl ser::SerializeStruct for &mut Tape {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Result {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use serde_json::Value;

    use super::*;
    use crate::wire::orders::{OrderLinks, Prep};

    #[derive(Serialize)]
    struct Row {
        name: Option<String>,
        size: u32,
        list: Vec<bool>,
        rest: Option<f64>,
    }

    #[test]
    fn texts_end_in_utf16_units_and_what_is_missing_is_nan() {
        let mut tape = Tape::default();
        let rows = [
            Row { name: Some("Zoë 🦷".into()), size: 7, list: vec![true, false], rest: None },
            Row { name: None, size: 8, list: vec![], rest: Some(1.5) },
            Row { name: Some(String::new()), size: 9, list: vec![], rest: None },
        ];
        rows.as_slice().serialize(&mut tape).unwrap();
        assert_eq!(tape.text, "Zoë 🦷");
        let shown = format!("{:?}", tape.cells);
        assert_eq!(shown, "[3.0, 6.0, 7.0, 2.0, 1.0, 0.0, NaN, NaN, 8.0, 0.0, 1.5, 6.0, 9.0, 0.0, NaN]");
    }

    /// A builder as JavaScript, made from a sample in which every field is filled in and every list has a row.
    fn builder<T: Serialize>(name: &str, sample: &T, nested: &[(&str, &str)]) -> String {
        let Ok(Value::Object(fields)) = serde_json::to_value(sample) else { panic!("{name} is not an object") };
        let mut lines = String::new();
        for field in field_order(sample) {
            let read = match (&fields[&field], nested.iter().find(|(key, _)| *key == field)) {
                (Value::Array(rows), Some((_, model))) if !rows.is_empty() => format!("tape.list({model})"),
                (Value::Object(_), Some((_, model))) => format!("{model}(tape)"),
                (Value::String(_), None) => "tape.text()".into(),
                (Value::Number(_), None) => "tape.number()".into(),
                (Value::Bool(_), None) => "tape.boolean()".into(),
                other => panic!("{name}.{field} is not filled in, or not of a known kind: {other:?}"),
            };
            lines += &format!("  {field}: {read},\n");
        }
        format!("\nexport const {name} = (tape) => ({{\n{lines}}});\n")
    }

    /// The fields in the order in which they are serialised, which serde_json's map does not keep.
    fn field_order<T: Serialize>(sample: &T) -> Vec<String> {
        let json = serde_json::to_string(sample).unwrap();
        let Value::Object(fields) = serde_json::from_str(&json).unwrap() else { unreachable!() };
        let mut fields: Vec<_> = fields.keys().cloned().collect();
        // A key stands before those of its nested objects, and no nested key is one of the outer ones.
        fields.sort_by_key(|field| json.find(&format!("\"{field}\":")));
        fields
    }

    #[test]
    fn the_builders_are_those_of_the_models() {
        let order: Order = serde_json::from_str(include_str!("sample-order.json")).unwrap();
        let prep: &Prep = &order.preps.0[0];
        let links: &OrderLinks = &order.links.0;
        let mut expected = String::from(
            "// Made from the models of `src/wire` by the tests of `tape.rs`; `BLESS=1 cargo test builders` makes it anew.\n",
        );
        expected += &builder("orderLinks", links, &[]);
        expected += &builder("prep", prep, &[]);
        expected += &builder("order", &order, &[("preps", "prep"), ("links", "orderLinks")]);
        let page = OrdersPage { orders: vec![order], offset: 0, page_size: 1, has_more: true };
        expected += &builder("ordersPage", &page, &[("orders", "order")]);

        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/js/builders.js");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(path, &expected).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), expected, "run `BLESS=1 cargo test builders`");
    }
}
