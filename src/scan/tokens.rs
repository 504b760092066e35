//! Splits text, which arrives in pieces, into words and ends of lines.

/// No number or keyword is longer; a longer word is cut to this length.
const LONGEST: usize = 1024;

/// What receives the words.
pub(super) trait Words {
    type Error;
    fn word(&mut self, word: &[u8]) -> Result<(), Self::Error>;
    fn end_of_line(&mut self) -> Result<(), Self::Error>;
}

/// The unfinished word at the end of the last piece.
#[derive(Default)]
pub(super) struct Tokens {
    rest: Vec<u8>,
}

impl Tokens {
    pub fn feed<W: Words>(&mut self, mut bytes: &[u8], words: &mut W) -> Result<(), W::Error> {
        if !self.rest.is_empty() {
            let end = next_space(bytes);
            self.keep(&bytes[..end.unwrap_or(bytes.len())]);
            let Some(end) = end else { return Ok(()) };
            bytes = &bytes[end..];
            words.word(&self.rest)?;
            self.rest.clear();
        }
        loop {
            let Some(start) = bytes.iter().position(|byte| !is_space(*byte)) else {
                return end_lines(bytes, words);
            };
            let (space, rest) = bytes.split_at(start);
            end_lines(space, words)?;
            let Some(end) = next_space(rest) else {
                self.keep(rest);
                return Ok(());
            };
            words.word(&rest[..end.min(LONGEST)])?;
            bytes = &rest[end..];
        }
    }

    pub fn finish<W: Words>(self, words: &mut W) -> Result<(), W::Error> {
        if !self.rest.is_empty() {
            words.word(&self.rest)?;
        }
        words.end_of_line()
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = LONGEST - self.rest.len();
        self.rest.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

fn end_lines<W: Words>(space: &[u8], words: &mut W) -> Result<(), W::Error> {
    for byte in space {
        if matches!(byte, b'\n' | b'\r') {
            words.end_of_line()?;
        }
    }
    Ok(())
}

/// Returns the position of the first space. Tests eight bytes at a time.
#[inline]
fn next_space(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let (words, rest) = bytes.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // The upper bit of a byte is set if it is a space; after the first space, also for other bytes.
        let spaces = word.wrapping_sub(ONES * (b' ' as u64 + 1)) & !word & (ONES << 7);
        if spaces != 0 {
            return Some(at * 8 + spaces.trailing_zeros() as usize / 8);
        }
    }
    let start = bytes.len() - rest.len();
    rest.iter().position(|byte| is_space(*byte)).map(|at| start + at)
}

fn is_space(byte: u8) -> bool {
    byte <= b' '
}
