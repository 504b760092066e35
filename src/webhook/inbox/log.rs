//! The log for operators. It contains no token, secret, patient data, body or query; new entries must not either.

use std::borrow::Cow;

use serde::Serialize;

use super::Inbox;
use super::events::{EventType, Source};
use super::input::Reason;
use super::state::Attention;
use crate::scalar::{Guid, Id};
use crate::webhook::clock::Millis;

/// A line of the log.
#[derive(Serialize, Debug)]
#[serde(rename_all = "camelCase")]
pub struct LogEntry {
    /// What happened.
    #[serde(flatten)]
    pub event: LogEvent,
    /// The practice that it happened to.
    pub company_id: Option<Id>,
}

/// What happened; the name is in `event`.
#[derive(Serialize, Debug)]
#[serde(tag = "event", rename_all_fields = "camelCase")]
#[expect(missing_docs, reason = "their names say it")]
pub enum LogEvent {
    #[serde(rename = "settings.ignored")]
    SettingsIgnored { variables: Vec<&'static str> },
    #[serde(rename = "practice.registered")]
    PracticeRegistered { new: bool },
    #[serde(rename = "practice.refused")]
    PracticeRefused {},
    #[serde(rename = "practice.removed")]
    PracticeRemoved { registered: bool },
    #[serde(rename = "notification.stored")]
    NotificationStored { rx_id: Guid, waiting: u64 },
    #[serde(rename = "notification.parked")]
    NotificationParked { rx_id: Guid, waiting: u64 },
    #[serde(rename = "notification.refused")]
    NotificationRefused { rx_id: Guid },
    #[serde(rename = "notification.expired")]
    NotificationExpired { rx_id: Guid },
    #[serde(rename = "notification.unverified")]
    NotificationUnverified { rx_id: Guid, reason: &'static str },
    #[serde(rename = "order.later")]
    OrderLater { rx_id: Guid, reason: Cow<'static, str>, tries: u32, in_ms: Millis },
    #[serde(rename = "event.recorded")]
    EventRecorded { seq: u64, r#type: EventType, rx_id: Guid, source: Source },
    #[serde(rename = "events.expired")]
    EventsExpired { events: usize },
    #[serde(rename = "delivery.failed")]
    DeliveryFailed { seq: u64, status: u16, reason: Option<Reason>, tries: u32, in_ms: Millis },
    #[serde(rename = "delivery.given-up")]
    DeliveryGivenUp { seq: u64, status: u16, reason: Option<Reason>, tries: u32, in_ms: Millis },
    #[serde(rename = "delivery.replayed")]
    DeliveryReplayed { seq: u64 },
    #[serde(rename = "token.rejected")]
    TokenRejected { refresh: bool, attention: Option<Attention> },
    #[serde(rename = "token.refreshed")]
    TokenRefreshed {},
    #[serde(rename = "token.refresh-rejected")]
    RefreshRejected { status: u16 },
    #[serde(rename = "token.refresh-failed")]
    RefreshFailed { status: u16, reason: Option<Reason>, in_ms: Millis },
    #[serde(rename = "api.paused")]
    ApiPaused { reason: Cow<'static, str>, for_ms: Millis },
    #[serde(rename = "reconcile.later")]
    ReconcileLater { reason: &'static str, tries: u32, in_ms: Millis },
    #[serde(rename = "reconcile.finished")]
    ReconcileFinished { orders: u32, found: u32, unreadable: u32, ms: Millis },
}

impl Inbox<'_> {
    /// Adds a line to the log.
    pub(super) fn log(&mut self, event: LogEvent) {
        self.effects.log.push(LogEntry { event, company_id: self.company_id });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_one_object_that_begins_with_its_event() {
        let event = LogEvent::OrderLater { rx_id: Guid::from_random(7), reason: "404".into(), tries: 2, in_ms: 2_000 };
        let entry = LogEntry { event, company_id: 77.try_into().ok() };
        assert_eq!(
            serde_json::to_string(&entry).unwrap(),
            r#"{"event":"order.later","rxId":"00000000-0000-4000-8000-000000000007","reason":"404","tries":2,"inMs":2000,"companyId":77}"#
        );
        let entry = LogEntry { event: LogEvent::TokenRefreshed {}, company_id: None };
        assert_eq!(serde_json::to_string(&entry).unwrap(), r#"{"event":"token.refreshed","companyId":null}"#);
    }
}
