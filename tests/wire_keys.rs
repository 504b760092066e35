//! A key on the wire is written only in the file that declares it, with `model!` or `request!`, so there is a single place to
//! change it.
#![cfg(not(target_arch = "wasm32"))]

mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use self::source::{files, is_for_tests, is_test_module, name, root, tokens, trees};

/// The layers that communicate with the API. The sandbox has its own copy of the keys, so that it does not share their
/// mistakes.
const LAYERS: [&str; 7] = ["json", "scalar", "schema", "api", "engine", "client", "webhook"];

/// Strings that are spelled like a key but are not one.
const HOMONYMS: [(&str, &str); 8] = [
    ("src/schema/decode.rs", "Data"),           // of the envelope
    ("src/schema/decode.rs", "Status"),         // of the envelope
    ("src/schema/input.rs", "Gender"),          // the TypeScript type
    ("src/api/downloads.rs", "SCREEN_CAPTURE"), // the asset type
    ("src/engine/details.rs", "code"),          // the field of the refusal
    ("src/engine/details.rs", "scope"),         // the field of the refusal
    ("src/engine/error.rs", "code"),            // of a DpmsError
    ("src/webhook/sessions.rs", "scope"),       // the claim
];

/// Where a string occurs.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Place {
    /// In a `model!` or a `request!`.
    Declaration,
    /// In any other code outside of tests.
    Code,
    Test,
}

#[test]
fn a_key_is_spelled_only_in_the_file_that_declares_it() {
    let keys = keys();
    let mut strays = BTreeSet::new();
    for file in LAYERS.into_iter().flat_map(files) {
        for (text, place) in strings(&file) {
            let is_declared_elsewhere = keys.get(&text).is_some_and(|declaring| !declaring.contains(&file));
            let is_homonym = HOMONYMS.contains(&(&name(&file), &text));
            if place == Place::Code && is_declared_elsewhere && !is_homonym {
                strays.insert(format!("{} spells {text:?}", name(&file)));
            }
        }
    }
    assert!(strays.is_empty(), "{strays:#?}");
}

#[test]
fn no_javascript_of_the_package_spells_a_key() {
    let keys = keys();
    let mut strays = BTreeSet::new();
    for folder in ["src", "pkg-template/lib/client", "pkg-template/lib/webhook"] {
        for file in javascript(root().join(folder)) {
            let text = fs::read_to_string(&file).expect("a file");
            // In camelCase, some keys are also names that callers use.
            let pascal_case =
                text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.starts_with(char::is_uppercase));
            strays.extend(
                pascal_case.filter(|word| keys.contains_key(*word)).map(|key| format!("{} spells {key}", name(&file))),
            );
        }
    }
    assert!(strays.is_empty(), "{strays:#?}");
}

#[test]
fn the_check_sees_declarations_code_and_tests() {
    let code = r#"
        model! { /// "comment"
            pub struct Order { rx_id: Guid = "RxId" } aliases { "ViewerUrl" => "Urls" "Viewer" } }
        fn code() { #[doc = "attribute"] read(b"Bytes", "Code", &["List"]); }
        #[cfg(test)] mod tests { request! { pub struct R { a: Text = "InTests" } } }
    "#;
    let found = Strings::of(code.parse().expect("Rust"), Place::Code);
    let of = |place| found.iter().filter(|(_, at)| *at == place).map(|(text, _)| text.as_str()).collect::<Vec<_>>();
    assert_eq!(of(Place::Declaration), ["RxId", "ViewerUrl", "Urls", "Viewer"]);
    assert_eq!(of(Place::Code), ["Bytes", "Code", "List"]);
    assert_eq!(of(Place::Test), ["InTests"]);
}

/// Returns every key, with the files that declare it.
fn keys() -> BTreeMap<String, BTreeSet<PathBuf>> {
    let mut keys = BTreeMap::<_, BTreeSet<_>>::new();
    for file in files("api") {
        for (text, _) in strings(&file).into_iter().filter(|(_, place)| *place == Place::Declaration) {
            keys.entry(text).or_default().insert(file.clone());
        }
    }
    let [in_model, in_request] = ["RxId", "Offset"].map(|key| keys.contains_key(key));
    assert!(in_model && in_request, "{keys:#?}");
    keys
}

fn strings(file: &Path) -> Vec<(String, Place)> {
    Strings::of(tokens(file), if is_test_module(file) { Place::Test } else { Place::Code })
}

/// The strings of a file, in order.
struct Strings(Vec<(String, Place)>);

impl Strings {
    fn of(tokens: TokenStream, place: Place) -> Vec<(String, Place)> {
        let mut strings = Self(Vec::new());
        strings.read(tokens, place);
        strings.0
    }

    fn read(&mut self, tokens: TokenStream, place: Place) {
        let trees = trees(tokens);
        let mut is_for_test = false; // by #[cfg(test)]: the next item is
        for (at, tree) in trees.iter().enumerate() {
            let before = |steps: usize| at.checked_sub(steps).and_then(|at| trees.get(at));
            let is_mark =
                |steps, mark| matches!(before(steps), Some(TokenTree::Punct(punct)) if punct.as_char() == mark);
            match tree {
                TokenTree::Group(attribute) if is_mark(1, '#') => is_for_test |= is_for_tests(attribute),
                TokenTree::Group(group) => {
                    let is_declaration = is_mark(1, '!')
                        && matches!(before(2), Some(TokenTree::Ident(word)) if *word == "model" || *word == "request");
                    let inner = match place {
                        _ if is_for_test => Place::Test,
                        Place::Code if is_declaration => Place::Declaration,
                        place => place,
                    };
                    self.read(group.stream(), inner);
                    is_for_test &= group.delimiter() != Delimiter::Brace;
                }
                TokenTree::Punct(punct) if punct.as_char() == ';' => is_for_test = false,
                TokenTree::Literal(literal) => {
                    let literal = literal.to_string();
                    if let Some((_, text)) = literal.strip_suffix('"').and_then(|text| text.split_once('"')) {
                        self.0.push((text.to_owned(), place));
                    }
                }
                _ => {}
            }
        }
    }
}

fn javascript(folder: PathBuf) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let is_own = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "js") && !path.ends_with("client/base64.js")
    };
    files.into_iter().filter(is_own).chain(folders.into_iter().flat_map(javascript)).collect()
}
