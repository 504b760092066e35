//! The state of an inbox, for operators: counts and times, never a secret or a patient.

use serde::{Deserialize, Serialize};
use tsify::Tsify;

use super::Inbox;
use super::reconcile::USELESS_FOR_GOOD;
use super::rows::key;
use super::token::Token;
use crate::scalar::Id;
use crate::webhook::clock::rfc3339;
use crate::webhook::reply::Reply;

/// The state of a practice's inbox: what `GET /practices/:companyId` returns.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
#[tsify(missing_as_null)]
pub struct PracticeState {
    /// The practice's id.
    pub company_id: Id,
    /// Whether the practice is registered. If not, its notifications wait until it is.
    pub registered: bool,
    /// Where its orders are; `null` if it is not registered.
    pub endpoints: Option<Endpoints>,
    /// Where its events are delivered; `null` if they are not.
    pub deliver_to: Option<DeliversTo>,
    /// Whether the inbox can get a new token by itself.
    pub refresh: bool,
    /// What only an operator can fix, by registering the practice again; `null` if there is nothing.
    pub attention: Option<Attention>,
    /// What has happened so far.
    pub counts: Counts,
    /// How many RXs have a notification whose order has not been fetched yet.
    pub pending: usize,
    /// The same number for a practice that is not registered; `pending` is 0 then.
    pub parked: usize,
    /// When the oldest of these notifications came, as RFC 3339 in UTC; `null` if there is none.
    pub oldest_pending_at: Option<String>,
    /// How long ago that was, in milliseconds; 0 if there is none.
    pub lag_ms: i64,
    /// Events that still have to be delivered to `deliverTo`.
    pub pending_deliveries: usize,
    /// Events that `deliverTo` did not accept; each can be replayed as long as it is kept.
    pub failed_deliveries: usize,
    /// The `seq` of the newest event; 0 if there is none.
    pub last_seq: u64,
    /// The last comparison with the list of orders; `null` if there was none.
    pub last_reconcile: Option<LastReconcile>,
}

/// Where a practice's orders are.
#[derive(Serialize, Tsify)]
pub struct Endpoints {
    /// The base URL of V2: what comes before `orders/…`.
    pub v2: String,
    /// The base URL of V3, what comes before `patient/…`, if the registration has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[tsify(optional)]
    pub v3: Option<String>,
}

/// Where events go.
#[derive(Serialize, Tsify)]
pub struct DeliversTo {
    /// The origin of the URL only, since the rest may hold a secret.
    pub url: String,
}

/// What only an operator can fix: the API keeps refusing the token (`unauthorized`), the token endpoint refuses the refresh
/// token or the client (`refresh-rejected`), or the list of orders cannot be read (`list-unreadable`).
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Tsify, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Attention {
    /// The API has refused the token five times in a row, and there is no refresh or it does not help. It is tried again
    /// after pauses that grow to an hour.
    Unauthorized,
    /// The token endpoint refuses the refresh token (`invalid_grant`) or the client (`invalid_client`). It is tried again
    /// hourly.
    RefreshRejected,
    /// The list of orders could not be read ten times in a row, so missed callbacks are not noticed. It is tried again
    /// within the hour.
    ListUnreadable,
}

/// What has happened so far.
#[derive(Default, Clone, PartialEq, Serialize, Deserialize, Tsify, Debug)]
#[serde(rename_all = "camelCase", default)]
pub struct Counts {
    /// Notifications that were acknowledged.
    pub notifications: u64,
    /// Notifications that reported nothing new.
    pub duplicates: u64,
    /// Events that were recorded.
    pub events: u64,
    /// RXs that the API does not know, or that belong to another practice: forged, deleted or wrong.
    pub unverified: u64,
    /// RXs that were given up, since they could not be fetched for as long as events are kept.
    pub expired: u64,
    /// Deliveries that were accepted.
    pub delivered: u64,
    /// Deliveries that were given up.
    pub deliveries_failed: u64,
}

/// A comparison with the list of orders.
#[derive(Clone, Serialize, Deserialize, Tsify, Debug)]
#[serde(rename_all = "camelCase")]
pub struct LastReconcile {
    /// When it ended, as RFC 3339 in UTC.
    pub at: String,
    /// How many orders were listed.
    pub orders: u32,
    /// How many events it led to.
    pub found: u32,
    /// How many orders could not be read, so that no event reports them. A release before 0.2 did not count them: 0.
    #[serde(default)]
    pub unreadable: u32,
}

impl Inbox<'_> {
    /// Changes the counts; returns them.
    pub(super) fn count(&mut self, change: impl FnOnce(&mut Counts)) -> Counts {
        let mut counts: Counts = self.store.get(key::COUNTS).unwrap_or_default();
        change(&mut counts);
        self.store.put(key::COUNTS, &counts);
        counts
    }

    pub(super) fn state_reply(&self, status: u16, company_id: Id) -> Reply {
        Reply::json(status, &self.state(company_id))
    }

    fn state(&self, company_id: Id) -> PracticeState {
        let registration = self.practice.as_ref().map(|practice| &practice.registration);
        let token: Option<Token> = self.store.get(key::TOKEN);
        let work = self.work();
        let waiting: u64 = work.iter().map(|(_, work)| work.notifications).sum();
        let oldest = work.iter().map(|(_, work)| work.since).min();
        let mut counts: Counts = self.store.get(key::COUNTS).unwrap_or_default();
        counts.notifications += waiting;
        let (pending, parked) = if registration.is_some() { (work.len(), 0) } else { (0, work.len()) };
        let reconciliation = self.reconciliation();
        let is_useless = reconciliation.as_ref().is_some_and(|list| list.useless >= USELESS_FOR_GOOD);
        let consumer = registration.and_then(|registration| registration.deliver_to.as_ref());
        PracticeState {
            company_id,
            registered: registration.is_some(),
            endpoints: registration.map(|registration| Endpoints {
                v2: registration.base_url.clone(),
                v3: registration.v3_base_url.clone(),
            }),
            deliver_to: consumer.map(|consumer| DeliversTo { url: origin(&consumer.url).to_owned() }),
            refresh: registration.is_some_and(|registration| registration.refresh.is_some()),
            attention: token.and_then(|token| token.attention).or(is_useless.then_some(Attention::ListUnreadable)),
            pending,
            parked,
            oldest_pending_at: oldest.map(rfc3339),
            lag_ms: oldest.map_or(0, |oldest| (self.now - oldest).max(0)),
            pending_deliveries: self.store.count(key::DELIVER, usize::MAX),
            failed_deliveries: self.store.count(key::FAILED, usize::MAX),
            last_seq: counts.events,
            last_reconcile: reconciliation.and_then(|reconciliation| reconciliation.last),
            counts,
        }
    }
}

/// The beginning of a URL up to its path.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url.get(host..).and_then(|rest| rest.find(['/', '?'])).map_or(url.len(), |at| host + at);
    url.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn of_a_consumer_only_the_origin_is_shown() {
        for (url, shown) in [
            ("https://a.example/hooks/secret?key=k", "https://a.example"),
            ("https://a.example?key=k", "https://a.example"),
            ("http://[::1]:8787/x", "http://[::1]:8787"),
            ("https://a.example:8443", "https://a.example:8443"),
        ] {
            assert_eq!(origin(url), shown);
        }
    }
}
