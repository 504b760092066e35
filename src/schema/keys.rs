//! What the keys of an object mean.
//!
//! The rows of a list usually have the same keys in the same order. So the keys of a model's last object are remembered: a
//! single comparison shows both where the next key ends and what it means.

use super::model::{Alias, Field, Model};
use crate::json::{Reader, Result};

/// A key of an object.
#[derive(Clone, Copy)]
pub(super) struct Key<'a> {
    /// The key as it was written, from its opening quote to its colon.
    text: &'a str,
    meaning: Meaning,
}

/// What a key means for a model.
#[derive(Clone, Copy)]
pub(super) enum Meaning {
    Own(&'static Field),
    Alias(&'static Alias),
    Flattened,
    Nothing,
}

/// How many keys of an object are remembered. No model has that many, but an object from a server can have millions.
const MAX_KNOWN: usize = 256;

/// For each model, the keys of its last object, in their order.
#[derive(Default)]
pub(super) struct Known<'a>(Vec<(&'static Model, Vec<Key<'a>>)>);

impl Meaning {
    fn of(key: &str, model: &'static Model) -> Self {
        if key.is_empty() {
            return Self::Nothing; // in the tables, an empty key means that there is none
        }
        if let Some(field) = model.fields.iter().find(|field| field.key == key) {
            return Self::Own(field);
        }
        match model.aliases.iter().find(|alias| alias.key == key) {
            Some(alias) => Self::Alias(alias),
            None if model.flattened == key => Self::Flattened,
            None => Self::Nothing,
        }
    }
}

impl<'a> Known<'a> {
    /// Returns the keys of the model's last object.
    pub(super) fn of(&mut self, model: &'static Model) -> &mut Vec<Key<'a>> {
        let known = self.0.iter().position(|(other, _)| std::ptr::eq(*other, model));
        let at = known.unwrap_or_else(|| {
            self.0.push((model, Vec::new()));
            self.0.len() - 1
        });
        &mut self.0[at].1
    }
}

/// Reads the key at index `at` of an object. `known` holds the keys to expect; a key that is not among them is added.
#[inline(always)]
pub(super) fn read<'a>(
    reader: &mut Reader<'a>,
    model: &'static Model,
    known: &mut Vec<Key<'a>>,
    at: usize,
) -> Result<Meaning> {
    match known.get(at) {
        Some(key) if reader.passes(key.text) => Ok(key.meaning),
        _ => {
            let start = reader.at;
            let meaning = Meaning::of(&reader.name()?, model);
            known.truncate(at);
            if at < MAX_KNOWN {
                known.push(Key { text: reader.since(start), meaning });
            }
            Ok(meaning)
        }
    }
}
