//! Text in pieces, as words and ends of lines.

/// No number and no keyword is longer; what is longer is cut to this.
const LONGEST: usize = 1024;

/// What takes the words.
pub(super) trait Words {
    type Error;
    fn word(&mut self, word: &[u8]) -> Result<(), Self::Error>;
    fn end_of_line(&mut self) -> Result<(), Self::Error>;
}

/// The word that a piece ended in.
#[derive(Default)]
pub(super) struct Tokens {
    rest: Vec<u8>,
}

impl Tokens {
    pub fn feed<W: Words>(&mut self, mut bytes: &[u8], words: &mut W) -> Result<(), W::Error> {
        if !self.rest.is_empty() {
            let end = bytes.iter().position(|byte| is_space(*byte));
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
            let Some(end) = rest.iter().position(|byte| is_space(*byte)) else {
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

fn is_space(byte: u8) -> bool {
    byte <= b' '
}
