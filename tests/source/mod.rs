//! The crate's own files as tokens, for the tests that hold a rule over them.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// Whether an attribute is `cfg(test)`, or `cfg(all(test, …))`.
pub fn is_for_tests(attribute: &Group) -> bool {
    let text: String = attribute.stream().to_string().split_whitespace().collect();
    text == "cfg(test)" || text.starts_with("cfg(all(test,")
}

/// Whether a file is a module that is declared for tests only, or is in the folder of such a module.
pub fn is_test_module(file: &Path) -> bool {
    let source = root().join("src");
    file.ancestors().take_while(|path| path.parent() != Some(&source)).any(|path| {
        let (Some(folder), Some(stem)) = (path.parent(), path.file_stem()) else { return false };
        [folder.join("mod.rs"), folder.with_extension("rs")]
            .iter()
            .filter(|parent| parent.is_file())
            .any(|parent| modules(tokens(parent)).any(|(name, is_for_tests)| is_for_tests && stem == name.as_str()))
    })
}

/// Returns the names of the modules that a file declares, and whether they are for tests only.
pub fn modules(tokens: TokenStream) -> impl Iterator<Item = (String, bool)> {
    let trees = trees(tokens);
    let declarations = trees.windows(2).enumerate().filter_map(|(at, pair)| match pair {
        [TokenTree::Ident(word), TokenTree::Ident(name)] if *word == "mod" => {
            let before = trees.get(..at).unwrap_or_default();
            let ends_item = |tree: &TokenTree| match tree {
                TokenTree::Punct(punct) => punct.as_char() == ';',
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                _ => false,
            };
            let mut items = before.rsplit(ends_item);
            let is_attribute = |tree: &TokenTree| matches!(tree, TokenTree::Group(group) if is_for_tests(group));
            let is_marked = items.next().is_some_and(|tokens| tokens.iter().any(is_attribute));
            Some((name.to_string(), is_marked))
        }
        _ => None,
    });
    declarations.collect::<Vec<_>>().into_iter()
}

pub fn trees(tokens: TokenStream) -> Vec<TokenTree> {
    tokens.into_iter().collect()
}

/// Returns the files of a layer: those in its folder, or the one with its name.
pub fn files(layer: &str) -> Vec<PathBuf> {
    fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                collect(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    let folder = root().join("src").join(layer);
    if !folder.is_dir() {
        return vec![folder.with_extension("rs")];
    }
    let mut files = Vec::new();
    collect(&folder, &mut files);
    files
}

pub fn tokens(file: &Path) -> TokenStream {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", name(file)));
    text.parse().unwrap_or_else(|error| panic!("{}: {error}", name(file)))
}

pub fn name(file: &Path) -> String {
    file.strip_prefix(root()).unwrap_or(file).display().to_string()
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
