//! Each folder of `src` imports only what the table of `docs/architecture.md` allows.
#![cfg(not(target_arch = "wasm32"))]

mod source;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use self::source::{files, is_for_tests, is_test_module, modules, name, root, tokens, trees};

/// What a layer may import: layers such as `scalar`, or single modules such as `api::unit_types`.
#[derive(Default)]
struct Rule {
    everywhere: BTreeSet<String>,
    in_tests: BTreeSet<String>,
}

/// A path from the crate's root that occurs in a file.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Import {
    layer: String,
    module: Option<String>,
    in_tests: bool,
}

#[test]
fn each_layer_imports_only_what_the_table_allows() {
    let rules = rules();
    let macros = macros();
    let mut refused = BTreeSet::new();
    for (layer, rule) in &rules {
        for file in files(layer) {
            for import in imports(&file, layer, &macros) {
                let module = import.module.as_ref().map(|module| format!("{}::{module}", import.layer));
                let allowed = |names: &BTreeSet<String>| {
                    names.contains(&import.layer) || module.as_ref().is_some_and(|module| names.contains(module))
                };
                let is_allowed =
                    import.layer == *layer || allowed(&rule.everywhere) || import.in_tests && allowed(&rule.in_tests);
                if !is_allowed {
                    refused.insert(format!("{} imports {}", name(&file), module.unwrap_or(import.layer)));
                }
            }
        }
    }
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn the_table_has_every_module_of_the_crate_and_no_other() {
    let modules: BTreeSet<_> = modules(tokens(&root().join("src/lib.rs"))).map(|(name, _)| name).collect();
    assert_eq!(rules().into_keys().collect::<BTreeSet<_>>(), modules);
}

#[test]
fn the_table_has_no_cycle() {
    let mut left = rules();
    while !left.is_empty() {
        let names: BTreeSet<_> = left.keys().cloned().collect();
        let before = left.len();
        left.retain(|_, rule| {
            rule.everywhere.iter().any(|import| names.contains(import.split("::").next().unwrap_or_default()))
        });
        assert!(left.len() < before, "a cycle in {names:?}");
    }
}

#[test]
fn the_check_recognises_every_way_to_write_a_path() {
    let code = r#"
        use crate::api::orders::Order; // crate::comment
        use crate::{json, schema::{decode, tape}};
        fn f() -> crate::scalar::Guid { $crate::engine::g(); crate::made!(); super::super::client::h(); "crate::text" }
        #[cfg(test)] mod tests { use crate::sandbox::test; }
        pub(crate) mod inner { use super::super::webhook; }
    "#;
    let macros = BTreeMap::from([("made".to_owned(), "macros".to_owned())]);
    let mut found = Imports { macros: &macros, found: BTreeSet::new() };
    found.read(code.parse().expect("Rust"), 1, false);
    let import = |layer: &str, module: Option<&str>, in_tests| Import {
        layer: layer.into(),
        module: module.map(Into::into),
        in_tests,
    };
    let expected = [
        import("api", Some("orders"), false),
        import("client", Some("h"), false),
        import("engine", Some("g"), false),
        import("json", None, false),
        import("macros", None, false),
        import("sandbox", Some("test"), true),
        import("scalar", Some("Guid"), false),
        import("schema", None, false),
    ];
    assert_eq!(found.found, BTreeSet::from(expected));
}

/// Parses the table. It has a row for each module of the crate: `| layer | what | may import; in tests … |`.
fn rules() -> BTreeMap<String, Rule> {
    let page = fs::read_to_string(root().join("docs/architecture.md")).expect("docs/architecture.md");
    let mut rules = BTreeMap::new();
    for row in page.lines().skip_while(|line| !line.starts_with("| layer |")).skip(2) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let [_, layer, _, imports, _] = cells[..] else { break };
        let (everywhere, in_tests) = imports.split_once("in tests").unwrap_or((imports, ""));
        let rule = Rule { everywhere: quoted(everywhere), in_tests: quoted(in_tests) };
        rules.extend(quoted(layer).into_iter().next().map(|layer| (layer, rule)));
    }
    rules
}

/// Returns the texts between backticks.
fn quoted(text: &str) -> BTreeSet<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Returns the crate's macros with the layers that define them, which `crate::name!` does not show.
fn macros() -> BTreeMap<String, String> {
    let mut macros = BTreeMap::new();
    for layer in rules().into_keys() {
        for file in files(&layer) {
            for definition in trees(tokens(&file)).windows(3) {
                if let [TokenTree::Ident(word), _, TokenTree::Ident(name)] = definition
                    && *word == "macro_rules"
                {
                    macros.insert(name.to_string(), layer.clone());
                }
            }
        }
    }
    macros
}

fn imports(file: &Path, layer: &str, macros: &BTreeMap<String, String>) -> BTreeSet<Import> {
    let within = file.strip_prefix(root().join("src").join(layer)).unwrap_or(Path::new("mod.rs"));
    let is_folder = within.file_name().is_some_and(|name| name == "mod.rs");
    let depth = within.components().count() - usize::from(is_folder);
    let mut imports = Imports { macros, found: BTreeSet::new() };
    imports.read(tokens(file), depth, is_test_module(file));
    imports.found
}

struct Imports<'a> {
    macros: &'a BTreeMap<String, String>,
    found: BTreeSet<Import>,
}

impl Imports<'_> {
    /// Collects the imports of a module that is `depth` levels below its layer.
    fn read(&mut self, tokens: TokenStream, depth: usize, in_tests: bool) {
        let trees = trees(tokens);
        let mut marked = false; // whether the next item has #[cfg(test)]
        let mut at = 0;
        while let Some(tree) = trees.get(at) {
            let rest = trees.get(at + 1..).unwrap_or_default();
            match tree {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    marked |= matches!(rest.first(), Some(TokenTree::Group(attribute)) if is_for_tests(attribute));
                }
                TokenTree::Punct(punct) if punct.as_char() == ';' => marked = false,
                TokenTree::Ident(word) if *word == "crate" => self.path(rest, in_tests || marked),
                TokenTree::Ident(word) if *word == "super" => {
                    let supers = 1 + rest
                        .chunks(3)
                        .take_while(|step| matches!(step, [.., TokenTree::Ident(word)] if *word == "super"))
                        .count();
                    at += 3 * (supers - 1);
                    if supers > depth {
                        self.path(trees.get(at + 1..).unwrap_or_default(), in_tests || marked);
                    }
                }
                TokenTree::Group(group) => {
                    let is_module =
                        matches!(trees.get(at.wrapping_sub(2)), Some(TokenTree::Ident(word)) if *word == "mod");
                    self.read(group.stream(), depth + usize::from(is_module), in_tests || marked);
                    marked &= group.delimiter() != Delimiter::Brace;
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// Parses what follows the crate's root: `::layer::module`, `::{layer::…, …}` or `::name!`.
    fn path(&mut self, rest: &[TokenTree], in_tests: bool) {
        let [TokenTree::Punct(colon), TokenTree::Punct(_), rest @ ..] = rest else { return };
        if colon.as_char() != ':' {
            return;
        }
        match rest {
            [TokenTree::Ident(name), TokenTree::Punct(mark), ..] if mark.as_char() == '!' => {
                let layer = self.macros.get(&name.to_string()).cloned().unwrap_or_else(|| name.to_string());
                self.found.insert(Import { layer, module: None, in_tests });
            }
            [TokenTree::Ident(name), rest @ ..] => {
                let module = match rest {
                    [TokenTree::Punct(a), TokenTree::Punct(_), TokenTree::Ident(module), ..] if a.as_char() == ':' => {
                        Some(module.to_string())
                    }
                    _ => None,
                };
                self.found.insert(Import { layer: name.to_string(), module, in_tests });
            }
            [TokenTree::Group(group), ..] => {
                let list = trees(group.stream());
                let is_comma = |tree: &TokenTree| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == ',');
                for each in list.split(is_comma) {
                    let path: Vec<_> =
                        trees("::".parse().expect("Rust")).into_iter().chain(each.iter().cloned()).collect();
                    self.path(&path, in_tests);
                }
            }
            _ => {}
        }
    }
}
