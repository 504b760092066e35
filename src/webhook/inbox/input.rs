//! What happens to an inbox.

use crate::scalar::{Guid, Id};
use crate::webhook::json::{OfJson, ToJson, Value, names, object, record};
use crate::webhook::registration::Registration;

/// One thing that happens to a practice's inbox. An object with one key in JSON, such as `{ "alarm": {} }`.
#[derive(Clone)]
pub enum Input {
    /// Somebody asks; the step replies.
    Request {
        /// The practice, whose inbox this is.
        company_id: Id,
        /// For what.
        ask: Ask,
    },
    /// The alarm rings. Only this step has calls made.
    Alarm,
    /// A call was answered.
    Answered(Answer),
    /// A call got no answer.
    Failed(Failed),
    /// All calls of an alarm are answered or failed.
    Idle,
}

/// A request that has passed the door.
#[derive(Clone)]
pub enum Ask {
    /// Store a notification.
    Notification {
        /// The RX whose order is worth fetching.
        rx_id: Guid,
    },
    /// Register the practice, or change that.
    Register(Registration),
    /// Forget the practice and all that is stored of it.
    Remove,
    /// Tell how it does.
    State,
    /// Give events.
    Feed {
        /// Those after this one.
        after: u64,
        /// At most so many.
        limit: u32,
    },
    /// Compare with the list of orders now.
    Reconcile,
    /// Deliver an event again.
    Replay {
        /// Its id.
        id: String,
    },
}

record! {
    /// The answer to a call.
    #[derive(Clone)]
    pub struct Answer {
        /// The call's id.
        pub call: String,
        /// Of HTTP.
        pub status: u16,
        /// Those that count.
        pub headers: AnswerHeaders,
        /// As text.
        pub body: String,
    }
}

/// The headers of an answer that count.
#[derive(Clone, Default)]
pub struct AnswerHeaders {
    /// When to come back.
    pub retry_after: Option<String>,
}

record! {
    /// A call that got no answer.
    #[derive(Clone)]
    pub struct Failed {
        /// The call's id.
        pub call: String,
        /// Why.
        pub reason: Reason,
    }
}

names! {
    /// Why a call got no answer.
    pub enum Reason {
        /// It took too long.
        Timeout = "timeout",
        /// The connection failed.
        Network = "network",
        /// The answer is longer than the call allows.
        TooLarge = "too-large",
        /// The step that took the answer did not survive it.
        Crashed = "crashed",
    }
}

impl ToJson for AnswerHeaders {
    fn to_json(&self) -> Value {
        object! { "retry-after": self.retry_after }
    }
}

impl OfJson for AnswerHeaders {
    fn of_json(value: &Value) -> Option<Self> {
        Some(Self { retry_after: Option::of_json(value.get("retry-after"))? })
    }
}

impl ToJson for Input {
    fn to_json(&self) -> Value {
        match self {
            Self::Request { company_id, ask } => object! { "request": object! { "companyId": company_id, "ask": ask } },
            Self::Alarm => object! { "alarm": object! {} },
            Self::Answered(answer) => object! { "answered": answer },
            Self::Failed(failed) => object! { "failed": failed },
            Self::Idle => object! { "idle": object! {} },
        }
    }
}

impl OfJson for Input {
    fn of_json(value: &Value) -> Option<Self> {
        let (name, value) = only_entry(value)?;
        Some(match name {
            "request" => Self::Request { company_id: value.field("company_id")?, ask: value.field("ask")? },
            "alarm" => Self::Alarm,
            "answered" => Self::Answered(Answer::of_json(value)?),
            "failed" => Self::Failed(Failed::of_json(value)?),
            "idle" => Self::Idle,
            _ => return None,
        })
    }
}

impl ToJson for Ask {
    fn to_json(&self) -> Value {
        match self {
            Self::Notification { rx_id } => object! { "notification": object! { "rxId": rx_id } },
            Self::Register(registration) => object! { "register": registration },
            Self::Remove => object! { "remove": object! {} },
            Self::State => object! { "state": object! {} },
            Self::Feed { after, limit } => object! { "feed": object! { "after": after, "limit": limit } },
            Self::Reconcile => object! { "reconcile": object! {} },
            Self::Replay { id } => object! { "replay": object! { "id": id } },
        }
    }
}

impl OfJson for Ask {
    fn of_json(value: &Value) -> Option<Self> {
        let (name, value) = only_entry(value)?;
        Some(match name {
            "notification" => Self::Notification { rx_id: value.field("rx_id")? },
            "register" => Self::Register(Registration::of_json(value)?),
            "remove" => Self::Remove,
            "state" => Self::State,
            "feed" => Self::Feed { after: value.field("after")?, limit: value.field("limit")? },
            "reconcile" => Self::Reconcile,
            "replay" => Self::Replay { id: value.field("id")? },
            _ => return None,
        })
    }
}

fn only_entry(value: &Value) -> Option<(&str, &Value)> {
    let Value::Object(entries) = value else { return None };
    entries.first().map(|(name, value)| (&**name, value))
}
