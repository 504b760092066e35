//! Sorting and looking up what a server sends, with the same effort in whatever order it arrives.

/// Items in an order that the caller passes with each call. An item is an index: of a row on a tape, or in a list.
///
/// They are kept in sorted runs, each longer than the next; a run that becomes as long as the one before it is merged with it.
/// So an item moves only once for each doubling, while inserting into a sorted list moves all items that follow. The standard
/// library's sort, which is compiled for each type of item, would be larger than all the code that it replaces.
#[derive(Default, Debug)]
pub(crate) struct Sorted {
    runs: Vec<Vec<usize>>,
}

impl Sorted {
    /// Sorts items. The sort is stable: items of which neither comes before the other keep their order.
    pub(crate) fn sort(items: &[usize], before: &dyn Fn(usize, usize) -> bool) -> Vec<usize> {
        let mut sorted = Self::default();
        for &item in items {
            sorted.insert(item, before);
        }
        sorted.into_items(before)
    }

    /// Adds an item after those that it does not come before.
    pub(crate) fn insert(&mut self, item: usize, before: &dyn Fn(usize, usize) -> bool) {
        let mut last = vec![item];
        while let Some(run) = self.runs.pop_if(|run| run.len() <= last.len()) {
            last = merged(&run, &last, before);
        }
        self.runs.push(last);
    }

    /// Finds an item; `compare` returns how an item compares to the one sought.
    pub(crate) fn find(&self, compare: &dyn Fn(usize) -> std::cmp::Ordering) -> Option<usize> {
        let place =
            |run: &Vec<usize>| run.binary_search_by(|item| compare(*item)).ok().and_then(|at| run.get(at).copied());
        self.runs.iter().find_map(place)
    }

    /// Returns the items in their order.
    pub(crate) fn into_items(mut self, before: &dyn Fn(usize, usize) -> bool) -> Vec<usize> {
        let mut all = Vec::new();
        while let Some(run) = self.runs.pop() {
            all = merged(&run, &all, before);
        }
        all
    }
}

/// Merges two runs. Of equal items, those of the first run come first.
fn merged(first: &[usize], second: &[usize], before: &dyn Fn(usize, usize) -> bool) -> Vec<usize> {
    let mut all = Vec::with_capacity(first.len() + second.len());
    let mut second = second.iter().peekable();
    for &item in first {
        while let Some(&other) = second.next_if(|other| before(**other, item)) {
            all.push(other);
        }
        all.push(item);
    }
    all.extend(second);
    all
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Returns unsorted numbers, some of them more than once.
    fn shuffled(count: usize) -> Vec<usize> {
        (0..count).map(|at| at * 7_919 % (count / 2 + 1)).collect()
    }

    fn orders(count: usize) -> [Vec<usize>; 4] {
        [(0..count).collect(), (0..count).rev().collect(), shuffled(count), vec![7; count]]
    }

    #[test]
    fn items_are_sorted_and_equal_ones_stay_as_they_are() {
        for count in 0..70 {
            for keys in orders(count) {
                let items: Vec<usize> = (0..count).collect();
                let mut expected = items.clone();
                expected.sort_by_key(|item| keys[*item]);
                assert_eq!(Sorted::sort(&items, &|one, other| keys[one] < keys[other]), expected);
            }
        }
    }

    #[test]
    fn what_was_added_is_found_and_nothing_else() {
        let mut sorted = Sorted::default();
        for added in 0..200 {
            let find = |number: usize| sorted.find(&|item| item.cmp(&number));
            assert_eq!(find(added * 7 % 200), None);
            sorted.insert(added * 7 % 200, &|one, other| one < other);
            let find = |number: usize| sorted.find(&|item| item.cmp(&number));
            assert!((0..=added).all(|added| find(added * 7 % 200).is_some()));
        }
    }

    #[test]
    fn the_work_grows_no_more_than_by_the_logarithm_whatever_the_order() {
        let work = |keys: &[usize]| {
            let compared = Cell::new(0_usize);
            let mut sorted = Sorted::default();
            let before = |one: usize, other: usize| {
                compared.set(compared.get() + 1);
                keys[one] < keys[other]
            };
            let mut moved = 0;
            for item in 0..keys.len() {
                sorted.insert(item, &before);
                moved += sorted.runs.last().map_or(0, Vec::len);
                let look = |other: usize| {
                    compared.set(compared.get() + 1);
                    keys[other].cmp(&keys[item])
                };
                assert!(sorted.find(&look).is_some());
            }
            compared.get() + moved
        };
        for count in [1_000, 30_000] {
            for keys in orders(count) {
                let logarithm = count.ilog2() as usize + 1;
                let limit = count * logarithm * (logarithm + 2);
                assert!(work(&keys) <= limit, "{} > {limit}", work(&keys));
            }
        }
    }
}
