//! Runs the decoders on the corpus of `fuzz/` and on mutations of it, with any toolchain and within seconds; `make fuzz`
//! searches further with libFuzzer. The seed is fixed; `PROPTEST_RNG_SEED=7 PROPTEST_CASES=100000 cargo test --test fuzz` uses
//! another.
#![cfg(all(feature = "client", not(target_arch = "wasm32")))]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use itero_dpms::DECODERS;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::RngSeed;

#[path = "../fuzz/check.rs"]
mod check;

/// The corpus: each decoder's files by name.
static CORPUS: LazyLock<BTreeMap<String, BTreeMap<String, Vec<u8>>>> = LazyLock::new(|| {
    let name = |entry: &fs::DirEntry| entry.file_name().into_string().expect("a name in UTF-8");
    let list = |folder: &Path| fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    list(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus"))
        .map(|folder| {
            let files = list(&folder.path()).map(|file| (name(&file), fs::read(file.path()).expect("a file")));
            (name(&folder), files.collect())
        })
        .collect()
});

/// Every file of the corpus, whichever decoder it is for: a valid body for one decoder is an invalid one for the others.
static BODIES: LazyLock<Vec<&'static [u8]>> =
    LazyLock::new(|| CORPUS.values().flat_map(BTreeMap::values).map(Vec::as_slice).collect());

#[test]
fn every_decoder_has_a_corpus_and_a_target() {
    let mut names: Vec<_> = DECODERS.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    assert_eq!(CORPUS.keys().map(String::as_str).collect::<Vec<_>>(), names);
    let manifest = include_str!("../fuzz/Cargo.toml");
    for name in names {
        assert!(manifest.contains(&format!("name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"")), "{name}");
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fuzz/fuzz_targets/{name}.rs"));
        let target = fs::read_to_string(target).expect("a target");
        assert!(target.contains(&format!("decoder(\"{name}\", body)")), "{name}");
    }
}

#[test]
fn each_decoder_accepts_some_of_its_corpus() {
    for (name, decode) in DECODERS {
        assert!(CORPUS[*name].values().any(|body| decode(body).is_ok()), "{name} reads none of it");
    }
}

#[test]
fn no_file_of_the_corpus_breaks_a_decoder() {
    for (name, _) in DECODERS {
        for body in BODIES.iter() {
            check::decoder(name, body);
        }
    }
}

#[test]
fn no_prefix_of_a_file_breaks_a_decoder() {
    for (name, _) in DECODERS {
        for body in CORPUS[*name].values().filter(|body| body.len() < 1_000) {
            for end in 0..body.len() {
                check::decoder(name, &body[..end]);
            }
        }
    }
}

/// Fragments that are difficult for JSON parsers.
const TOKENS: [&str; 44] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    "\\u",
    "\\ud83e",
    "\\udd00",
    "null",
    "true",
    "false",
    "0",
    "-",
    "-0",
    ".5",
    "1e",
    "1e999",
    "9007199254740993",
    "99999999999999999999",
    "NaN",
    "\u{0}",
    "\u{7f}",
    "\u{feff}",
    "\u{2028}",
    "\u{10ffff}",
    "é",
    "[[[[[[[[",
    "{\"\":",
    "\"Data\":",
    "\"Status\":0",
    "\"Status\":\"Success\"",
    "\"Id\":\"\"",
    "\"RxId\":null",
    "\"OrderId\":\"",
    "0001-01-01T00:00:00",
    "2024-02-30",
    "T24:00:00+25:99",
    "%2F",
    "/",
    " ",
    "\r\n",
];

/// A change to a body. An `Index` is a relative position in it.
#[derive(Clone, Debug)]
enum Mutation {
    Byte(Index, u8),
    Token(Index, usize),
    Remove(Index, usize),
    Truncate(Index),
    Repeat(Index, usize, usize),
    Splice(Index, Index, Index),
}

impl Mutation {
    fn any() -> impl Strategy<Value = Self> {
        let at = any::<Index>;
        prop_oneof![
            (at(), any::<u8>()).prop_map(|(at, byte)| Self::Byte(at, byte)),
            (at(), 0..TOKENS.len()).prop_map(|(at, token)| Self::Token(at, token)),
            (at(), 1..40_usize).prop_map(|(at, length)| Self::Remove(at, length)),
            at().prop_map(Self::Truncate),
            (at(), 1..30_usize, 1..200_usize).prop_map(|(at, length, times)| Self::Repeat(at, length, times)),
            (at(), at(), at()).prop_map(|(at, body, from)| Self::Splice(at, body, from)),
        ]
    }

    fn apply(&self, body: &mut Vec<u8>) {
        let size = body.len() + 1;
        let insert = |body: &mut Vec<u8>, at: usize, bytes: &[u8]| drop(body.splice(at..at, bytes.iter().copied()));
        match self {
            Self::Byte(at, byte) => {
                let at = at.index(size);
                if let Some(found) = body.get_mut(at) {
                    *found = *byte;
                }
            }
            Self::Token(at, token) => insert(body, at.index(size), TOKENS[*token].as_bytes()),
            Self::Remove(at, length) => {
                let at = at.index(size);
                drop(body.drain(at..body.len().min(at + length)));
            }
            Self::Truncate(at) => body.truncate(at.index(size)),
            Self::Repeat(at, length, times) => {
                let at = at.index(size);
                let piece = body[at..body.len().min(at + length)].repeat(*times);
                insert(body, at, &piece);
            }
            Self::Splice(at, other, from) => {
                let other = other.get(&BODIES);
                body.truncate(at.index(size));
                body.extend_from_slice(&other[from.index(other.len() + 1)..]);
            }
        }
    }
}

fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    let seed = if let RngSeed::Random = default.rng_seed { RngSeed::Fixed(20_261_122) } else { default.rng_seed };
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { 100_000 };
    ProptestConfig { cases, rng_seed: seed, failure_persistence: None, ..default }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_mutation_of_the_corpus_breaks_a_decoder(
        decoder in 0..DECODERS.len(),
        own in any::<bool>(),
        start in any::<Index>(),
        mutations in prop::collection::vec(Mutation::any(), 1..6),
    ) {
        let (name, _) = DECODERS[decoder];
        let corpus: Vec<_> = CORPUS[name].values().map(Vec::as_slice).collect();
        let mut body = start.get(if own { &corpus } else { &BODIES }).to_vec();
        for mutation in &mutations {
            mutation.apply(&mut body);
        }
        check::decoder(name, &body);
    }

    #[test]
    fn no_bytes_break_a_decoder(decoder in 0..DECODERS.len(), body in prop::collection::vec(any::<u8>(), 0..200)) {
        check::decoder(DECODERS[decoder].0, &body);
    }

    #[test]
    fn no_tokens_break_a_decoder(decoder in 0..DECODERS.len(), tokens in prop::collection::vec(0..TOKENS.len(), 0..40)) {
        let body: String = tokens.into_iter().map(|token| TOKENS[token]).collect();
        check::decoder(DECODERS[decoder].0, body.as_bytes());
    }
}
