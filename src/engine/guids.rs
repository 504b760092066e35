//! GUIDs in the order in which they were added, with a fast lookup.

use crate::scalar::Guid;
use crate::schema::sorted::Sorted;

/// GUIDs, each with an index.
#[derive(Default, Debug)]
pub(crate) struct Guids {
    guids: Vec<Guid>,
    sorted: Sorted,
}

impl Guids {
    /// Returns the index of a GUID.
    pub(crate) fn find(&self, guid: Guid) -> Option<usize> {
        self.sorted.find(&|place| self.guids.get(place).cmp(&Some(&guid)))
    }

    /// Adds a GUID unless it is already present. Returns whether it was added.
    pub(crate) fn add(&mut self, guid: Guid) -> bool {
        if self.find(guid).is_some() {
            return false;
        }
        self.guids.push(guid);
        self.sorted.insert(self.guids.len() - 1, &|one, other| self.guids.get(one) < self.guids.get(other));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_guid_is_added_once_and_found_at_its_place() {
        let mut guids = Guids::default();
        let guid = |number: u64| Guid::of_number(number * 7 % 100);
        for place in 0..100 {
            assert_eq!(guids.find(guid(place)), None);
            assert!(guids.add(guid(place)));
            assert!(!guids.add(guid(place)));
        }
        assert!((0..100).all(|place| guids.find(guid(place)) == Some(place as usize)));
    }
}
