//! What happens to an inbox.

use serde::{Deserialize, Serialize};

use crate::webhook::registration::Registration;
use crate::wire::{Guid, Id};

/// One thing that happens to a practice's inbox.
#[derive(Serialize, Deserialize, Clone)]
#[serde(rename_all = "camelCase")]
pub enum Input {
    /// Somebody asks; the step replies.
    #[serde(rename_all = "camelCase")]
    Request {
        /// The practice, whose inbox this is.
        company_id: Id,
        /// For what.
        ask: Ask,
    },
    /// The alarm rings. Only this step has calls made.
    Alarm {},
    /// A call was answered.
    Answered(Answer),
    /// A call got no answer.
    Failed {
        /// Its id.
        call: String,
        /// Why.
        reason: Reason,
    },
    /// All calls of an alarm are answered or failed.
    Idle {},
}

/// A request that has passed the door.
#[derive(Serialize, Deserialize, Clone)]
#[serde(rename_all = "camelCase")]
pub enum Ask {
    /// Store a notification.
    #[serde(rename_all = "camelCase")]
    Notification {
        /// The RX whose order is worth fetching.
        rx_id: Guid,
    },
    /// Register the practice, or change that.
    Register(Registration),
    /// Forget the practice and all that is stored of it.
    Remove {},
    /// Tell how it does.
    State {},
    /// Give events.
    Feed {
        /// Those after this one.
        after: u64,
        /// At most so many.
        limit: u32,
    },
    /// Compare with the list of orders now.
    Reconcile {},
    /// Deliver an event again.
    Replay {
        /// Its id.
        id: String,
    },
}

/// The answer to a call.
#[derive(Serialize, Deserialize, Clone)]
pub struct Answer {
    /// The call's id.
    pub call: String,
    /// Of HTTP.
    pub status: u16,
    /// Those that count.
    #[serde(default)]
    pub headers: AnswerHeaders,
    /// As text.
    pub body: String,
}

/// The headers of an answer that count.
#[derive(Serialize, Deserialize, Clone, Default)]
pub struct AnswerHeaders {
    /// When to come back.
    #[serde(rename = "retry-after", default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<String>,
}

/// Why a call got no answer.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It took too long.
    Timeout,
    /// The connection failed.
    Network,
    /// The answer is longer than the call allows.
    TooLarge,
    /// The step that took the answer did not survive it.
    Crashed,
}

impl Reason {
    /// For logs.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Network => "network",
            Self::TooLarge => "too-large",
            Self::Crashed => "crashed",
        }
    }
}
