//! The exact weld: equal vertices become one. Vertices are numbered by first use and never renumbered, so vertices are only
//! appended to a growing mesh.

/// How many of the last vertices are remembered.
const RECENT: usize = 1 << 12;

/// The distinct vertices so far, and a hash table over them.
pub(super) struct Weld {
    vertices: Vec<[f32; 3]>,
    /// The tag of each vertex; empty while all are 0.
    tags: Vec<u32>,
    /// The index of a vertex plus one, or 0 for an empty slot. The length is a power of two, at least twice the number of
    /// vertices.
    slots: Vec<u32>,
    /// The indices of the last vertices, by hash: neighbouring triangles share vertices, and this table fits into the
    /// processor's first cache.
    recent: Vec<u32>,
    /// Random factors make the hash universal: nobody can prepare a file whose vertices all collide.
    factors: [u64; 5],
}

impl Weld {
    /// `seed` should be random. The result does not depend on it.
    pub fn new(seed: u64) -> Self {
        Weld {
            vertices: Vec::new(),
            tags: Vec::new(),
            slots: vec![0; 1 << 10],
            recent: vec![0; RECENT],
            factors: factors(seed),
        }
    }

    /// Returns the number of the vertex with these bits and this tag.
    pub fn insert(&mut self, vertex: [f32; 3], tag: u32) -> u32 {
        let hash = self.hash(vertex, tag);
        let recent = self.recent[hash % RECENT];
        if self.is(recent as usize, vertex, tag) {
            return recent;
        }
        let mask = self.slots.len() - 1;
        let mut at = hash & mask;
        loop {
            match self.slots[at] {
                0 => break,
                taken => {
                    let number = taken - 1;
                    if self.is(number as usize, vertex, tag) {
                        self.recent[hash % RECENT] = number;
                        return number;
                    }
                }
            }
            at = (at + 1) & mask;
        }
        let number = self.vertices.len() as u32;
        self.recent[hash % RECENT] = number;
        self.slots[at] = number + 1;
        self.vertices.push(vertex);
        if !self.tags.is_empty() || tag != 0 {
            self.tags.resize(number as usize, 0);
            self.tags.push(tag);
        }
        if self.vertices.len() * 2 > self.slots.len() {
            self.grow();
        }
        number
    }

    pub fn vertices(&self) -> &[[f32; 3]] {
        &self.vertices
    }

    /// Returns the tags: none, or one for each vertex.
    pub fn tags(&self) -> &[u32] {
        &self.tags
    }

    pub fn into_parts(self) -> (Vec<[f32; 3]>, Vec<u32>) {
        (self.vertices, self.tags)
    }

    #[inline]
    fn is(&self, number: usize, vertex: [f32; 3], tag: u32) -> bool {
        // Without `==`, for which wasm calls a function that compares byte by byte.
        let differing =
            |other: &[f32; 3]| (0..3).fold(0, |bits, at| bits | (other[at].to_bits() ^ vertex[at].to_bits()));
        self.vertices.get(number).is_some_and(|other| differing(other) == 0)
            && self.tags.get(number).copied().unwrap_or(0) == tag
    }

    /// Multilinear hashing: the upper half of the sum is a strongly universal hash.
    fn hash(&self, [x, y, z]: [f32; 3], tag: u32) -> usize {
        let [a, b, c, d, e] = self.factors;
        let term = |factor: u64, bits: u32| factor.wrapping_mul(u64::from(bits));
        let sum = a
            .wrapping_add(term(b, x.to_bits()))
            .wrapping_add(term(c, y.to_bits()))
            .wrapping_add(term(d, z.to_bits()))
            .wrapping_add(term(e, tag));
        (sum >> 32) as usize
    }

    fn grow(&mut self) {
        let length = self.slots.len() * 2;
        self.slots = Vec::new();
        self.slots = vec![0; length];
        for number in 0..self.vertices.len() {
            let tag = self.tags.get(number).copied().unwrap_or(0);
            let mut at = self.hash(self.vertices[number], tag) & (length - 1);
            while self.slots[at] != 0 {
                at = (at + 1) & (length - 1);
            }
            self.slots[at] = number as u32 + 1;
        }
    }
}

/// SplitMix64.
fn factors(seed: u64) -> [u64; 5] {
    let mut state = seed;
    std::array::from_fn(|_| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_vertices_by_first_use_and_never_renumbers_them() {
        for seed in [0, 1, 77] {
            let mut weld = Weld::new(seed);
            let vertex = |number: u32| [number as f32, 0.5, -1.0];
            for number in 0..10_000 {
                assert_eq!(weld.insert(vertex(number), 0), number);
                assert_eq!(weld.insert(vertex(number / 2), 0), number / 2);
            }
            assert_eq!(weld.vertices().len(), 10_000);
            assert!(weld.tags().is_empty());
        }
    }

    #[test]
    fn keeps_vertices_with_different_tags_apart() {
        let mut weld = Weld::new(3);
        let vertex = [1.0, 2.0, 3.0];
        assert_eq!([0, 7, 0, 7, 9].map(|tag| weld.insert(vertex, tag)), [0, 1, 0, 1, 2]);
        assert_eq!(weld.tags(), [0, 7, 9]);
    }

    #[test]
    fn has_no_tolerance() {
        let mut weld = Weld::new(3);
        assert_ne!(weld.insert([1.0, 0.0, 0.0], 0), weld.insert([1.0f32.next_up(), 0.0, 0.0], 0));
    }
}
