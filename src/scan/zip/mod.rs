//! Reads a zip while it arrives. Each file is read from its local header on, and returned before it is known whether the
//! central directory, at the end of the archive, agrees: only [`ZipReader::finish`] says which files are complete.

mod body;
mod buffer;
mod confirm;
mod descriptor;
mod extra;
mod inflate;
mod kind;
mod name;
mod reader;
mod record;

pub use self::confirm::File;
pub use self::kind::FileKind;
pub use self::reader::{Entry, Event, ZipReader};
