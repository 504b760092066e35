//! What an inbox reacts to.
//!
//! Each is an object with one key in JSON, such as `{ "alarm": {} }`: variants that carry nothing have braces for that.

use serde::{Deserialize, Serialize};

use crate::scalar::{Guid, Id};
use crate::webhook::clock::Millis;
use crate::webhook::registration::Registration;

/// One input of a practice's inbox.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Input {
    /// The process begins to run: no call is under way.
    Start {},
    /// A request; the step replies.
    Request {
        /// The practice, whose inbox this is.
        company_id: Id,
        /// What is asked for.
        ask: Ask,
    },
    /// The alarm is due.
    Alarm {},
    /// The response to a call.
    Response(Response),
    /// A call that got no response.
    Failure(Failure),
}

/// A request, validated.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Ask {
    /// Store a notification.
    Notification {
        /// The RX whose order is worth fetching.
        rx_id: Guid,
        /// Whether it may be parked if nobody has registered the practice.
        is_admitted: bool,
    },
    /// Admit a practice that nobody has registered. This is for an object of its own, which is no practice's.
    Admit {},
    /// Register the practice, or change its registration.
    Register(Box<Registration>),
    /// Delete the practice and all that is stored of it.
    Remove {},
    /// Get its state.
    State {},
    /// Get events.
    Feed {
        /// Those after this one.
        after: u64,
        /// At most so many.
        limit: u32,
        /// Of which feed `after` is, if the caller knows.
        feed: Option<Millis>,
        /// What is kept of the practice's own key, if that was presented.
        #[serde(default)]
        key: Option<String>,
    },
    /// Get the practice's token, to call the API with. The number is that of one that the API refused.
    Token(Option<Millis>),
    /// Note that the API accepts the token with this number, as the reply to `Token` has it.
    TokenWorks(Millis),
    /// Compare with the list of orders now.
    Reconcile {},
    /// Deliver an event again.
    Replay {
        /// Its id.
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
    /// Those that matter.
    pub headers: ResponseHeaders,
    /// As a string.
    pub body: String,
}

/// The headers of a response that matter.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ResponseHeaders {
    /// When to come back.
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
