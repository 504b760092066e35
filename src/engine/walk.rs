//! Walking a list page by page while rows are added and deleted (R45-R47): one state machine for the client's lists and the
//! inbox's reconciliation. Pure: it takes a summary of each page and says where the next page starts.
//!
//! Pages are addressed by offset, so a row that is deleted before the offset moves an unread row behind it. To notice that,
//! each page starts with the last row of the page before. If another row comes first, the walk rewinds and reads again.
//!
//! ```text
//! let mut walk = Walk::new(page_size);
//! loop {
//!     let page = get(walk.offset());
//!     match walk.take(page.received(), ..) { Next::Rewind => continue, Next::Page => .., Next::End => break, .. }
//! }
//! ```

use serde::{Deserialize, Serialize};

/// How often to rewind at most: otherwise, a list that changes faster than it can be read would never end.
const MAX_REWINDS: u32 = 10;

/// After how many successive pages without a new row a list is taken to repeat itself.
const MAX_REPEATS: u32 = 3;

/// A walk over a list.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Walk {
    /// How many rows to go back at a time; 0 for a list that does not change while it is read.
    rewind: u32,
    progress: Progress,
}

/// How far a walk has come, in a form to be stored.
#[derive(Clone, Copy, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Progress {
    /// How many rows have been passed.
    offset: u32,
    /// The highest offset that the end of a page has reached.
    furthest: u32,
    /// Whether the last page was too short to start with a known row and still advance. Release 0.1.0 did not store it.
    #[serde(default)]
    short: bool,
    rewinds: u32,
    repeats: u32,
}

/// What a walk needs to know about a page.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Page {
    /// How many rows were received, however many were requested (R45).
    pub received: u32,
    /// Whether the first row was on an earlier page.
    pub first_is_known: bool,
    /// Whether any row was not on an earlier page.
    pub has_new: bool,
    /// Whether the API says that more rows follow.
    pub has_more: bool,
}

/// What to do with a page, and what to do next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Next {
    /// Drop the page, since rows before it may have been missed, and request the page at the new offset.
    Rewind,
    /// Use the page's rows, and request the page at the new offset.
    Page,
    /// Use the page's rows, which are the last.
    End,
    /// The API returns the same rows again and again where others should follow.
    Repeats,
}

impl Walk {
    /// A walk from the first row on. `rewind` is the page size, or 0 for a list that does not change while it is read.
    pub(crate) fn new(rewind: u32) -> Self {
        Self::resume(rewind, Progress::default())
    }

    /// A walk that continues from stored progress.
    pub(crate) fn resume(rewind: u32, progress: Progress) -> Self {
        Self { rewind, progress }
    }

    /// Returns how far it has come.
    #[cfg(any(feature = "webhook", test))]
    pub(crate) fn progress(&self) -> Progress {
        self.progress
    }

    /// Returns the offset of the page to request.
    pub(crate) fn offset(&self) -> u32 {
        self.progress.offset - u32::from(self.overlaps())
    }

    /// Takes the page at the offset.
    pub(crate) fn take(&mut self, page: Page) -> Next {
        let (overlaps, start) = (self.overlaps(), self.offset());
        let progress = &mut self.progress;
        if overlaps && !page.first_is_known && progress.rewinds < MAX_REWINDS {
            progress.rewinds += 1;
            progress.offset = start.saturating_sub(self.rewind);
            return Next::Rewind;
        }
        let end = start.saturating_add(page.received);
        // Pages that are read again after a rewind do not count as repetition.
        progress.repeats = if !page.has_new && end > progress.furthest { progress.repeats + 1 } else { 0 };
        progress.furthest = progress.furthest.max(end);
        progress.offset = end;
        progress.short = page.received < 2;
        match () {
            () if page.received == 0 || !page.has_more => Next::End, // R46: an empty page ends the list, whatever it says
            () if progress.repeats >= MAX_REPEATS => Next::Repeats,
            () => Next::Page,
        }
    }

    /// Whether the next page should start with a row that is known.
    fn overlaps(&self) -> bool {
        self.rewind > 0 && self.progress.offset > 0 && !self.progress.short
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "the lists are short")]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const SIZE: u32 = 4;

    /// Reads `list`, which `change` may change before each page. Returns the rows in the order in which they were first seen,
    /// and how the walk ended. With `remembers_all` it knows all rows, as the client does; otherwise only those of the last
    /// page, as the inbox does.
    fn read(list: &mut Vec<u32>, remembers_all: bool, mut change: impl FnMut(u32, &mut Vec<u32>)) -> (Vec<u32>, Next) {
        let mut walk = Walk::new(SIZE);
        let (mut seen, mut last): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
        for page in 0..10_000 {
            change(page, list);
            let stored = serde_json::to_string(&walk.progress()).unwrap();
            walk = Walk::resume(SIZE, serde_json::from_str(&stored).unwrap());
            let start = walk.offset() as usize;
            let rows: Vec<u32> = list.iter().skip(start).take(SIZE as usize).copied().collect();
            let known = |row: &u32| if remembers_all { seen.contains(row) } else { last.contains(row) };
            let next = walk.take(Page {
                received: rows.len() as u32,
                first_is_known: rows.first().is_some_and(known),
                has_new: rows.iter().any(|row| !known(row)),
                has_more: start + rows.len() < list.len(),
            });
            if next == Next::Rewind {
                continue;
            }
            seen.extend(rows.iter().filter(|row| !seen.contains(row)).copied().collect::<Vec<_>>());
            last = rows;
            if next != Next::Page {
                return (seen, next);
            }
        }
        panic!("the walk does not end");
    }

    fn rows(count: u32) -> Vec<u32> {
        (0..count).collect()
    }

    #[test]
    fn a_list_that_stays_is_read_once_from_end_to_end() {
        for count in 0..30 {
            assert_eq!(read(&mut rows(count), true, |_, _| {}), (rows(count), Next::End));
        }
    }

    #[test]
    fn each_page_starts_with_the_last_row_of_the_one_before() {
        let mut walk = Walk::new(SIZE);
        assert_eq!(walk.offset(), 0);
        let page = Page { received: SIZE, first_is_known: true, has_new: true, has_more: true };
        assert_eq!(walk.take(page), Next::Page);
        assert_eq!(walk.offset(), SIZE - 1);
        let mut walk = Walk::new(0);
        assert_eq!(walk.take(Page { first_is_known: false, ..page }), Next::Page);
        assert_eq!(walk.take(Page { first_is_known: false, ..page }), Next::Page);
        assert_eq!(walk.offset(), 2 * SIZE, "without a rewind there is no overlap");
    }

    #[test]
    fn a_row_that_a_deletion_moves_behind_the_offset_is_not_missed() {
        for deleted in 1..=6 {
            for remembers_all in [true, false] {
                let mut list = rows(20);
                let delete = |page: u32, list: &mut Vec<u32>| {
                    if page == 2 {
                        list.drain(..deleted);
                    }
                };
                let (seen, next) = read(&mut list, remembers_all, delete);
                assert_eq!(
                    (seen.into_iter().collect::<BTreeSet<_>>(), next),
                    (rows(20).into_iter().collect(), Next::End)
                );
            }
        }
    }

    #[test]
    fn whatever_comes_and_goes_no_row_is_missed_that_is_there_all_the_time() {
        for seed in 0..5_000_u32 {
            // xorshift32
            let mut bits = seed.wrapping_mul(0x9e37_79b9) | 1;
            let mut below = |end: usize| {
                bits ^= bits << 13;
                bits ^= bits >> 17;
                bits ^= bits << 5;
                bits as usize % end
            };
            let mut list = rows(40);
            let mut gone = BTreeSet::new();
            let mut new = 1_000;
            let mut changes = below(12);
            let (seen, next) = read(&mut list, seed % 2 == 0, |_, list| {
                for _ in 0..below(5).min(changes) {
                    changes -= 1;
                    if below(3) > 0 {
                        gone.insert(list.remove(below(list.len())));
                    } else {
                        list.insert(below(list.len()), new);
                        new += 1;
                    }
                }
            });
            assert_eq!(next, Next::End);
            let missed: Vec<_> =
                rows(40).into_iter().filter(|row| !gone.contains(row) && !seen.contains(row)).collect();
            assert_eq!(missed, [0; 0], "seed {seed}");
        }
    }

    #[test]
    fn a_list_that_never_joins_is_not_rewound_for_ever() {
        let mut walk = Walk::new(SIZE);
        let page = Page { received: SIZE, first_is_known: false, has_new: true, has_more: true };
        let rewinds = (0..100).filter(|_| walk.take(page) == Next::Rewind).count();
        assert_eq!(rewinds as u32, MAX_REWINDS);
    }

    #[test]
    fn a_list_that_repeats_itself_is_noticed() {
        let mut walk = Walk::new(SIZE);
        let page = Page { received: 1, first_is_known: false, has_new: true, has_more: true };
        assert_eq!(walk.take(page), Next::Page);
        let same = Page { first_is_known: true, has_new: false, ..page };
        assert_eq!([0; 3].map(|_| walk.take(same)), [Next::Page, Next::Page, Next::Repeats]);
    }

    #[test]
    fn an_empty_page_is_the_end_whatever_it_says() {
        let mut walk = Walk::new(SIZE);
        assert_eq!(walk.take(Page { has_more: true, ..Page::default() }), Next::End);
    }

    #[test]
    fn progress_that_release_0_1_0_stored_is_read() {
        let stored = r#"{"startedAt":7,"from":"2025-02-02","offset":3,"furthest":5,"page":[],"rewinds":1,"repeats":0}"#;
        let walk = Walk::resume(250, serde_json::from_str(stored).unwrap());
        assert_eq!(walk.offset(), 2);
        assert_eq!(walk.progress().rewinds, 1);
    }
}
