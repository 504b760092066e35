//! A call of the document as a constant: method, path, what it takes, what it returns and how it fails.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::scope::Scope;
use crate::schema::decode::Envelope;
use crate::schema::kind::Kind;
use crate::schema::request::{Request, Shape};
use crate::schema::tape::Tape;
use crate::schema::value::FromTape;

/// What `encodeURIComponent` encodes.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// A version of the API. Each has a base URL of its own (R2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Version {
    /// Every call but the enhanced patient search.
    V2,
    /// The enhanced patient search (§5.2).
    V3,
}

/// An HTTP method of the document.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Debug)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    Get,
    /// Creates.
    Post,
    /// Updates, with absolute values.
    Patch,
    /// Deletes.
    Delete,
}

/// What a successful response holds.
#[derive(Clone, Copy)]
pub enum Returns {
    /// A value in an envelope.
    Value(Envelope, &'static Kind),
    /// Any JSON.
    Json,
    /// Nothing that is documented.
    Nothing,
    /// A file, which streams to the caller.
    File,
}

/// Which refusal means that nothing was found, rather than that something is wrong.
#[derive(Clone, Copy)]
pub enum Absent {
    /// No refusal does.
    Never,
    /// A 404 of a search (§5.2.4): this is the result instead.
    NotFound(fn() -> Tape),
    /// A 400 of a delete whose earlier response was lost: the API refuses only unknown ids in this way (§4.3.3).
    Deleted,
}

/// What the body of a refusal explains, as far as the document promises it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Explains {
    /// Nothing (R3).
    Nothing,
    /// 400: which parameters are wrong (§5.2.4).
    Fields,
    /// 409: which patients match (§5.4.3).
    Matches,
}

/// What to do about a status, as the document recommends.
pub type Hint = (u16, &'static str);

/// A call of the document.
pub struct Endpoint {
    /// The version, which has a base URL of its own.
    pub version: Version,
    /// The scope that a session needs; `None` if it is not a call of the document and so is not relayed.
    pub scope: Option<Scope>,
    /// The method.
    pub method: Method,
    /// The path as a template, such as `orders/:rxId`: what errors and events show.
    pub path: &'static str,
    /// What is sent: in the body of a POST or PATCH, otherwise in the query.
    pub takes: Option<Shape>,
    /// What a successful response holds.
    pub returns: Returns,
    /// What to do about some statuses.
    pub hints: &'static [Hint],
    /// What the body of a refusal explains.
    pub explains: Explains,
    /// Which refusal means that nothing was found.
    pub absent: Absent,
}

impl Method {
    /// Returns the name on the wire.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether the arguments of a call are sent in its body rather than in its query.
    pub(crate) const fn sends_body(self) -> bool {
        matches!(self, Self::Post | Self::Patch)
    }
}

impl Endpoint {
    const fn new(version: Version, scope: Option<Scope>, method: Method, path: &'static str) -> Self {
        Self {
            version,
            scope,
            method,
            path,
            takes: None,
            returns: Returns::Nothing,
            hints: &[],
            explains: Explains::Nothing,
            absent: Absent::Never,
        }
    }

    pub(crate) const fn get(version: Version, scope: Scope, path: &'static str) -> Self {
        Self::new(version, Some(scope), Method::Get, path)
    }

    pub(crate) const fn post(version: Version, scope: Scope, path: &'static str) -> Self {
        Self::new(version, Some(scope), Method::Post, path)
    }

    pub(crate) const fn patch(version: Version, scope: Scope, path: &'static str) -> Self {
        Self::new(version, Some(scope), Method::Patch, path)
    }

    pub(crate) const fn delete(version: Version, scope: Scope, path: &'static str) -> Self {
        Self::new(version, Some(scope), Method::Delete, path)
    }

    /// A call that is not in the document: the caller gives its URL.
    pub(crate) const fn custom(method: Method, path: &'static str) -> Self {
        Self::new(Version::V2, None, method, path)
    }

    pub(crate) const fn takes<R: Request>(self) -> Self {
        Self { takes: Some(R::SHAPE), ..self }
    }

    pub(crate) const fn returns<T: FromTape>(self, envelope: Envelope) -> Self {
        Self { returns: Returns::Value(envelope, &T::KIND), ..self }
    }

    pub(crate) const fn returns_json(self) -> Self {
        Self { returns: Returns::Json, ..self }
    }

    pub(crate) const fn returns_file(self) -> Self {
        Self { returns: Returns::File, ..self }
    }

    pub(crate) const fn hints(self, hints: &'static [Hint]) -> Self {
        Self { hints, ..self }
    }

    pub(crate) const fn explains(self, explains: Explains) -> Self {
        Self { explains, ..self }
    }

    pub(crate) const fn absent(self, absent: Absent) -> Self {
        Self { absent, ..self }
    }

    /// Returns the path with `segments` in place of its `:names`, in their order.
    pub(crate) fn path_of(&self, segments: &[&str]) -> String {
        path_of(self.path, segments)
    }

    /// Whether repeating it could create a second RX: the API has no idempotency key (R39).
    pub(crate) fn creates(&self) -> bool {
        self.method == Method::Post
    }
}

/// Returns the path of a template with `segments` in place of its `:names`, in their order.
pub(crate) fn path_of(template: &str, segments: &[&str]) -> String {
    let mut path = String::new();
    let mut segments = segments.iter();
    for part in template.split('/') {
        if !path.is_empty() {
            path.push('/');
        }
        match segments.as_slice().first().filter(|_| part.starts_with(':')) {
            Some(value) => {
                path.extend(utf8_percent_encode(value, SEGMENT));
                segments.next();
            }
            None => path.push_str(part),
        }
    }
    path
}
