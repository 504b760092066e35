//! Files that were made lately, to answer the next request for one at once.

use std::collections::VecDeque;

/// The last few files by their keys, the latest first.
pub struct Kept<K> {
    most: usize,
    files: VecDeque<(K, Vec<u8>)>,
}

impl<K: PartialEq> Kept<K> {
    /// Keeps at most so many.
    pub fn new(most: usize) -> Self {
        Self { most, files: VecDeque::new() }
    }

    pub fn find(&self, key: &K) -> Option<&Vec<u8>> {
        self.files.iter().find(|(kept, _)| kept == key).map(|(_, file)| file)
    }

    pub fn keep(&mut self, key: K, file: Vec<u8>) {
        self.files.truncate(self.most.saturating_sub(1));
        self.files.push_front((key, file));
    }

    /// Drops them all.
    pub fn forget(&mut self) {
        self.files.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_few_files_are_kept() {
        let mut kept = Kept::new(3);
        for key in 0..4 {
            kept.keep(key, vec![key]);
        }
        assert_eq!(kept.files.len(), 3);
        assert!(kept.find(&0).is_none());
        assert_eq!(kept.find(&1), Some(&vec![1]));
        kept.forget();
        assert!(kept.find(&1).is_none());
    }
}
