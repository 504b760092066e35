//! A small cache of generated files, so that a repeated request is answered at once.

use std::collections::VecDeque;

/// The last few files by their keys, the newest first.
pub struct FileCache<K> {
    capacity: usize,
    files: VecDeque<(K, Vec<u8>)>,
}

impl<K: PartialEq> FileCache<K> {
    pub fn new(capacity: usize) -> Self {
        Self { capacity, files: VecDeque::new() }
    }

    pub fn get(&self, key: &K) -> Option<&Vec<u8>> {
        self.files.iter().find(|(cached, _)| cached == key).map(|(_, file)| file)
    }

    pub fn insert(&mut self, key: K, file: Vec<u8>) {
        self.files.truncate(self.capacity.saturating_sub(1));
        self.files.push_front((key, file));
    }

    pub fn clear(&mut self) {
        self.files.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_few_files_are_cached() {
        let mut cache = FileCache::new(3);
        for key in 0..4 {
            cache.insert(key, vec![key]);
        }
        assert_eq!(cache.files.len(), 3);
        assert!(cache.get(&0).is_none());
        assert_eq!(cache.get(&1), Some(&vec![1]));
        cache.clear();
        assert!(cache.get(&1).is_none());
    }
}
