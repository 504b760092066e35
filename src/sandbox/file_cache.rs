//! A small cache of generated files, so that a repeated request gets its response at once.

use std::collections::VecDeque;

/// The latest files by their keys, the newest first.
pub struct FileCache<K> {
    capacity: usize,
    files: VecDeque<(K, Vec<u8>)>,
}

impl<K: PartialEq> FileCache<K> {
    /// Creates a cache of this many bytes. The newest file is kept even if it alone is larger.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, files: VecDeque::new() }
    }

    pub fn get(&self, key: &K) -> Option<&Vec<u8>> {
        self.files.iter().find(|(cached, _)| cached == key).map(|(_, file)| file)
    }

    pub fn insert(&mut self, key: K, file: Vec<u8>) {
        let mut room = self.capacity.saturating_sub(file.len());
        let fits = self.files.iter().take_while(|(_, file)| {
            let left = room.checked_sub(file.len());
            room = left.unwrap_or(0);
            left.is_some()
        });
        self.files.truncate(fits.count());
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
    fn only_the_last_files_that_fit_are_cached_and_always_the_newest() {
        let mut cache = FileCache::new(3);
        for key in 0..4 {
            cache.insert(key, vec![key]);
        }
        assert_eq!(cache.files.len(), 3);
        assert!(cache.get(&0).is_none());
        assert_eq!(cache.get(&1), Some(&vec![1]));
        cache.insert(4, vec![4; 2]);
        assert_eq!(cache.files.iter().map(|(key, _)| *key).collect::<Vec<_>>(), [4, 3]);
        cache.insert(5, vec![5; 9]);
        assert_eq!(cache.files.iter().map(|(key, _)| *key).collect::<Vec<_>>(), [5]);
        cache.clear();
        assert!(cache.get(&5).is_none());
    }
}
