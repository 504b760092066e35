//! The inputs of an inbox.
//!
//! Each is a JSON object with one key, such as `{ "alarm": {} }`. Variants without content have braces for that reason.

use serde::{Deserialize, Serialize};

use crate::scalar::{Guid, Id};
use crate::webhook::clock::Millis;
use crate::webhook::registration::Registration;

/// One input of a practice's inbox.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Input {
    /// The process starts: no call is in flight.
    Start {},
    /// A request; the step replies.
    Request {
        /// The practice that the inbox belongs to.
        company_id: Id,
        /// What is requested.
        ask: Ask,
    },
    /// The alarm is due.
    Alarm {},
    /// The response to a call.
    Response(Response),
    /// A call that got no response.
    Failure(Failure),
}

/// A validated request.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Ask {
    /// Store a notification.
    Notification {
        /// The RX whose order to fetch.
        rx_id: Guid,
        /// Whether the notification may be parked if the practice is not registered.
        is_admitted: bool,
    },
    /// Admit a practice that is not registered. Handled by an object of its own, which belongs to no practice.
    Admit {},
    /// Register the practice, or change its registration.
    Register(Box<Registration>),
    /// Delete the practice and everything that is stored for it.
    Remove {},
    /// Get its state.
    State {},
    /// Get events.
    Feed {
        /// Events after this one.
        after: u64,
        /// The most events to return.
        limit: u32,
        /// The feed that `after` belongs to, if the caller knows it.
        feed: Option<Millis>,
        /// The practice's own key in the form in which it is stored, if the caller presented that key.
        #[serde(default)]
        key: Option<String>,
    },
    /// Get the practice's token, to call the API with. The number, if any, is that of a token that the API refused.
    Token(Option<Millis>),
    /// Note that the API accepts the token with this number, which the reply to `Token` contains.
    TokenWorks(Millis),
    /// Compare with the list of orders now.
    Reconcile {},
    /// Deliver an event again.
    Replay {
        /// The event's id.
        id: String,
    },
}

/// The response to a call.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    /// The call's id.
    pub call: String,
    /// The HTTP status.
    pub status: u16,
    /// The relevant headers.
    pub headers: ResponseHeaders,
    /// The body as a string.
    pub body: String,
}

/// The relevant headers of a response.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ResponseHeaders {
    /// The value of `Retry-After`.
    pub retry_after: Option<String>,
}

/// A call that got no response.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// The call's id.
    pub call: String,
    /// Why.
    pub reason: Reason,
}

/// Why a call got no response.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It took too long.
    Timeout,
    /// The connection failed.
    Network,
    /// The response is longer than the call allows.
    TooLarge,
    /// The step that handled the response crashed.
    Crashed,
}

impl Reason {
    /// Returns the name used in logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Network => "network",
            Self::TooLarge => "too-large",
            Self::Crashed => "crashed",
        }
    }
}
