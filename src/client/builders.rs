//! `builders.js`, which has a function per model, is made from the models' tables here.

use crate::decoders::ROOTS;
use crate::schema::kind::Kind;
use crate::schema::model::Model;
use crate::schema::tape::camel_case;

/// The expression that reads a value at the cell `cell` of `t`.
fn read(kind: &Kind, cell: &str, needed: &mut Vec<&'static Model>) -> String {
    match kind {
        Kind::Object(model) => {
            need(model, needed);
            format!("{}(t, {cell})", builder(model))
        }
        Kind::List(item @ Kind::Object(model)) => {
            read(item, "", needed);
            format!("t.list({cell}, {})", builder(model))
        }
        Kind::NullableList(Kind::Id) => format!("t.nullableList({cell}, number)"),
        Kind::List(Kind::Id) => format!("t.list({cell}, number)"),
        Kind::List(Kind::Text | Kind::LabType) => format!("t.list({cell}, text)"),
        Kind::List(_) | Kind::NullableList(_) => panic!("no model has such a list"),
        Kind::Id | Kind::Number => format!("t.number({cell})"),
        Kind::Flag => format!("t.flag({cell})"),
        Kind::Json => format!("t.json({cell})"),
        _ => format!("t.text({cell})"),
    }
}

fn builder(model: &Model) -> String {
    let (head, tail) = model.name.split_at(1);
    head.to_ascii_lowercase() + tail
}

/// Adds a model after those that it is made of.
fn need(model: &'static Model, needed: &mut Vec<&'static Model>) {
    if !needed.iter().any(|other| other.name == model.name) {
        for field in model.fields {
            read(&field.kind, "", needed);
        }
        needed.push(model);
    }
}

fn builders() -> String {
    let mut needed = Vec::new();
    for root in ROOTS {
        read(root, "", &mut needed);
    }
    let mut text = String::from(
        "// Made from the models of `src/api` by the test of `builders.rs`; `BLESS=1 cargo test builders` makes it again.\n\n\
         import { Tape } from \"./tape.js\";\n\n\
         /** @typedef {(t: Tape, at: number) => any} Builder */\n\n\
         /** @type {Builder} */\nconst number = (t, at) => t.number(at);\n\n\
         /** @type {Builder} */\nconst text = (t, at) => t.text(at);\n",
    );
    for model in &needed {
        text += &format!("\n/** @type {{Builder}} */\nconst {} = (t, at) => ({{\n", builder(model));
        for field in model.fields {
            let cell = if field.cell == 0 { "at".into() } else { format!("at + {}", field.cell) };
            text += &format!("  {}: {},\n", camel_case(field.name), read(&field.kind, &cell, &mut Vec::new()));
        }
        text += "});\n";
    }
    text += "\n/** @type {Record<string, Builder>} */\nconst BUILDERS = {\n";
    for model in &needed {
        text += &format!("  {}: {},\n", model.name, builder(model));
    }
    text + "};\n" + BUILD
}

/// What Rust calls.
const BUILD: &str = r"
/**
 * The value in a cell of a tape, whose ends and cells are only lent.
 * @param {string} ascii
 * @param {Uint32Array} asciiEnds
 * @param {string} others
 * @param {Uint32Array} otherEnds
 * @param {Float64Array} cells
 * @param {string} model
 * @param {boolean} isList
 * @param {number} cell
 */
export function build(ascii, asciiEnds, others, otherEnds, cells, model, isList, cell) {
  const tape = new Tape(ascii, asciiEnds, others, otherEnds, cells);
  const builder = /** @type {Builder} */ (BUILDERS[model]);
  return isList ? tape.list(cell, builder) : builder(tape, cell);
}
";

#[test]
fn the_builders_are_those_of_the_models() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/client/builders.js");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, builders()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap_or_default(), builders(), "run `BLESS=1 cargo test builders`");
}
